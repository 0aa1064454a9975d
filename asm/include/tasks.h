// What tasks.S gives kernel/Concurrency. Only kernels with tasks link it.
#pragma once
#include <stdint.h>

// Runs a task from where it stands: calls `resume`, an async function of the compiler's, with `context`. Out: it
// has suspended or ended, and may be running on another core already.
void task_resume(const void *_Nonnull resume, void *_Nonnull context);

// Places for a task to go on at. Only their addresses mean anything.
extern char task_begin[], task_complete[], async_let_end[];
static inline const void *_Nonnull task_begin_address(void) { return task_begin; }
static inline const void *_Nonnull task_complete_address(void) { return task_complete; }
static inline const void *_Nonnull async_let_end_address(void) { return async_let_end; }

// The bits of an object's reference count are the compiler's business: these are its own functions.
void *_Nonnull retain_object(void *_Nonnull object) __asm__("swift_retain");
void release_object(void *_Nonnull object) __asm__("swift_release");
