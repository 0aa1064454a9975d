/* The segment heap from C.
 *
 *   make libsegmentheap
 *   clang -Ibuild/include docs/examples/c/example.c build/libsegmentheap.a -o build/example
 */
#include <segment_heap.h>
#include <stdio.h>
#include <string.h>

static unsigned char memory[64 * 1024];
static unsigned char more[16 * 1024];
static unsigned char watched[16 * 1024];

static void report(const char *what, int fault) {
  printf("%s: %s\n", what, segment_heap_fault_name(fault));
}

/* An ordinary heap: allocate, grow, give back; and what it makes of a mistake. */
static int use(void) {
  segment_heap_t *heap = segment_heap_create(memory, sizeof memory);
  if (heap == NULL) return 1;
  report("a second region", segment_heap_add_region(heap, more, sizeof more));

  char *text = segment_heap_allocate(heap, 6);
  if (text == NULL) return 1;
  memcpy(text, "roost", 6);
  text = segment_heap_reallocate(heap, text, 1000);
  if (text == NULL) return 1;
  printf("after reallocate: %s, %zu bytes\n", text, segment_heap_usable_size(heap, text));

  void *page = segment_heap_allocate_aligned(heap, 4096, 4096);
  printf("a page: %s\n", (uintptr_t)page % 4096 == 0 ? "aligned" : "misaligned");

  report("free the page", segment_heap_free(heap, page));
  report("free it again", segment_heap_free(heap, page));
  report("free its middle", segment_heap_free(heap, text + 16));
  if (segment_heap_allocate(heap, 1 << 20) == NULL)
    printf("a megabyte from 80 KiB: %s\n",
           segment_heap_last_fault(heap) == SEGMENT_HEAP_OK ? "no memory" : "damage");
  report("free the text", segment_heap_free(heap, text));
  report("check", segment_heap_check(heap));

  struct segment_heap_statistics statistics;
  if (segment_heap_get_statistics(heap, &statistics) != SEGMENT_HEAP_OK) return 1;
  printf("live: %zu, allocations: %zu, refused: %zu\n", statistics.live_count,
         statistics.allocation_count, statistics.failure_count);
  return statistics.live_count != 0;
}

/* A debug heap says who allocated what was overrun. */
static int watch(void) {
  segment_heap_t *heap = segment_heap_create_debug(watched, sizeof watched);
  if (heap == NULL) return 1;
  char *text = segment_heap_allocate(heap, 10);
  if (text == NULL) return 1;
  text[10] = 0;

  struct segment_heap_fault fault;
  if (segment_heap_free(heap, text) == SEGMENT_HEAP_OK) return 1;
  report("free after an overflow", segment_heap_explain(heap, text, &fault));
  printf("overwritten byte: %d, allocated by: %s\n", (int)(fault.address - (uintptr_t)text),
         fault.allocated_by != 0 ? "known" : "unknown");
  return fault.allocated_by == 0;
}

int main(void) { return use() || watch(); }
