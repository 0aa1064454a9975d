/* What segment_heap.h promises, tried on a board without an operating system. Prints what it did, and what was wrong
 * with the line that found it.
 *
 * Heaps of 512 bytes and more, made one after the other in the same memory, each with made-up calls beside a model:
 * an array of what is live, filled with bytes that are looked at before each free. board.h has the memory and the way
 * to print and to end. */
#include "board.h"
#include "segment_heap.h"

static int faults;
#define EXPECT(condition) ((condition) ? (void)0 : wrong(__LINE__, #condition))

static void wrong(int line, const char *what) {
  if (faults++ < 10) {
    board_print("conformance.c:");
    board_print_number((unsigned)line);
    board_print(": ");
    board_print(what);
    board_print("\n");
  }
}

/* Marsaglia's xorshift, 32 bits. */
static uint32_t state = 2463534242u;
static uint32_t below(uint32_t bound) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state % bound;
}

enum { MOST = 64 };
static struct payload {
  unsigned char *start;
  size_t size;
  unsigned char fill;
} live[MOST];
static unsigned count;
static unsigned operations;

static void fill(struct payload *payload, size_t from) {
  for (size_t i = from; i < payload->size; i++) payload->start[i] = (unsigned char)(payload->fill + i);
}

static int is_intact(const struct payload *payload, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (payload->start[i] != (unsigned char)(payload->fill + i)) return 0;
  return 1;
}

static void allocate(segment_heap_t *heap, size_t most) {
  if (count == MOST) return;
  size_t alignment = below(4) ? 1 : (size_t)1 << below(8);
  struct payload payload = {.size = below((uint32_t)most), .fill = (unsigned char)below(256)};
  payload.start = alignment == 1 ? segment_heap_allocate(heap, payload.size)
                                 : segment_heap_allocate_aligned(heap, alignment, payload.size);
  if (!payload.start) {
    EXPECT(segment_heap_last_fault(heap) == SEGMENT_HEAP_OK);
    return;
  }
  size_t least = alignment < SEGMENT_HEAP_ALIGNMENT ? SEGMENT_HEAP_ALIGNMENT : alignment;
  EXPECT((uintptr_t)payload.start % least == 0);
  EXPECT(segment_heap_usable_size(heap, payload.start) >= payload.size);
  for (unsigned i = 0; i < count; i++)
    EXPECT(payload.start + payload.size <= live[i].start || live[i].start + live[i].size <= payload.start);
  fill(&payload, 0);
  live[count++] = payload;
}

static void resize(segment_heap_t *heap, size_t most) {
  if (!count) return;
  struct payload *payload = &live[below(count)];
  size_t size = below((uint32_t)most);
  unsigned char *moved = segment_heap_reallocate(heap, payload->start, size);
  if (!moved) {
    EXPECT(segment_heap_last_fault(heap) == SEGMENT_HEAP_OK);
    EXPECT(is_intact(payload, payload->size));
    return;
  }
  size_t kept = size < payload->size ? size : payload->size;
  payload->start = moved;
  payload->size = size;
  EXPECT(is_intact(payload, kept));
  fill(payload, kept);
}

static void release(segment_heap_t *heap) {
  if (!count) return;
  unsigned index = below(count);
  EXPECT(is_intact(&live[index], live[index].size));
  EXPECT(segment_heap_free(heap, live[index].start) == SEGMENT_HEAP_OK);
  live[index] = live[--count];
}

static unsigned char elsewhere[16] __attribute__((aligned(16)));

