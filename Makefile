.PHONY: build
build:
	swift build --scratch-path build/swift --triple aarch64-none-none-elf --toolset boot/toolset.json -c release --product Kernel
	mkdir -p build/asm
	for f in start early mmu memory vectors runtime traps; do clang --target=aarch64-none-none-elf -mcpu=cortex-a53 -Iasm -Iasm/include -g -c asm/$$f.S -o build/asm/$$f.o || exit 1; done
	ld.lld -T linker.ld --gc-sections -o build/kernel8.elf build/asm/*.o build/swift/aarch64-none-none-elf/release/libKernel.a /opt/swift/usr/lib/swift/embedded/aarch64-none-none-elf/libswiftUnicodeDataTables.a --orphan-handling=error
	llvm-objcopy -O binary build/kernel8.elf build/kernel8.img
