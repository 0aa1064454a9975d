// What the translation hardware is told by instruction only. kernel/Memory/Paging decides when.

    .text

// The six instructions of TranslationMaintenance, one a routine: calls that the compiler cannot see
// into, so that it moves no store to a table across them. ARM ARM D5.10 (TLB maintenance), C5.5.

// void publish_table_stores(void): what was stored to tables is visible to the walkers of all cores.
    .global publish_table_stores
publish_table_stores:
    dsb     ishst
    ret

// void invalidate_leaf(uintptr_t address), void invalidate_walk(uintptr_t address): on all cores, for
// every ASID. The operand is the page number; its bits above 43 are reserved.
// In: x0 = virtual address. Clobbers: x0
    .global invalidate_leaf
invalidate_leaf:
    ubfx    x0, x0, #12, #44
    tlbi    vaale1is, x0
    ret

    .global invalidate_walk
invalidate_walk:
    ubfx    x0, x0, #12, #44
    tlbi    vaae1is, x0
    ret

// void invalidate_all_translations(void): on all cores.
    .global invalidate_all_translations
invalidate_all_translations:
    tlbi    vmalle1is
    ret

// void await_invalidation(void): the invalidations so far are complete on all cores.
    .global await_invalidation
await_invalidation:
    dsb     ish
    ret

// void synchronize_context(void)
    .global synchronize_context
synchronize_context:
    isb
    ret

// uint64_t read_tcr(void)
    .global read_tcr
read_tcr:
    mrs     x0, tcr_el1
    ret

// uint64_t translate_address(uintptr_t): PAR_EL1 as the hardware answers for a read at EL1 (AT S1E1R).
// In: x0 = virtual address. Out: x0 = PAR_EL1; bit 0 set: it faults
    .global translate_address
translate_address:
    at      s1e1r, x0
    isb
    mrs     x0, par_el1
    ret

// void switch_translation(const struct translation_registers *): this core goes from one map to another
// that agrees with it about nothing but where this code lies.
//
// Entries of both maps must not meet in the TLB (D5.10.1, break-before-make), and the tables of one must
// not be walked with the TCR of the other. So there is a moment with neither: MMU off, nothing cached in
// the TLB, MMU on. Why that is sound:
// - This text is mapped at its own address in both maps, so the next instruction is where it was.
// - While the MMU is off, data accesses are Device and pass the caches by: what a dirty line holds would
//   not be seen. So between the two writes to SCTLR_EL1 there is none: everything is in registers before,
//   no stack, no literal pool, and an interrupt or fault would need memory, so they are masked.
// - Instruction fetches are then Normal, cacheable in the instruction cache (D5.2.9, SCTLR_EL1.I). The
//   text was cleaned to memory by the firmware and never written since.
// - Walks are cacheable (TCR_EL1.IRGN, ORGN, SH): the first walk finds the new tables in the data cache.
//
// In: x0 = the registers. Out: nothing. Clobbers: x1-x7. Interrupts come out as they were.
    .balign 64
    .global switch_translation
switch_translation:
    ldp     x1, x2, [x0]                // MAIR, TCR
    ldp     x3, x4, [x0, #16]           // TTBR0, TTBR1
    ldr     x5, [x0, #32]               // SCTLR, MMU on
    bic     x6, x5, #1                  // the same with the MMU off
    mrs     x7, daif
    msr     daifset, #0xf
    dsb     ish                         // stores to the new tables are complete
    msr     sctlr_el1, x6
    isb
    tlbi    vmalle1                     // this core's: others may run on the old map
    dsb     nsh
    msr     mair_el1, x1
    msr     tcr_el1, x2
    msr     ttbr0_el1, x3
    msr     ttbr1_el1, x4
    isb                                 // all of that before the first walk
    msr     sctlr_el1, x5
    isb
    msr     daif, x7
    ret
