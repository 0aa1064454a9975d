# The segment heap as a static library for C, for the host and for bare machines:
#   make libsegmentheap
#     build/libsegmentheap.a                         for programs of this machine
#     build/aarch64-none-none-elf/libsegmentheap.a   for bare metal: 64-bit ARM,
#     build/armv7em-none-none-eabi/libsegmentheap.a    Cortex-M4 and M7,
#     build/armv6m-none-none-eabi/libsegmentheap.a     Cortex-M0,
#     build/riscv32-none-none-eabi/libsegmentheap.a    32-bit RISC-V
#     build/include/segment_heap.h, .hpp             the headers of all, for C and for C++
#   make libsegmentheap LIBRARY_BARE=riscv64-none-none-eabi   for any other that the toolchain has
#   make libsegmentheap SIZE=1      build/small/...: as few bytes as may be, at the price of time
#   make libsegmentheap GRANULE=8   build/granule8/...: payloads at multiples of 8, where 32-bit machines have them anyway
# Makefile includes this file; `make -f kernel/SegmentHeapC/library.mk` does the same without it.
#
# The Heaps module is compiled first, for its interface only. Embedded Swift compiles what a
# module uses of another into its own object, so the one object of SegmentHeapC is the whole library
# and segment_heap_allocate() calls nothing on its usual way.

LIBRARY_HOST   := $(shell uname -m)-unknown-linux-gnu
LIBRARY_SWIFT  := $(dir $(shell readlink -f "$$(command -v swiftc)"))../lib/swift/embedded/Swift.swiftmodule
# As far as this toolchain has them.
LIBRARY_BARE   := $(foreach t,aarch64-none-none-elf armv7em-none-none-eabi armv6m-none-none-eabi \
    riscv32-none-none-eabi,$(if $(wildcard $(LIBRARY_SWIFT)/$(t).swiftmodule),$(t)))