/* Each misuse has its name, and changes nothing. */
static void misuse(segment_heap_t *heap) {
  unsigned char *first = segment_heap_allocate(heap, 24);
  unsigned char *second = segment_heap_allocate(heap, 24);
  if (!first || !second) {
    EXPECT(segment_heap_free(heap, first) == SEGMENT_HEAP_OK);
    EXPECT(segment_heap_free(heap, second) == SEGMENT_HEAP_OK);
    return;
  }
  for (unsigned i = 0; i < 24; i++) first[i] = second[i] = 0;
  EXPECT(segment_heap_free(heap, first + 1) == SEGMENT_HEAP_MISALIGNED_POINTER);
  EXPECT(segment_heap_free(heap, first + 16) == SEGMENT_HEAP_INTERIOR_POINTER);
  EXPECT(segment_heap_free(heap, elsewhere) == SEGMENT_HEAP_FOREIGN_POINTER);
  EXPECT(segment_heap_reallocate(heap, first + 16, 8) == NULL);
  EXPECT(segment_heap_last_fault(heap) == SEGMENT_HEAP_INTERIOR_POINTER);
  EXPECT(segment_heap_usable_size(heap, first + 16) == 0);
  EXPECT(segment_heap_allocate_aligned(heap, 24, 8) == NULL);
  EXPECT(segment_heap_last_fault(heap) == SEGMENT_HEAP_BAD_ARGUMENT);
  EXPECT(segment_heap_allocate(heap, (size_t)-1) == NULL);
  EXPECT(segment_heap_allocate(heap, (size_t)-1 / 2) == NULL);
  EXPECT(segment_heap_last_fault(heap) == SEGMENT_HEAP_OK);
  EXPECT(segment_heap_check(heap) == SEGMENT_HEAP_OK);
  /* A header overwritten, and put back. */
  unsigned char *header = second - 8;
  unsigned char before = header[0];
  header[0] ^= 1;
  EXPECT(segment_heap_check(heap) != SEGMENT_HEAP_OK);
  EXPECT(segment_heap_free(heap, second) != SEGMENT_HEAP_OK);
  header[0] = before;
  EXPECT(segment_heap_free(heap, first) == SEGMENT_HEAP_OK);
  EXPECT(segment_heap_free(heap, first) == SEGMENT_HEAP_DOUBLE_FREE);
  EXPECT(segment_heap_free(heap, second) == SEGMENT_HEAP_OK);
  EXPECT(segment_heap_check(heap) == SEGMENT_HEAP_OK);
}

enum mode { PLAIN, HARDENED, DEBUG };

static void run(size_t size, unsigned rounds, enum mode mode) {
  segment_heap_t *heap = mode == DEBUG ? segment_heap_create_debug(board_memory, size)
      : mode == HARDENED ? segment_heap_create_hardened(board_memory, size, 0x9e3779b97f4a7c15u ^ size)
                         : segment_heap_create(board_memory, size);
  EXPECT(heap != NULL);
  if (!heap) return;
  struct segment_heap_statistics empty, now;
  EXPECT(segment_heap_get_statistics(heap, &empty) == SEGMENT_HEAP_OK);
  EXPECT(empty.capacity_bytes == size && empty.live_count == 0 && empty.free_segment_count == 1);
  for (unsigned i = 0; i < rounds; i++) {
    unsigned kind = below(8);
    if (kind < 4) allocate(heap, size / 6);
    else if (kind < 5) resize(heap, size / 4);
    else release(heap);
    if (i % 64 == 0) {
      EXPECT(segment_heap_check(heap) == SEGMENT_HEAP_OK);
      if (i % 256 == 0) misuse(heap);
    }
    operations++;
  }
  while (count) release(heap);
  EXPECT(segment_heap_check(heap) == SEGMENT_HEAP_OK);
  EXPECT(segment_heap_get_statistics(heap, &now) == SEGMENT_HEAP_OK);
  EXPECT(now.live_count == 0 && now.used_bytes == 0 && now.free_bytes == empty.free_bytes);
  EXPECT(now.free_segment_count == 1 && now.allocation_count == now.deallocation_count);
}

int main(void) {
  EXPECT(segment_heap_create(board_memory, 256) == NULL);
  for (size_t size = 512; size <= board_memory_size; size += size / 2 & ~(size_t)15) {
    run(size, 4000, PLAIN);
    run(size, 1000, HARDENED);
    if (size >= 1024) run(size, 500, DEBUG);
  }
  board_print_number(operations);
  board_print(" operations, alignment ");
  board_print_number(SEGMENT_HEAP_ALIGNMENT);
  board_print(faults ? ": failed\n" : ": passed\n");
  return faults != 0;
}
