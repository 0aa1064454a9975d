// Room for the text of the boot, zero at first: Swift's own lists are made on first use where nothing is
// optimised, and this is written before there is a heap.
    .section .bss.screen, "aw", %nobits
    .balign 64
    .global early_text
early_text:
    .skip   4096                        // EARLY_TEXT_ROOM in screen.h
    .global early_text_count
early_text_count:
    .skip   8
