/* The functions of segment_heap.h on what a fuzzer makes up (Tests/heap-fuzz/run builds and runs it).
 *
 * Every byte of the input chooses a call, its arguments follow. All calls are as segment_heap.h allows
 * them, wrong pointers included; nothing is overwritten. A copy of each payload lies beside it. The
 * program stops where a payload is handed out twice, out of bounds or misaligned, where one changes,
 * where a live payload is refused or anything else is accepted, and where check() finds fault.
 */
#include <segment_heap.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA = 20000, SLOTS = 64 };

static const uint8_t *input;
static size_t input_left;
static uint32_t take(void) { if (!input_left) return 0; input_left--; return *input++; }
static uint32_t take2(void) { uint32_t low = take(); return low | take() << 8; }

#define MUST(condition) do { if (!(condition)) abort(); } while (0)

struct live { unsigned char *at, *copy; size_t size; };
static struct live slots[SLOTS];
static segment_heap_t *heap;
static unsigned char *arenas[2];
static size_t arena_size, used_arenas;
static int debugging;

static void fill(struct live *s, size_t from) {
  s->copy = realloc(s->copy, s->size);
  if (from < s->size) memset(s->at + from, (int)take(), s->size - from);
  memcpy(s->copy, s->at, s->size);
}

static int is_inside(const unsigned char *at, size_t size) {
  for (size_t i = 0; i < used_arenas; i++)
    if (at >= arenas[i] && at + size <= arenas[i] + arena_size) return 1;
  return 0;
}

static void look_at(const struct live *s, size_t alignment) {
  MUST(((uintptr_t)s->at & ((alignment > 16 ? alignment : 16) - 1)) == 0);
  MUST(is_inside(s->at, s->size));
  for (int i = 0; i < SLOTS; i++)
    if (&slots[i] != s && slots[i].at) MUST(s->at + s->size <= slots[i].at || slots[i].at + slots[i].size <= s->at);
  MUST(segment_heap_usable_size(heap, s->at) >= s->size);
}

static void forget_all(void) {
  for (int i = 0; i < SLOTS; i++) { free(slots[i].copy); slots[i] = (struct live){0}; }
}

/* Old pointers that are no longer live stay what they were in `dead`, to be tried again. */
static unsigned char *dead[16];
static unsigned dead_count;

static void expect_refused(unsigned char *p) {
  for (int i = 0; i < SLOTS; i++) if (slots[i].at == p) return;
  if (!p) return;
  struct segment_heap_statistics before, after;
  MUST(!segment_heap_get_statistics(heap, &before));
  MUST(segment_heap_usable_size(heap, p) == 0);
  MUST(segment_heap_free(heap, p) != 0);
  MUST(!segment_heap_reallocate(heap, p, take2()) && segment_heap_last_fault(heap) != 0);
  MUST(!segment_heap_get_statistics(heap, &after) && !memcmp(&before, &after, sizeof before));
}

static void create(void) {
  forget_all();
  arena_size = 512 + take2() % (ARENA - 512);
  debugging = take() & 1;
  used_arenas = 1;
  heap = debugging   ? segment_heap_create_debug(arenas[0], arena_size)
         : take() & 1 ? segment_heap_create_hardened(arenas[0], arena_size, take2())
                      : segment_heap_create(arenas[0], arena_size);
  if (!heap) { arena_size = 2048; heap = segment_heap_create(arenas[0], arena_size); debugging = 0; }
  MUST(heap);
}

static void one_call(void) {
  uint32_t call = take();
  struct live *s = &slots[take() % SLOTS];
  if (s->at) MUST(!memcmp(s->at, s->copy, s->size));
  switch (call % 16) {
  case 0: case 1: case 2: case 3: case 4: case 5: {
    size_t size = call & 64 ? take2() : take(), alignment = call % 16 == 5 ? (size_t)1 << take() % 13 : 16;
    if (s->at) return;
    s->at = call % 16 == 5 ? segment_heap_allocate_aligned(heap, alignment, size) : segment_heap_allocate(heap, size);
    if (!s->at) { MUST(segment_heap_last_fault(heap) == 0); return; }
    s->size = size ? size : 1;
    look_at(s, alignment);
    fill(s, 0);
    return;
  }
  case 6: case 7: case 8: case 9:
    if (!s->at) return;
    MUST(segment_heap_free(heap, s->at) == 0);
    dead[dead_count++ % 16] = s->at;
    s->at = NULL;
    return;
  case 10: case 11: case 12: {
    size_t size = call & 64 ? take2() : take(), alignment = call % 16 == 12 ? (size_t)1 << take() % 13 : 16;
    unsigned char *old = s->at;
    unsigned char *p = call % 16 == 12 ? segment_heap_reallocate_aligned(heap, old, alignment, size)
                                       : segment_heap_reallocate(heap, old, size);
    if (!p) { MUST(segment_heap_last_fault(heap) == 0); return; }
    if (!size) size = 1;
    size_t kept = old ? (size < s->size ? size : s->size) : 0;
    if (old && p != old) dead[dead_count++ % 16] = old;
    s->at = p; s->size = size;
    if (kept) MUST(!memcmp(p, s->copy, kept));
    look_at(s, alignment);
    fill(s, kept);
    return;
  }
  case 13: expect_refused(dead[take() % 16]); return;
  case 14: expect_refused(call & 64 ? arenas[0] + take2() % arena_size : s->at ? s->at + 1 + take() % 40 : (unsigned char *)&call); return;
  default:
    if (call & 64) {
      if (used_arenas == 2) return;
      MUST(segment_heap_add_region(heap, arenas[1], arena_size) == 0);
      used_arenas = 2;
    } else if ((call & 48) == 48) {
      create(); /* in memory that held a heap */
    } else {
      MUST(segment_heap_check(heap) == 0);
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  input = data; input_left = size;
  /* Of just this size, so that the sanitizer sees what lies behind. What is in it is not cleared. */
  for (int i = 0; i < 2; i++) arenas[i] = malloc(ARENA);
  memset(dead, 0, sizeof dead);
  create();
  while (input_left) one_call();
  MUST(segment_heap_check(heap) == 0);
  for (int i = 0; i < SLOTS; i++) if (slots[i].at) {
    MUST(!memcmp(slots[i].at, slots[i].copy, slots[i].size));
    MUST(segment_heap_free(heap, slots[i].at) == 0);
  }
  struct segment_heap_statistics now;
  MUST(!segment_heap_get_statistics(heap, &now) && now.live_count == 0 && now.used_bytes == 0);
  MUST(segment_heap_check(heap) == 0);
  forget_all();
  for (int i = 0; i < 2; i++) free(arenas[i]);
  return 0;
}
