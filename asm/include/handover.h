// Going over to another kernel (handover.S).
#pragma once
#include <stddef.h>
#include <stdint.h>

#define COPIER_RUN_LIMIT 64

// A part of the image: copied with the caches off.
struct copier_run {
  uint64_t from;
  uint64_t to;
  uint64_t byte_count;  // a multiple of 16
};

// What the copier needs, in its page behind its code.
struct copier {
  uint64_t entry;
  uint64_t argument;  // x0 for the image
  uint64_t start;     // what is overwritten, and what the image clears behind it
  uint64_t end;
  uint64_t arrivals;  // a word a core, in page 0
  uint64_t cores;     // bit n: core n comes
  uint64_t run_count;
  uint64_t reserved;
  struct copier_run runs[COPIER_RUN_LIMIT];
};
_Static_assert(offsetof(struct copier, run_count) == 48, "handover.S");
_Static_assert(offsetof(struct copier, runs) == 64, "handover.S");

#define COPIER_DATA 512
_Static_assert(COPIER_DATA + sizeof(struct copier) <= 4096, "a page");

extern char copier_start[], copier_end[], waiting_start[], waiting_arrivals[], waiting_end[];
static inline uintptr_t copier_code(void) { return (uintptr_t)copier_start; }
static inline uintptr_t copier_code_end(void) { return (uintptr_t)copier_end; }
static inline uintptr_t waiting_code(void) { return (uintptr_t)waiting_start; }
static inline uintptr_t waiting_code_end(void) { return (uintptr_t)waiting_end; }
static inline uintptr_t waiting_code_arrivals(void) { return (uintptr_t)waiting_arrivals; }

// Set before the cores are stopped for a handover.
extern uint64_t waiting_loop;
static inline void set_waiting_loop(uint64_t address) {
  __atomic_store_n(&waiting_loop, address, __ATOMIC_SEQ_CST);
}

_Noreturn void hand_over(uintptr_t copier);
