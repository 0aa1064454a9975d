# The segment heap as a static library for C, for the host and for a bare AArch64 machine:
#   make libsegmentheap
#     build/libsegmentheap.a                        for programs of this machine
#     build/aarch64-none-none-elf/libsegmentheap.a  for bare metal
#     build/include/segment_heap.h, .hpp            the headers of both, for C and for C++
# Makefile includes this file; `make -f kernel/SegmentHeapC/library.mk` does the same without it.
#
# The Heaps module is compiled first, for its interface only. Embedded Swift compiles what a
# module uses of another into its own object, so the one object of SegmentHeapC is the whole library
# and segment_heap_allocate() calls nothing on its usual way.

LIBRARY_HOST   := $(shell uname -m)-unknown-linux-gnu
LIBRARY_BARE   := aarch64-none-none-elf
LIBRARY_HEAPS  := $(shell find kernel/Heaps -name '*.swift' | sort)
LIBRARY_C      := $(sort $(wildcard kernel/SegmentHeapC/*.swift))
LIBRARY_HEADER := kernel/SegmentHeapC/include

# early-codemotion loses stores in Swift 6.3.1: docs/architecture.md.
LIBRARY_SWIFT = swiftc -O -wmo -parse-as-library -swift-version 6 -strict-memory-safety \
    -warnings-as-errors -enable-experimental-feature Embedded -Xfrontend -function-sections \
    -Xllvm -sil-disable-pass=early-codemotion \
    -target $(1) $(if $(filter $(LIBRARY_BARE),$(1)),-Xcc -mstrict-align)

# Embedded Swift adds its runtime to every object. Nothing here allocates or counts references, so
# none of it is used, and without it the library needs no malloc. Of the rest, only the functions
# of the header stay visible.
LIBRARY_STRIP := --wildcard --keep-global-symbol='segment_heap_*' \
    $(foreach s,.text.swift_* .text._swift_* .text..L__unnamed*,-R '$(s)' -R '.rela$(s)') \
    -R .swift_modhash -R .swift1_autolink_entries -R .linker-options

.PHONY: libsegmentheap
libsegmentheap: build/libsegmentheap.a build/$(LIBRARY_BARE)/libsegmentheap.a build/include/segment_heap.h build/include/segment_heap.hpp ## the heap for C: build/libsegmentheap.a

build/libsegmentheap.a: build/library/$(LIBRARY_HOST)/segment_heap.o
build/$(LIBRARY_BARE)/libsegmentheap.a: build/library/$(LIBRARY_BARE)/segment_heap.o
build/libsegmentheap.a build/$(LIBRARY_BARE)/libsegmentheap.a:
	@mkdir -p $(@D)
	@rm -f $@
	@llvm-ar crs $@ $<
	@echo 'roost: $@'

# What is left undefined must be what every C environment has.
build/library/%/segment_heap.o: build/library/%/SegmentHeapC.o
	@llvm-objcopy $(LIBRARY_STRIP) $< $@
	@llvm-objcopy --strip-unneeded $@
	@needs=$$(llvm-nm -u $@ | awk '!/ (memcpy|memmove|memset|memcmp)$$/ { print $$2 }'); \
	if [ -n "$$needs" ]; then echo "roost: $@ needs" $$needs >&2; rm -f $@; exit 1; fi

build/library/%/SegmentHeapC.o: build/library/%/Heaps.swiftmodule $(LIBRARY_C) $(wildcard $(LIBRARY_HEADER)/*)
	@$(call LIBRARY_SWIFT,$*) -module-name SegmentHeapC -I $(@D) -I $(LIBRARY_HEADER) \
	    -c $(LIBRARY_C) -o $@

build/library/%/Heaps.swiftmodule: $(LIBRARY_HEAPS) kernel/SegmentHeapC/library.mk
	@mkdir -p $(@D)
	@$(call LIBRARY_SWIFT,$*) -module-name Heaps -emit-module -emit-module-path $@ $(LIBRARY_HEAPS)

build/include/%: $(LIBRARY_HEADER)/%
	@mkdir -p $(@D)
	@cp $< $@

.PRECIOUS: build/library/%/Heaps.swiftmodule build/library/%/SegmentHeapC.o build/library/%/segment_heap.o

include kernel/SegmentHeapC/package/install.mk
