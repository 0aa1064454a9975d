/* Damages busy heaps and sees what becomes of it.
 *
 *   damage [ROUNDS [SEED]]         (Tests/heap-damage/run builds and runs it)
 *
 * A heap is filled and stirred, then words in it are overwritten: headers, links of free segments, bytes
 * behind a payload, freed payloads, the control block; with random values and with such as a real mistake
 * would put there. Then random calls follow, with a copy of every live payload beside them, until the heap
 * says that something is wrong or sixty have passed, and segment_heap_check() at last.
 *
 * Harm is a payload that is handed out twice, out of bounds or misaligned, a live payload that changed, or
 * a crash. Exit status 0: no harm by any single word, by bytes behind a payload, by writes of 8 or 16
 * bytes into freed payloads, by a head or a word that names the latest, the top or what is not empty; in a
 * hardened heap by nothing but words of the control block.
 */
#define _GNU_SOURCE
#include <segment_heap.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ARENA = 48 * 1024, GUARD = 1 << 20, SLOTS = 160, CALLS = 60, ROUNDS_A_HEAP = 40 };

static uint64_t state;
static uint64_t next_random(void) {
  state ^= state << 13; state ^= state >> 7; state ^= state << 17;
  return state * 0x2545f4914f6cdd1dull;
}
static uint32_t below(uint32_t n) { return (uint32_t)((next_random() >> 32) * n >> 32); }

/* Memory that ends where unreadable memory begins, and copies of it. */
static unsigned char *arena, *copy_of_arena, *earlier, *shadow, *copy_of_shadow;
static segment_heap_t *heap;
static unsigned char *first; /* the first payload */
static enum { PLAIN, HARDENED, DEBUG, MODES } mode;
static const char *const modes[] = {"plain", "hardened", "debug"};
#define debugging (mode == DEBUG)

struct live { unsigned char *at; size_t size; };
static struct live slots[SLOTS], copy_of_slots[SLOTS];

static uint32_t word_at(const unsigned char *at) { uint32_t w; memcpy(&w, at, 4); return w; }
static unsigned char *base(void) { return (unsigned char *)heap; }
static uint32_t offset(const unsigned char *at) { return (uint32_t)(at - base()); }
static uint32_t size_of(const unsigned char *payload) { return word_at(payload - 8) & ~15u; }
static int is_free(const unsigned char *payload) { return !(word_at(payload - 8) & 1); }

/* MARK: Calls, with the shadow */

static const char *harm; /* what went wrong, once something did */

static void fill(struct live *s, size_t from) {
  /* Sometimes what looks like the heap's own words. */
  unsigned how = below(4);
  for (size_t i = from; i + 4 <= s->size; i += 4) {
    uint32_t w = how == 0 ? (uint32_t)next_random()
        : how == 1 ? offset(first) + 16 * below(ARENA / 16)
        : how == 2 ? (16 + 16 * below(64)) | (below(2) ? 8 : 9) : 4 * below(64);
    memcpy(s->at + i, &w, 4);
  }
  for (size_t i = from > (s->size & ~3ul) ? from : s->size & ~3ul; i < s->size; i++) s->at[i] = (unsigned char)next_random();
  memcpy(shadow + (s->at - arena), s->at, s->size);
}

static int is_intact(const struct live *s) {
  return memcmp(s->at, shadow + (s->at - arena), s->size) == 0;
}

static void look_at(unsigned char *at, size_t size, size_t alignment, int self) {
  if ((uintptr_t)at & (alignment - 1)) harm = "misaligned";
  if (at < first || size > ARENA || at + size > arena + ARENA) { harm = "out of bounds"; return; }
  for (int i = 0; i < SLOTS; i++)
    if (i != self && slots[i].at && at < slots[i].at + slots[i].size && slots[i].at < at + size) harm = "handed out twice";
}

static size_t any_size(void) {
  switch (below(8)) {
  case 0: return below(16);
  case 1: return 500 + below(1500);
  case 2: return 1 + below(300);
  case 3: return 504 + 16 * below(8); /* the same few classes of tries */
  case 4: return 1000 + 16 * below(4);
  default: return 8 + 16 * below(12);
  }
}

