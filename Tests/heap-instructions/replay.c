/* Replays one trace through the functions of segment_heap.h: Tests/heap-instructions/run counts what they execute.
 *
 *   replay FILE [hardened]
 *
 * The trace is read whole, and looked at line by line, before the first call. The heap has a power of two of
 * at least four times the most that is live. What the trace leaves live is not freed. Prints the number of
 * operations.
 */
#define _GNU_SOURCE
#include <segment_heap.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { MOST_OPERATIONS = 100000000 };

struct operation { char kind; int id; size_t size; };

static const char *file;
static int line;

/* One line, and nothing but a line, for whoever handed the trace over. */
static void refuse(const char *why) {
  if (line) fprintf(stderr, "%s, line %d: %s\n", file, line, why);
  else fprintf(stderr, "%s: %s\n", file, why);
  exit(2);
}

/* The next line's letter, if it begins with one, and its numbers; how many there are, or -1. */
static int read_line(FILE *in, char *letter, long numbers[2]) {
  char text[128], rest;
  if (!fgets(text, sizeof text, in)) return -1;
  line++;
  *letter = (text[0] >= 'a' && text[0] <= 'z') ? text[0] : 0;
  const char *from = text + (*letter != 0);
  if (sscanf(from, "%ld %ld %c", &numbers[0], &numbers[1], &rest) == 2) return 2;
  return sscanf(from, "%ld %c", &numbers[0], &rest) == 1 ? 1 : 0;
}

static long header_number(FILE *in, long most) {
  char letter;
  long numbers[2];
  if (read_line(in, &letter, numbers) != 1 || letter) refuse("expected a number, as the header has four of");
  if (numbers[0] < 0 || numbers[0] > most) refuse("that number is too small or too large");
  return numbers[0];
}

/* The line that was just read, as an operation on what is live. */
static struct operation operation(char letter, const long *numbers, int found, long ids, const char *live) {
  int needed = letter == 'f' ? 1 : 2;
  if (!letter || !strchr("arf", letter) || found != needed) refuse("expected a ID SIZE, r ID SIZE or f ID");
  struct operation o = {letter, (int)numbers[0], needed == 2 ? (size_t)numbers[1] : 0};
  if (letter == 'f' && numbers[0] == -1) return o;
  if (numbers[0] < 0 || numbers[0] >= ids) refuse("that ID is beyond those promised");
  if (needed == 2 && (numbers[1] < 0 || numbers[1] > 1l << 31)) refuse("that SIZE is too large");
  if (letter != 'a' && !live[numbers[0]]) refuse("that ID is not live");
  if (letter == 'a' && live[numbers[0]]) refuse("that ID is live already");
  return o;
}

int main(int count, char **arguments) {
  int hardened = count == 3 && !strcmp(arguments[2], "hardened");
  if (count != 2 + hardened) { fputs("expected one trace, and perhaps: hardened\n", stderr); return 2; }
  file = arguments[1];
  FILE *in = fopen(file, "r");
  if (!in) refuse(strerror(errno));

  header_number(in, 1l << 62);
  long ids = header_number(in, MOST_OPERATIONS), promised = header_number(in, MOST_OPERATIONS);
  header_number(in, 1l << 62);
  if (!promised) refuse("no operations");
  struct operation *operations = calloc((size_t)promised, sizeof *operations);
  size_t *sizes = calloc((size_t)ids + 1, sizeof *sizes);
  char *live = calloc((size_t)ids + 1, 1);
  void **payloads = calloc((size_t)ids + 1, sizeof *payloads);
  if (!operations || !sizes || !live || !payloads) refuse("no memory for a trace of this length");

  size_t used = 0, peak = 0;
  for (long i = 0; i < promised; i++) {
    char letter;
    long numbers[2] = {0, 0};
    int found = read_line(in, &letter, numbers);
    if (found < 0) refuse("ends before the operations that the header promises");
    struct operation o = operations[i] = operation(letter, numbers, found, ids, live);
    if (o.id < 0) continue;
    used += o.size - sizes[o.id];
    if (used > peak) peak = used;
    sizes[o.id] = o.size;
    live[o.id] = o.kind != 'f';
  }

  size_t bytes = 1 << 16;
  while (bytes < 4 * peak) bytes *= 2;
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) refuse(strerror(errno));
  segment_heap_t *heap = hardened ? segment_heap_create_hardened(memory, bytes, 0x9e3779b97f4a7c15)
                                  : segment_heap_create(memory, bytes);
  if (!heap) refuse("no heap in as much memory");

  for (long i = 0; i < promised; i++) {
    struct operation o = operations[i];
    void *old = o.id < 0 ? NULL : payloads[o.id], *new = NULL;
    if (o.kind == 'f') {
      if (segment_heap_free(heap, old)) refuse("the heap refuses a sound free");
    } else {
      new = o.kind == 'a' ? segment_heap_allocate(heap, o.size) : segment_heap_reallocate(heap, old, o.size);
      if (!new) refuse("the heap has no memory");
    }
    if (o.id >= 0) payloads[o.id] = new;
  }
  if (segment_heap_check(heap)) refuse("the heap does not pass its check");
  printf("%ld\n", promised);
  return 0;
}
