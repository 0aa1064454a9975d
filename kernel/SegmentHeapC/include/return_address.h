/* For the implementation of segment_heap.h alone: what Swift has no word for. */
#ifndef SEGMENT_HEAP_RETURN_ADDRESS_H
#define SEGMENT_HEAP_RETURN_ADDRESS_H

#include <stdint.h>

/* The return address of the function that this is inlined into. */
__attribute__((always_inline)) static inline uintptr_t segment_heap_return_address(void) {
  return (uintptr_t)__builtin_return_address(0);
}

#endif