/* One random call. Returns what the heap says: 0, or a fault code. */
static int one_call(void) {
  int i = below(SLOTS);
  struct live *s = &slots[i];
  if (!s->at) {
    size_t size = any_size(), alignment = below(12) ? 16 : 16u << below(6);
    unsigned char *p = alignment == 16 ? segment_heap_allocate(heap, size)
                                       : segment_heap_allocate_aligned(heap, alignment, size);
    if (!p) return segment_heap_last_fault(heap);
    if (!size) size = 1;
    look_at(p, size, alignment, i);
    if (harm) return 0;
    s->at = p; s->size = size;
    fill(s, 0);
    return 0;
  }
  if (!is_intact(s)) { harm = "a live payload changed"; return 0; }
  if (below(3) == 0) {
    size_t size = any_size(), kept = size < s->size ? size : s->size;
    unsigned char *old = s->at, *p = segment_heap_reallocate(heap, s->at, size);
    if (!p) return segment_heap_last_fault(heap);
    if (!size) size = kept = 1;
    look_at(p, size, 16, i);
    if (harm) return 0;
    if (memcmp(p, shadow + (old - arena), kept)) { harm = "reallocate lost bytes"; return 0; }
    s->at = p; s->size = size;
    memcpy(shadow + (p - arena), p, kept);
    fill(s, kept);
    return segment_heap_last_fault(heap);
  }
  int code = segment_heap_free(heap, s->at);
  if (!code) s->at = NULL;
  return code;
}

static void build_heap(void) {
  /* What an earlier heap left stays, every other time. */
  if (below(2)) memset(arena, below(2) ? 0 : 0xd1, ARENA);
  memset(slots, 0, sizeof slots);
  heap = mode == DEBUG ? segment_heap_create_debug(arena, ARENA)
      : mode == HARDENED ? segment_heap_create_hardened(arena, ARENA, next_random())
                         : segment_heap_create(arena, ARENA);
  first = segment_heap_allocate(heap, 8);
  if (segment_heap_free(heap, first)) abort();
  int calls = 150 + below(500);
  for (int i = 0; i < calls; i++) {
    if (one_call() || harm) { printf("damage: a sound heap fails: %s\n", harm ? harm : "a fault"); exit(2); }
    if (i == calls / 2) memcpy(earlier, arena, ARENA);
  }
  if (segment_heap_check(heap)) { puts("damage: a sound heap does not pass check()"); exit(2); }
}

/* MARK: Damage */

enum kind {
  OWN, PREVIOUS, LINK, NODE, FREED_8, FREED_16, BEHIND, HEAD, NAMES, TWO_WORDS, FORGED, FORGED_BEHIND, CONTROL, KINDS
};
static const struct { const char *name; int must_be_harmless, weight; } kinds[KINDS] = {
  [OWN] = {"size word of a header", 1, 12},
  [PREVIOUS] = {"previous-size word of a header", 1, 12},
  [LINK] = {"link of a free segment", 1, 16},
  [NODE] = {"word of a trie node", 1, 16},
  [FREED_8] = {"8 bytes of a freed payload", 1, 16},
  [FREED_16] = {"16 bytes of a freed payload", 1, 16},
  [BEHIND] = {"1 to 16 bytes behind a payload", 1, 12},
  [HEAD] = {"head of a class", 1, 8},
  [NAMES] = {"latest, top or summary", 1, 4},
  [TWO_WORDS] = {"two words at once", 0, 8},
  [FORGED] = {"forged segment in a freed payload", 0, 6},
  [FORGED_BEHIND] = {"forged header behind a payload", 0, 6},
  [CONTROL] = {"any word of the control block", 0, 6},
};

/* The payload of some segment that is free, or freed and kept back; or in use. */
static unsigned char *some_payload(int want_free, uint32_t least) {
  unsigned char *found[ARENA / 16];
  unsigned count = 0;
  for (unsigned char *p = first; p < arena + ARENA - 8 && size_of(p); p += size_of(p)) {
    int is_live = 0;
    for (int i = 0; i < SLOTS && !is_live; i++) is_live = slots[i].at == p;
    if (want_free != is_live && size_of(p) >= least && (p + size_of(p) <= arena + ARENA - 8)) found[count++] = p;
  }
  return count ? found[below(count)] : NULL;
}

static uint32_t some_offset(void) {
  unsigned char *p = some_payload(below(2), 16);
  return p ? offset(p) + (below(4) ? 0 : 4 * below(12)) : 0;
}

