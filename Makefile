# Roost: `make` lists what there is.
#
# Tools: the Swift 6.3 toolchain compiles, assembles (clang) and links (ld.lld, llvm-objcopy). Only QEMU
# and mtools come from elsewhere; `make qemu` and `make test` install QEMU where apt-get can.

CONFIGURATION ?= release
STRICT_ALIGN  ?=
TASKS         ?=
QEMU          ?= qemu-system-aarch64
QEMU_FLAGS    ?=
# Any of the emulator's boards that the kernel knows: raspi3b, raspi3ap and, from QEMU 9.0 on, raspi4b.
MACHINE       ?= raspi3b
APPEND        ?=
INITRD        ?=
FIRMWARE      ?=
OPERATIONS    ?= 5000
# A folder of Swift files, wherever it is: a program of one's own, which the kernel runs.
PROGRAM       ?=
export APPEND INITRD FIRMWARE PROGRAM

ifneq ($(filter-out debug release,$(CONFIGURATION)),)
  $(error roost: CONFIGURATION=$(CONFIGURATION) is neither release nor debug)
endif

ifneq ($(word 2,$(PROGRAM)),)
  $(error roost: PROGRAM=$(PROGRAM): a path with blanks, which make cannot have)
endif

# build/, build/debug/, build/strict/, build/tasks/ and so on: the kernels never mix.
BUILD  := build$(if $(TASKS),/tasks)$(if $(filter debug,$(CONFIGURATION)),/debug)$(if $(STRICT_ALIGN),/strict)$(if $(PROGRAM),/program/$(notdir $(abspath $(PROGRAM))))
TRIPLE := aarch64-none-none-elf

# Swift 6.3.1 fails where it describes the variables of async functions to a debugger ("Entry values are only
# allowed in MIR"): kernels with tasks have lines only.
SCRATCH     := build/swift$(if $(TASKS),-tasks)
# Colours follow the terminal otherwise, and a flag that changes compiles everything again.
SWIFT_BUILD := $(if $(TASKS),ROOST_TASKS=1) swift build --no-color-diagnostics --scratch-path $(SCRATCH) --triple $(TRIPLE) \
    --toolset boot/toolset.json -c $(CONFIGURATION) --product Kernel \
    $(if $(TASKS),-Xswiftc -gline-tables-only)
