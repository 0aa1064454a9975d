// What asm/ and linker.ld define, as Swift sees it.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Memory routines (memory.S).
void bzero(void *_Nullable pointer, size_t size);
void *_Nonnull memset(void *_Nonnull pointer, int value, size_t size);
void *_Nonnull memcpy(void *_Nonnull to, const void *_Nonnull from, size_t size);
void *_Nonnull memmove(void *_Nonnull to, const void *_Nonnull from, size_t size);
int memcmp(const void *_Nonnull a, const void *_Nonnull b, size_t size);

// The kernel heap under its C names (runtime.S; the work is done by KernelHeap).
void *_Nullable kmalloc(size_t size);
void kfree(void *_Nullable payload);

// Ends of the machine (runtime.S).
_Noreturn void halt_core(void);
_Noreturn void semihosting_exit(uint64_t status);

// 128 bits as C passes and returns them.
struct word_pair {
  uint64_t low, high;
};

// System registers (runtime.S).
uint64_t read_sctlr(void);
void write_sctlr(uint64_t value);
uint64_t read_midr(void);
uint64_t read_cpuectlr(void);  // of a Cortex-A53 or A72: bit 6 is SMPEN
uint64_t read_counter(void);
uint64_t read_cntfrq(void);  // as the firmware left it: waits go by timer_frequency
void start_cycle_counter(void);
uint64_t read_cycle_counter(void);
// The frame of the function that calls this: its x29.
uintptr_t read_frame_pointer(void);

// Translation tables (paging.S). The first six are TranslationMaintenance in Swift.
void publish_table_stores(void);
void invalidate_leaf(uintptr_t address);
void invalidate_walk(uintptr_t address);
void invalidate_all_translations(void);
void await_invalidation(void);
void synchronize_context(void);
uint64_t read_tcr(void);
uint64_t translate_address(uintptr_t address);

// What a core needs to run on a map. The same for every core.
struct translation_registers {
  uint64_t mair, tcr, ttbr0, ttbr1, sctlr;
};
void switch_translation(const struct translation_registers *_Nonnull registers);

// Where this is called: for code that asks the heap on a person's behalf.
__attribute__((noinline)) static uintptr_t code_address(void) {
  return (uintptr_t)__builtin_return_address(0);
}

// Deliberate faults (traps.S), for `panic KIND`.
void trap_undefined(void);
void trap_read(uintptr_t address);
void trap_write(uintptr_t address);
void trap_overwrite(void *_Nullable start, size_t size);
void trap_jump(uintptr_t address);

// The processor at an exception, as vectors.S stores it.
struct fault_frame {
  uint64_t x[31];
  uint64_t sp;
  uint64_t elr;
  uint64_t spsr;
  uint64_t esr;
  uint64_t far;
  uint64_t vector;  // 0 to 15, ARM ARM D1.10.2
  uint64_t sctlr;
  uint64_t simd[64];  // room for v0 to v31: not saved while no exception returns
};
_Static_assert(offsetof(struct fault_frame, sp) == 248, "vectors.S: FRAME_SP");
_Static_assert(sizeof(struct fault_frame) == 816, "vectors.S: FRAME_SIZE");

// Where things lie (linker.ld). Only the addresses of these mean anything.
extern char __image_start[], __text_end[], __rodata_end[], __data_end[], __end[];
extern char __boot_stack_guard[], __boot_stack_bottom[], __boot_stack_top[];
extern char __fault_stack_bottom[], __fault_stack_top[];
extern char __stacks_start[];
extern char __shared_start[], __shared_end[];
extern char __build_id[], __names_start[], __names_end[];
extern char mailbox_buffer[];  // 256 bytes for questions to the VideoCore (mmu.S)

static inline uintptr_t image_start(void) { return (uintptr_t)__image_start; }
static inline uintptr_t text_end(void) { return (uintptr_t)__text_end; }
static inline uintptr_t rodata_end(void) { return (uintptr_t)__rodata_end; }
static inline uintptr_t names_start(void) { return (uintptr_t)__names_start; }
static inline uintptr_t names_end(void) { return (uintptr_t)__names_end; }
// An ELF note: sizes of name and contents, type, "GNU", contents.
static inline uintptr_t build_id_note(void) { return (uintptr_t)__build_id; }
static inline uintptr_t data_end(void) { return (uintptr_t)__data_end; }
static inline uintptr_t stacks_start(void) { return (uintptr_t)__stacks_start; }
static inline uintptr_t image_end(void) { return (uintptr_t)__end; }
static inline uintptr_t boot_stack_guard(void) { return (uintptr_t)__boot_stack_guard; }
static inline uintptr_t boot_stack_bottom(void) { return (uintptr_t)__boot_stack_bottom; }
static inline uintptr_t boot_stack_top(void) { return (uintptr_t)__boot_stack_top; }
static inline uintptr_t mailbox_buffer_start(void) { return (uintptr_t)mailbox_buffer; }
static inline uintptr_t shared_start(void) { return (uintptr_t)__shared_start; }
static inline uintptr_t shared_end(void) { return (uintptr_t)__shared_end; }
static inline uintptr_t fault_stack_bottom(void) { return (uintptr_t)__fault_stack_bottom; }
static inline uintptr_t fault_stack_top(void) { return (uintptr_t)__fault_stack_top; }

// Which row of boards.S this board has: Board.Family (start.S). On a host, where tests name their boards,
// there is none.
extern uint64_t boot_board_family;
static inline uint64_t board_family(void) {
#if defined(__aarch64__) && !defined(__linux__) && !defined(__APPLE__)
  return boot_board_family;
#else
  return 0;
#endif
}

// The ACT LED's pin on boards of this type in the revision code; 0 for a type that is not in the table (boards.S).
extern const uint8_t led_pins[];
static inline uint8_t led_pin(uint32_t type) {
#if defined(__aarch64__) && !defined(__linux__) && !defined(__APPLE__)
  const uint8_t *pair = led_pins;
  while (pair[0] != 0 && pair[0] != type) pair += 2;
  return pair[1];
#else
  (void)type;
  return 0;
#endif
}

// Runs the program that is linked with the kernel, on this core; 0 when there is none. `main` of its Swift.
extern int program_main(int, char *_Nullable *_Nullable) __attribute__((weak));
static inline int run_program(void) {
#if defined(__aarch64__) && !defined(__linux__) && !defined(__APPLE__)
  if (!program_main) return 0;
  program_main(0, 0);
  return 1;
#else
  return 0;
#endif
}

// How the firmware entered: the exception level, and x0.
extern uint64_t boot_entry[2];
static inline uint64_t entry_level(void) { return boot_entry[0]; }
static inline uint64_t entry_x0(void) { return boot_entry[1]; }

// The end of the memory that the boot map calls normal (start.S).
extern uint64_t boot_memory_end;
static inline uint64_t mapped_memory_end(void) { return boot_memory_end; }
