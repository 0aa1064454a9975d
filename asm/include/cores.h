// What belongs to one core each, and how the other cores are started (cores.S, interrupts.S).
#pragma once
#include <stddef.h>
#include <stdint.h>

#define CORE_COUNT 4

// One core's data. TPIDR_EL1 points to it, so that the vectors find their stacks.
// Two cache lines of its own.
struct core_data {
  uint64_t number;
  uint64_t stack_top;               // what core_main runs on
  uint64_t interrupt_stack_top;
  uint64_t fault_stack_top;
  uint64_t nested_fault_stack_top;
  uint64_t fault_depth;             // how many exceptions are being reported
  uint64_t fault_scratch[2];        // x1 and the vector's number, on the way in
  uint64_t state;                   // enum core_state
  uint64_t stopped_elr;             // where the core was when it was stopped, and its frame
  uint64_t stopped_frame;
  uint64_t held_locks;              // ranks, a bit each; debug builds only
  uint64_t timer_deadline;          // the count at which its next tick is due
  uint64_t skipped_ticks;           // of its timer
  uint64_t spurious_interrupts;     // nothing was pending when it looked
  uint64_t reserved;
};
_Static_assert(sizeof(struct core_data) == 128, "cores.S: CORE_DATA_SHIFT");
_Static_assert(offsetof(struct core_data, interrupt_stack_top) == 16, "percore.h");
_Static_assert(offsetof(struct core_data, fault_stack_top) == 24, "percore.h");
_Static_assert(offsetof(struct core_data, nested_fault_stack_top) == 32, "percore.h");
_Static_assert(offsetof(struct core_data, fault_depth) == 40, "percore.h");
_Static_assert(offsetof(struct core_data, fault_scratch) == 48, "percore.h");
_Static_assert(offsetof(struct core_data, state) == 64, "percore.h");
_Static_assert(offsetof(struct core_data, stopped_elr) == 72, "percore.h");

extern struct core_data core_data[CORE_COUNT];

static inline struct core_data *_Nonnull core_data_of(uintptr_t number) {
  return &core_data[number & (CORE_COUNT - 1)];
}

// The state word, with acquire and release: it is what hands the rest over.
static inline uint64_t load_core_state(uintptr_t number) {
  return __atomic_load_n(&core_data[number & (CORE_COUNT - 1)].state, __ATOMIC_ACQUIRE);
}
static inline void store_core_state(uintptr_t number, uint64_t state) {
  __atomic_store_n(&core_data[number & (CORE_COUNT - 1)].state, state, __ATOMIC_RELEASE);
}
// Changes the state if it is `from`. Out: whether it was.
static inline _Bool exchange_core_state(uintptr_t number, uint64_t from, uint64_t to) {
  return __atomic_compare_exchange_n(
      &core_data[number & (CORE_COUNT - 1)].state, &from, to, 0, __ATOMIC_ACQ_REL,
      __ATOMIC_ACQUIRE);
}

// Text on its way to the console: text[sent..<count], in room that interrupts.S keeps.
struct console_text {
  uint64_t count;
  uint64_t sent;
  uint64_t lost;
  uint8_t text[];
};
#define CONSOLE_LINE_ROOM   232
#define CONSOLE_DEFERRED_ROOM 1000
extern uint8_t console_lines[CORE_COUNT * (24 + CONSOLE_LINE_ROOM)];
extern uint8_t console_deferred[24 + CONSOLE_DEFERRED_ROOM];

// What a core has written of a line that is not at the port yet.
static inline struct console_text *_Nonnull console_line_of(uintptr_t number) {
  return (struct console_text *)&console_lines[(number & (CORE_COUNT - 1)) * 256];
}
// What handlers and other cores have to say, until the line at the port is whole.
static inline struct console_text *_Nonnull console_deferred_text(void) {
  return (struct console_text *)console_deferred;
}
// Puts a byte behind the last, and reads one. Nothing is checked.
static inline void append_text(struct console_text *_Nonnull text, uint8_t byte) {
  text->text[text->count++] = byte;
}
static inline uint8_t text_byte(const struct console_text *_Nonnull text, uint64_t index) {
  return text->text[index];
}

// The processor at an interrupt, as interrupts.S stores it on the interrupt stack.
struct interrupt_frame {
  uint64_t x[31];
  uint64_t sp;
  uint64_t elr;
  uint64_t spsr;
  uint64_t fpsr;
  uint64_t fpcr;
  uint64_t simd[64];   // q0 to q31
  uint64_t record[2];  // x29 and ELR once more: a frame record, for backtraces
};
_Static_assert(sizeof(struct interrupt_frame) == 816, "interrupts.S: FRAME_SIZE");
_Static_assert(offsetof(struct interrupt_frame, simd) == 288, "interrupts.S");

// The registers with which the other cores turn their MMU on. Filled from this core's own, and
// cleaned to memory: they are read with the caches off. Clobbers: x0-x4
void publish_core_registers(void);

// Hands `entry` to a core that waits in the firmware's spin table, and wakes it: the store, cleaned to
// the point of coherency, then sev. In: x0 = the slot's address, x1 = entry. Clobbers: x2
void write_spin_table(uintptr_t slot, uintptr_t entry);

// Where the other cores enter.
extern char secondary_start[];
static inline uintptr_t secondary_entry(void) { return (uintptr_t)secondary_start; }

// Set before a FIQ or IRQ is sent to the other cores: it means that they shall stop.
extern uint64_t stop_requested;
static inline void request_stop(void) {
  __atomic_store_n(&stop_requested, 1, __ATOMIC_SEQ_CST);
}

static inline _Bool is_stop_requested(void) {
  return __atomic_load_n(&stop_requested, __ATOMIC_RELAXED) != 0;
}
// Stops this core as that FIQ would (interrupts.S), unless it makes the report. Clobbers: x0-x3
void stop_when_asked(void);

// Memory for the kernel's locks, zero at boot: a line of 64 bytes each.
extern char kernel_locks[];
static inline const void *_Nonnull kernel_lock_words(uintptr_t index) {
  return kernel_locks + 64 * index;
}

// A word that cores hand to each other: 0 is nothing. What was written before put is seen after take.
// Out: whether there was room.
static inline _Bool put_word(uint64_t *_Nonnull word, uint64_t value) {
  uint64_t expected = 0;
  return __atomic_compare_exchange_n(
      word, &expected, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}
static inline uint64_t take_word(uint64_t *_Nonnull word) {
  return __atomic_exchange_n(word, 0, __ATOMIC_ACQ_REL);
}
static inline uint64_t peek_word(const uint64_t *_Nonnull word) {
  return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

// Adds to a word that other cores add to.
static inline void add_word(uint64_t *_Nonnull word, uint64_t value) {
  __atomic_fetch_add(word, value, __ATOMIC_RELAXED);
}

// The first core that has something to report gets 0; any later call the `who` of the first.
extern uint64_t reporting_core;
static inline uint64_t claim_report(uint64_t who) {
  return put_word(&reporting_core, who) ? 0 : peek_word(&reporting_core);
}