KERNEL      := $(SCRATCH)/$(TRIPLE)/$(CONFIGURATION)/libKernel.a
# The toolchain's own folder, whatever `swiftc` is: a link to it, or a version manager's proxy.
RESOURCES    = $(shell swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
# The tables that String's == and .count need.
UNICODE      = $(RESOURCES)/embedded/$(TRIPLE)/libswiftUnicodeDataTables.a

ASSEMBLE := clang --target=$(TRIPLE) -mcpu=cortex-a53 -Wall -Werror -g -Iasm -Iasm/include \
    $(if $(STRICT_ALIGN),-DSTRICT_ALIGN)
OBJECTS  := $(patsubst asm/%.S,$(BUILD)/asm/%.o,$(sort $(filter-out $(if $(TASKS),,asm/tasks.S),$(wildcard asm/*.S))))
PROGRAM_OBJECT := $(if $(PROGRAM),$(BUILD)/program.o)
LINK     := ld.lld --build-id=sha1 --fix-cortex-a53-843419 --gc-sections --orphan-handling=error --fatal-warnings -T linker.ld
SOURCES  := kernel boot examples Tests docs Package.swift

RUN = $(QEMU) -M $(MACHINE) -display none -kernel $(BUILD)/kernel8.img \
    $(if $(APPEND),-append "$$APPEND") $(if $(INITRD),-initrd "$$INITRD") \
    $(if $(findstring exit=semihosting,$(APPEND)),-semihosting) $(QEMU_FLAGS)

.PHONY: help build qemu test test-granule8 stress run-stress mutants fuzz bench load sdcard gdb docs format lint clean check-swift check-place need-qemu need-board-qemu install-qemu need-initrd need-firmware need-program kernel
.DELETE_ON_ERROR:

help: ## this list
	@echo 'make TARGET, where TARGET is'
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | \
	  awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'
	@echo 'Settings: CONFIGURATION=debug  STRICT_ALIGN=1  TASKS=1  QEMU=emulator  QEMU_FLAGS=flags'
	@echo "          MACHINE=raspi3b|raspi3ap|raspi4b  APPEND='kernel command line'  INITRD=file  SERIAL=port  PROGRAM=folder"

build: $(BUILD)/kernel8.img ## the kernel: build/kernel8.img, build/kernel8.elf (debug: build/debug/)

qemu: need-qemu need-initrd build ## the monitor in this terminal, under QEMU
	@echo 'roost: starting $(QEMU); ctrl-C goes to the monitor, ctrl-A X ends QEMU'
	@$(RUN) -serial mon:stdio

# Stand-ins for the firmware's stub.
build/armstub.bin build/armstub-old.bin: build/%.bin: Tests/armstub/armstub.S | check-swift
	@mkdir -p build
	@clang --target=$(TRIPLE) -mcpu=cortex-a53 -Wall -Werror $(if $(findstring old,$*),-DOLD_STUB) -c $< -o build/$*.o
	@llvm-objcopy -O binary -j .text build/$*.o $@

test: need-qemu need-board-qemu build/armstub.bin build/armstub-old.bin ## every test: builds the kernels, then host tests and boot tests
	@$(MAKE) --no-print-directory build CONFIGURATION=release STRICT_ALIGN= TASKS= PROGRAM=
	@for program in blink clock wordcount; do \
	  $(MAKE) --no-print-directory build CONFIGURATION=release STRICT_ALIGN= TASKS= PROGRAM=examples/$$program || exit; \
	done
	@$(MAKE) --no-print-directory build PROGRAM= CONFIGURATION=release STRICT_ALIGN=1 TASKS=
	@$(MAKE) --no-print-directory build PROGRAM= CONFIGURATION=debug STRICT_ALIGN= TASKS=
	@$(MAKE) --no-print-directory build PROGRAM= CONFIGURATION=release STRICT_ALIGN= TASKS=1
	QEMU='$(QEMU)' MACHINE='$(MACHINE)' swift test --no-color-diagnostics
	@$(MAKE) --no-print-directory test-granule8

test-granule8: check-swift ## the heap's tests once more, with payloads at multiples of 8 bytes
	ROOST_HEAPS_ALONE=1 swift test --no-color-diagnostics --traits Granule8 --scratch-path .build/granule8

stress: need-qemu build ## ten million operations of all cores on the heap, under QEMU
	@$(MAKE) --no-print-directory run-stress APPEND='heap=128K exit=semihosting run="stress 10000000 1; halt"'

run-stress:
	@$(RUN) -accel tcg,thread=single -serial stdio </dev/null

mutants: check-swift ## would the heap's tests notice a mistake? half an hour; SAMPLE=200 takes some
	@command -v python3 >/dev/null || { echo 'roost: python3 is missing; as root: apt-get install python3' >&2; exit 1; }
	Tests/mutants/run $(if $(SAMPLE),--sample $(SAMPLE) --seed $(or $(SEED),1))

fuzz: check-swift ## the heap's C functions on made-up calls, address sanitizer; SECONDS=600
	Tests/heap-fuzz/run $(or $(SECONDS),600)

bench: need-qemu build ## the allocators side by side: on the host in time, on the board in instructions
	swift run -c release heap-bench
	@echo 'on the board, one cycle an instruction:'
	@$(QEMU) -M $(MACHINE) -display none -serial stdio -kernel $(BUILD)/kernel8.img -icount shift=0 -semihosting \
	  -append 'heap=16M exit=semihosting run="bench $(OPERATIONS); halt"' </dev/null | tr -d '\r' | \
	  sed -n '/^roost> bench/,/^roost> halt/{/^roost>/!p}'

load: build ## sends the kernel over SERIAL=/dev/ttyUSB0 to the monitor's load, then is its terminal
	@swift run -c release --quiet serial-load $(LOAD_FLAGS) $(BUILD)/kernel8.img $(if $(SERIAL),'$(SERIAL)')

sdcard: need-firmware build ## build/sdcard/, the files of a card; FIRMWARE=FOLDER: also build/roost.img; APPEND=
	@rm -rf build/sdcard build/roost.img
	@mkdir -p build/sdcard
	@cp $(BUILD)/kernel8.img boot/sdcard/config.txt boot/sdcard/README.txt build/sdcard/
	@$(if $(APPEND),printf '%s\n' "$$APPEND" >build/sdcard/cmdline.txt)
	@echo 'roost: build/sdcard/ is ready; build/sdcard/README.txt says what goes beside it'
	@$(if $(FIRMWARE),boot/sdcard/make-image.sh "$$FIRMWARE" build/sdcard build/roost.img)

gdb: need-qemu need-initrd build ## QEMU stopped before the first instruction, waiting for a debugger
	@echo 'roost: waiting on port 1234; in another terminal one of'
	@echo "  lldb $(BUILD)/kernel8.elf -o 'gdb-remote localhost:1234' -o 'target modules load --file kernel8.elf --slide 0'"
	@echo "  gdb-multiarch $(BUILD)/kernel8.elf -ex 'target remote localhost:1234'"
	@$(RUN) -serial mon:stdio -s -S

docs: check-swift ## the API pages of the libraries, in build/docs/
	@boot/make-docs.sh build/docs

format: check-swift ## lays the Swift sources out
	swift format -i -r $(SOURCES)

lint: check-swift ## fails where a Swift source is not laid out as `make format` does it
	swift format lint --strict -r $(SOURCES)

clean: ## removes what was built
	rm -rf build .build

# SwiftPM knows what of the Swift side is out of date, so it is asked each time. It adds to the archive that is there:
# the objects of a source that is gone would stay in it, and be linked.
LIST_SOURCES := find kernel boot -name '*.swift' | LC_ALL=C sort
kernel: check-swift check-place
	@$(LIST_SOURCES) | cmp -s - $(KERNEL).sources || rm -f $(KERNEL)
	@$(SWIFT_BUILD)
	@$(LIST_SOURCES) >$(KERNEL).sources
$(KERNEL): kernel ;

$(BUILD)/asm/%.o: asm/%.S $(wildcard asm/*.h asm/include/*.h) Makefile | check-swift
	@mkdir -p $(@D)
	@$(ASSEMBLE) -c $< -o $@

$(BUILD)/program.o: $(KERNEL) $(wildcard $(PROGRAM)/*.swift) boot/compile-program.sh | need-program
	@mkdir -p $(@D)
	@boot/compile-program.sh $@ $(dir $(KERNEL))Modules "$$PROGRAM" $(if $(filter debug,$(CONFIGURATION)),-Onone,-O) \
	    $(if $(TASKS),-gline-tables-only -D TASKS)

$(BUILD)/kernel8.elf: $(OBJECTS) $(KERNEL) $(PROGRAM_OBJECT) linker.ld boot/link-with-names.sh boot/make-names.sh
	@$(if $(TASKS),Tests/task-layout/check.sh $(dir $(KERNEL))Modules)
	@$(if $(TASKS),$(if $(filter debug,$(CONFIGURATION)),NAMES_LIMIT=131072)) boot/link-with-names.sh $@ $(LINK) $(OBJECTS) $(PROGRAM_OBJECT) $(KERNEL) $(UNICODE)

$(BUILD)/kernel8.img: $(BUILD)/kernel8.elf
	@llvm-objcopy -O binary $< $@
	@echo "roost: $@ ($$(stat -c %s $@) bytes)"

# What SwiftPM built knows the folder's name: a copied or renamed tree starts afresh.
check-place:
	@mkdir -p build
	@place=$$(cat build/place 2>/dev/null || pwd); \
	if [ "$$place" != "$$(pwd)" ]; then \
	  echo "roost: this tree was built in $$place: building afresh"; rm -rf build/swift* .build; \
	fi; pwd >build/place

check-swift:
	@found=$$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1); \
	case "$$found" in 6.3|6.3.*) ;; \
	*) echo "roost: needs Swift 6.3, found $${found:-none}: https://www.swift.org/install" >&2; exit 1 ;; esac

# Only the usual emulator is installed; one that QEMU= names must be there.
need-qemu:
	@command -v '$(QEMU)' >/dev/null || $(MAKE) --no-print-directory install-qemu
	@'$(QEMU)' -M help | grep -q '^$(MACHINE) ' || { \
	  echo "roost: $(QEMU) has no machine $(MACHINE); it has" \
	    $$('$(QEMU)' -M help | sed -n 's/^\(raspi3b\|raspi3ap\|raspi4b\) .*/\1/p') \
	    "(raspi4b came with QEMU 9.0)" >&2; exit 1; }

# For the heap on other boards: without it, their tests are left out.
need-board-qemu:
	@command -v qemu-system-riscv32 >/dev/null || $(MAKE) --no-print-directory install-qemu PACKAGE=qemu-system-misc || true

install-qemu: PACKAGE = qemu-system-arm
install-qemu:
	@\
	if [ '$(QEMU)' != qemu-system-aarch64 ]; then echo 'roost: QEMU=$(QEMU) not found' >&2; exit 1; fi; \
	root=; [ "$$(id -u)" = 0 ] || root='sudo'; \
	if command -v apt-get >/dev/null && { [ -z "$$root" ] || command -v sudo >/dev/null; }; then \
	  echo 'roost: installing $(PACKAGE)' >&2; \
	  { $$root apt-get update -q && \
	    $$root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $(PACKAGE); } \
	    >&2 && exit 0; \
	fi; \
	echo 'roost: QEMU is missing; as root: apt-get install $(PACKAGE)' >&2; exit 1

need-initrd:
	@[ -z "$$INITRD" ] || [ -f "$$INITRD" ] || { echo "roost: INITRD=$$INITRD is not a file" >&2; exit 1; }

need-program:
	@ls "$$PROGRAM"/*.swift >/dev/null 2>&1 || { \
	  echo "roost: PROGRAM=$$PROGRAM: no folder with Swift files" >&2; exit 1; }

need-firmware:
	@[ -z "$$FIRMWARE" ] || boot/sdcard/make-image.sh "$$FIRMWARE"

include kernel/SegmentHeapC/library.mk
$(foreach triple,$(LIBRARY_HOST) $(LIBRARY_BARE),build/library/$(triple)/Heaps.swiftmodule): | check-swift