static uint32_t plausible(const unsigned char *at) {
  uint32_t old = word_at(at);
  switch (below(10)) {
  case 0: return (uint32_t)next_random();
  case 1: return 0;
  case 2: return below(1024);
  case 3: case 4: return some_offset();
  case 5: return word_at(earlier + (at - arena));
  case 6: return old ^ 1u << below(32);
  case 7: return old + 16 * (below(9) - 4);
  case 8: { unsigned char *p = some_payload(below(2), 16); return p ? word_at(p - 8 + 4 * below(2)) : old; }
  default: { unsigned char *p = some_payload(1, 16); return p ? word_at(p + 4 * below(4)) : old; }
  }
}

static void set_word(unsigned char *at) {
  uint32_t w = plausible(at);
  memcpy(at, &w, 4);
}

static int damage(enum kind kind) {
  unsigned char *p;
  switch (kind) {
  case OWN: case PREVIOUS:
    if (!(p = some_payload(below(2), 16))) return 0;
    set_word(p - (kind == OWN ? 8 : 4));
    return 1;
  case LINK:
    if (!(p = some_payload(1, 16))) return 0;
    set_word(p + 4 * below(2));
    return 1;
  case NODE:
    if (!(p = some_payload(1, 512))) return 0;
    set_word(p + 4 * below(24));
    return 1;
  case FREED_8: case FREED_16: {
    if (!(p = some_payload(1, 16))) return 0;
    uint32_t room = size_of(p) - 8, bytes = kind == FREED_8 ? 8 : 16;
    if (room < bytes) bytes = room;
    /* At the front, where the links are, or anywhere. */
    unsigned char *at = p + (below(3) ? 8 * below(bytes < room ? 3 : 1) : 0);
    if (at + bytes > p + room) at = p + room - bytes;
    if (below(4) == 0) at = p + (below(room - bytes + 1) & ~3u);
    for (uint32_t i = 0; i < bytes; i += 4) set_word(at + i);
    return 1;
  }
  case BEHIND: {
    int i = below(SLOTS);
    if (!slots[i].at) return 0;
    unsigned char *end = slots[i].at + (debugging ? slots[i].size : size_of(slots[i].at) - 8);
    size_t bytes = 1 + below(16);
    if (end + bytes > arena + ARENA) return 0;
    unsigned how = below(3);
    unsigned char byte = (unsigned char)next_random();
    for (size_t k = 0; k < bytes; k++) end[k] = how == 0 ? 0 : how == 1 ? byte : (unsigned char)next_random();
    return 1;
  }
  case HEAD: /* between the control block's fields and the first header */
    set_word(base() + 4 * below((offset(first) - 8) / 4));
    return 1;
  case NAMES: { /* the last four fields of the control block, and the word that counts bitmap words */
    static const int fields[] = {-8, -16, -24, -32, -48};
    uint64_t w = below(3) ? plausible(base()) : next_random();
    memcpy(base() + fields[below(5)], &w, 8);
    return 1;
  }
  case TWO_WORDS:
    for (int k = 0; k < 2; k++) {
      if (!(p = some_payload(below(3) != 0, 16))) return 0;
      set_word(is_free(p) ? p - 8 + 4 * below(5) : p - 8 + 4 * below(2));
    }
    return 1;
  case FORGED: { /* a free segment within a freed payload, with its links, that ends with that */
    if (!(p = some_payload(1, 64))) return 0;
    uint32_t words[4], back = 16 + 16 * below((size_of(p) - 32) / 16), size = size_of(p) - back;
    unsigned char *fake = p + back;
    words[0] = size | 8; words[1] = below(2) ? 6 : back + (uint32_t)next_random();
    words[2] = below(2) ? size / 4 : some_offset(); words[3] = below(2) ? offset(p) : size / 4;
    memcpy(fake - 8, words, 16);
    words[0] = offset(fake); memcpy(p + 4 * below(2), words, 4);
    return 1;
  }
  case FORGED_BEHIND: {
    int i = below(SLOTS);
    if (!slots[i].at || debugging) return 0;
    unsigned char *end = slots[i].at + size_of(slots[i].at) - 8;
    uint32_t size = 16 + 16 * below(32), words[2] = {size | (below(2) ? 8 : 9), word_at(end + 4)};
    if (below(2)) words[1] = size_of(slots[i].at) + 6;
    memcpy(end, words, 8);
    if (end + 8 + size <= arena + ARENA) { words[0] = size + 6; memcpy(end + 4 + size, words, 4); }
    return 1;
  }
  default: { /* CONTROL */
    unsigned char *at = arena + (((uint32_t)(base() - arena) / 8 - 30 + below(30)) * 8);
    uint64_t w = below(2) ? next_random() : (uint64_t)plausible(at);
    memcpy(at, &w, 8);
    return 1;
  }
  }
}

