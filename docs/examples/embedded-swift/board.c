/* A board for the example: the little that Embedded Swift needs of one, and a way in and out. This
 * one is a Linux process without a C library; on bare metal the two system calls are a UART and a halt.
 */
#include <stdbool.h>
#include <stddef.h>

/* Sources/Example/ has these. */
bool board_heap_start(void *memory, ptrdiff_t size);
void *board_heap_allocate(ptrdiff_t alignment, ptrdiff_t size);
int board_heap_free(void *payload);
int example_main(void);

static unsigned char memory[256 * 1024] __attribute__((aligned(16)));

/* -- The way in and out ------------------------------------------------------------------------- */

#if defined(__x86_64__)
enum { SYSTEM_WRITE = 1, SYSTEM_EXIT = 60 };

static long system_call(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c)
                   : "rcx", "r11", "memory");
  return result;
}

/* The stack pointer is a multiple of 16 here, and a call expects it to be so before the call. */
__asm__(".globl _start\n_start: xor %ebp, %ebp\n call board_main\n");
#elif defined(__aarch64__)
enum { SYSTEM_WRITE = 64, SYSTEM_EXIT = 93 };

static long system_call(long number, long a, long b, long c) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}

__asm__(".globl _start\n_start: mov x29, #0\n mov x30, #0\n b board_main\n");
#endif

static _Noreturn void stop(int status) {
  for (;;) system_call(SYSTEM_EXIT, status, 0, 0);
}

_Noreturn __attribute__((used)) void board_main(void) {
  if (!board_heap_start(memory, sizeof memory)) stop(2);
  stop(example_main());
}

int putchar(int character) {
  char byte = (char)character;
  system_call(SYSTEM_WRITE, 1, (long)&byte, 1);
  return character;
}

/* -- The Swift runtime's memory, from the segment heap -------------------------------------------- */

/* The runtime does not look at the result, so to return without memory would be to crash later. */
int posix_memalign(void **payload, size_t alignment, size_t size) {
  *payload = board_heap_allocate((ptrdiff_t)alignment, (ptrdiff_t)size);
  if (*payload == NULL) stop(3);
  return 0;
}

void free(void *payload) {
  if (board_heap_free(payload) != 0) stop(4);
}

/* -- What compilers call of their own accord ------------------------------------------------------ */

void *memmove(void *target, const void *source, size_t count) {
  unsigned char *to = target;
  const unsigned char *from = source;
  if (to <= from)
    for (size_t i = 0; i < count; i++) to[i] = from[i];
  else
    while (count-- > 0) to[count] = from[count];
  return target;
}

void *memcpy(void *restrict target, const void *restrict source, size_t count) {
  return memmove(target, source, count);
}

void *memset(void *target, int byte, size_t count) {
  unsigned char *to = target;
  for (size_t i = 0; i < count; i++) to[i] = (unsigned char)byte;
  return target;
}

int memcmp(const void *left, const void *right, size_t count) {
  const unsigned char *a = left, *b = right;
  for (size_t i = 0; i < count; i++)
    if (a[i] != b[i]) return a[i] - b[i];
  return 0;
}