LIBRARY_KIND   := $(if $(filter 8,$(GRANULE)),granule8/)$(if $(filter 1,$(SIZE)),small/)
LIBRARY_OUT    := build/$(LIBRARY_KIND)
LIBRARY_WORK   := build/library/$(LIBRARY_KIND)
LIBRARY_HEAPS  := $(shell find kernel/Heaps -name '*.swift' | sort)
LIBRARY_C      := $(sort $(wildcard kernel/SegmentHeapC/*.swift))
LIBRARY_HEADER := kernel/SegmentHeapC/include

# Whoever reads or writes a word that is not aligned may be stopped on these.
LIBRARY_ALIGN_aarch64 := -Xcc -mstrict-align
LIBRARY_ALIGN_armv7em := -Xcc -mno-unaligned-access

# early-codemotion loses stores in Swift 6.3.1: docs/architecture.md.
LIBRARY_COMPILE = swiftc $(if $(filter 1,$(SIZE)),-Osize,-O) -wmo -parse-as-library -swift-version 6 \
    -strict-memory-safety -warnings-as-errors -enable-experimental-feature Embedded \
    -Xfrontend -function-sections -Xllvm -sil-disable-pass=early-codemotion \
    $(if $(filter 8,$(GRANULE)),-D Granule8) $(if $(filter 1,$(SIZE)),-D SmallSegmentHeap) -target $(1) $(LIBRARY_ALIGN_$(firstword $(subst -, ,$(1))))

# SIZE=1: the sources ask for code to be copied into its callers, and kept out of them, where that saves time.
# Without that the compiler decides.
LIBRARY_SOURCES := $(LIBRARY_HEAPS)
ifeq ($(SIZE),1)
LIBRARY_SOURCES := $(addprefix $(LIBRARY_WORK)sources/,$(notdir $(LIBRARY_HEAPS)))
endif

# What the header declares is kept, and what that calls. Embedded Swift adds its runtime to every object; nothing
# here allocates or counts references, so none of it is used, and without it the library needs no malloc.
LIBRARY_PAREN := (
LIBRARY_KEEP  := $(shell grep -oE '\bsegment_heap_[a-z_]+[$(LIBRARY_PAREN)]' $(LIBRARY_HEADER)/segment_heap.h | \
    tr -d '$(LIBRARY_PAREN)' | sort -u)
# What the compiler marks as used, and nobody does.
LIBRARY_DROP  := .swift_modhash .swift1_autolink_entries .linker-options $(foreach s,text._swift_exceptionPersonality,\
    .$(s) .ARM.exidx.$(s) .rel.ARM.exidx.$(s))
LIBRARY_ARCHIVES := $(LIBRARY_OUT)libsegmentheap.a $(foreach t,$(LIBRARY_BARE),$(LIBRARY_OUT)$(t)/libsegmentheap.a)

# What is left undefined must be what every C environment has: four functions, on 32-bit ARM under their names there
# and with one that counts zeros.
LIBRARY_NEEDS := memcpy|memmove|memset|memcmp|__aeabi_mem(cpy|move|set|clr)[48]?|__clzsi2

.PHONY: libsegmentheap
libsegmentheap: $(LIBRARY_ARCHIVES) build/include/segment_heap.h build/include/segment_heap.hpp ## the heap for C: build/libsegmentheap.a (SIZE=1 GRANULE=8)

$(LIBRARY_OUT)libsegmentheap.a: $(LIBRARY_WORK)$(LIBRARY_HOST)/segment_heap.o
$(LIBRARY_OUT)%/libsegmentheap.a: $(LIBRARY_WORK)%/segment_heap.o ; $(LIBRARY_ARCHIVE)
$(LIBRARY_OUT)libsegmentheap.a: ; $(LIBRARY_ARCHIVE)
define LIBRARY_ARCHIVE
@mkdir -p $(@D)
@rm -f $@
@llvm-ar crs $@ $<
@echo 'roost: $@'
endef

$(LIBRARY_WORK)%/segment_heap.o: $(LIBRARY_WORK)%/SegmentHeapC.o kernel/SegmentHeapC/library.mk
	@ld.lld -r --gc-sections $(addprefix -u ,$(LIBRARY_KEEP)) $< -o $@
	@llvm-objcopy $(addprefix --keep-global-symbol=,$(LIBRARY_KEEP)) \
	    $(addprefix -R ,$(LIBRARY_DROP)) $@
	@llvm-objcopy --strip-unneeded $@
	@needs=$$(llvm-nm -u $@ | awk '$$2 !~ /^($(LIBRARY_NEEDS))$$/ { print $$2 }'); \
	if [ -n "$$needs" ]; then echo "roost: $@ needs" $$needs >&2; rm -f $@; exit 1; fi

$(LIBRARY_WORK)%/SegmentHeapC.o: $(LIBRARY_WORK)%/Heaps.swiftmodule $(LIBRARY_C) $(wildcard $(LIBRARY_HEADER)/*)
	@$(call LIBRARY_COMPILE,$*) -module-name SegmentHeapC -I $(@D) -I $(LIBRARY_HEADER) \
	    -c $(LIBRARY_C) -o $@

$(LIBRARY_WORK)%/Heaps.swiftmodule: $(LIBRARY_SOURCES) kernel/SegmentHeapC/library.mk
	@mkdir -p $(@D)
	@$(call LIBRARY_COMPILE,$*) -module-name Heaps -emit-module -emit-module-path $@ $(LIBRARY_SOURCES)
	@touch $@ # a module that says the same as before is not written anew

vpath %.swift $(sort $(dir $(LIBRARY_HEAPS)))
$(LIBRARY_WORK)sources/%.swift: %.swift
	@mkdir -p $(@D)
	@sed 's/@inline(\(__always\|never\)) *//' $< >$@

build/include/%: $(LIBRARY_HEADER)/%
	@mkdir -p $(@D)
	@cp $< $@

.PRECIOUS: $(LIBRARY_WORK)%/Heaps.swiftmodule $(LIBRARY_WORK)%/SegmentHeapC.o $(LIBRARY_WORK)%/segment_heap.o \
    $(LIBRARY_WORK)sources/%.swift

include kernel/SegmentHeapC/package/install.mk