/* MARK: Rounds */

static sigjmp_buf crashed;
static void on_crash(int number) { (void)number; siglongjmp(crashed, 1); }

enum end { AT_ONCE, BY_CHECK, HARMLESS, HARM, CRASH, ENDS };

static enum end one_round(void) {
  if (sigsetjmp(crashed, 1)) { harm = "crash"; return CRASH; }
  int said = 0;
  for (int i = 0; i < CALLS && !said && !harm; i++) said = one_call();
  for (int i = 0; i < SLOTS && !harm; i++)
    if (slots[i].at && !is_intact(&slots[i])) harm = "a live payload changed";
  if (harm) return HARM;
  return said ? AT_ONCE : segment_heap_check(heap) ? BY_CHECK : HARMLESS;
}

static unsigned char *map(size_t bytes) {
  unsigned char *m = mmap(NULL, bytes + 2 * GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (m == MAP_FAILED || mprotect(m + GUARD, bytes, PROT_READ | PROT_WRITE)) { perror("damage"); exit(2); }
  return m + GUARD;
}

int main(int argc, char **argv) {
  long rounds = argc > 1 ? atol(argv[1]) : 260000;
  uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
  static long counts[MODES][KINDS][ENDS];
  arena = map(ARENA); copy_of_arena = map(ARENA); earlier = map(ARENA); shadow = map(ARENA); copy_of_shadow = map(ARENA);
  struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_NODEFER};
  sigaction(SIGSEGV, &action, NULL); sigaction(SIGBUS, &action, NULL);
  int weights = 0, bad = 0;
  for (int k = 0; k < KINDS; k++) weights += kinds[k].weight;
  for (long round = 0; round < rounds; round++) {
    mode = (int[]){PLAIN, HARDENED, PLAIN, DEBUG}[round / ROUNDS_A_HEAP % 4];
    if (round % ROUNDS_A_HEAP == 0) {
      state = (seed * 1000003 + (uint64_t)round) * 0x9e3779b97f4a7c15ull | 1;
      harm = NULL;
      build_heap();
      memcpy(copy_of_arena, arena, ARENA); memcpy(copy_of_shadow, shadow, ARENA);
      memcpy(copy_of_slots, slots, sizeof slots);
    } else {
      memcpy(arena, copy_of_arena, ARENA); memcpy(shadow, copy_of_shadow, ARENA);
      memcpy(slots, copy_of_slots, sizeof slots);
    }
    harm = NULL;
    int kind;
    do { /* until something has changed */
      int pick = below(weights);
      for (kind = 0; pick >= kinds[kind].weight; kind++) pick -= kinds[kind].weight;
    } while (!damage(kind) || memcmp(arena, copy_of_arena, ARENA) == 0);
    /* What the damage itself did to live payloads is theirs. */
    for (int i = 0; i < SLOTS; i++)
      if (slots[i].at) memcpy(shadow + (slots[i].at - arena), slots[i].at, slots[i].size);
    enum end end = one_round();
    counts[mode][kind][end]++;
    int must_be_harmless = mode == HARDENED ? kind != CONTROL : kinds[kind].must_be_harmless;
    if (end >= HARM && must_be_harmless && bad++ < 10)
      printf("damage: seed %llu, round %ld, %s heap, %s: %s\n", (unsigned long long)seed, round,
          modes[mode], kinds[kind].name, harm);
  }
  long total = 0;
  printf("%-39s %9s %9s %9s %9s %9s\n", "damage", "at once", "check()", "harmless", "harm", "crash");
  for (int d = 0; d < MODES; d++)
    for (int k = 0; k < KINDS; k++) {
      long *c = counts[d][k], sum = c[0] + c[1] + c[2] + c[3] + c[4];
      total += sum;
      if (sum) printf("%-8s %-30s %9ld %9ld %9ld %9ld %9ld\n", modes[d], kinds[k].name, c[0], c[1], c[2], c[3], c[4]);
    }
  printf("damages: %ld\nseed: %llu\nsilent harm: %d\n", total, (unsigned long long)seed, bad);
  return bad != 0;
}
