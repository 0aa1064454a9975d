/* Cortex-M and RISC-V boards as QEMU has them, with semihosting to print and to end by (Arm's "Semihosting for AArch32
 * and AArch64"; RISC-V's takes the calls over and marks them by three instructions). And the four functions that a
 * freestanding compiler takes for granted, on Arm under the names of its run-time ABI (Arm IHI 0043, 4.3.4). */
#include "board.h"

const size_t board_memory_size = MEMORY_SIZE;
unsigned char board_memory[MEMORY_SIZE] __attribute__((aligned(8)));

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20, STOPPED = 0x20026 };

static void semihost(unsigned operation, const void *argument) {
#ifdef __arm__
  register unsigned r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
#else
  register unsigned a0 __asm__("a0") = operation;
  register const void *a1 __asm__("a1") = argument;
  __asm__ volatile(
      ".option push\n.option norvc\n.balign 16\n"
      "slli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n.option pop"
      : "+r"(a0) : "r"(a1) : "memory");
#endif
}

void board_print(const char *text) { semihost(SYS_WRITE0, text); }

void board_print_number(unsigned number) {
  char digits[12];
  char *digit = digits + sizeof digits;
  *--digit = 0;
  do *--digit = (char)('0' + number % 10);
  while (number /= 10);
  board_print(digit);
}

static __attribute__((noreturn)) void end(unsigned status) {
  const unsigned how[2] = {STOPPED, status};
  semihost(SYS_EXIT_EXTENDED, how);
  for (;;) {}
}

int main(void);
extern unsigned char bss_start[], bss_end[], stack_top[];

__attribute__((noreturn, used)) static void start(void) {
  for (unsigned char *byte = bss_start; byte != bss_end; byte++) *(volatile unsigned char *)byte = 0;
  end((unsigned)main());
}

#ifdef __arm__
/* Any fault: whatever it was, it was one. */
static void stop(void) {
  board_print("fault\n");
  end(2);
}

static void reset(void) {
#ifdef TRAP_UNALIGNED
  *(volatile unsigned *)0xe000ed14 |= 1u << 3; /* CCR.UNALIGN_TRP, Armv7-M ARM B3.2.8 */
#endif
  start();
}

/* Armv7-M ARM B1.5.3: the stack, reset, NMI, HardFault, and three more faults. */
__attribute__((section(".vectors"), used)) const void *const _start[16] = {
    stack_top, (void *)reset, (void *)stop, (void *)stop, (void *)stop, (void *)stop, (void *)stop};
#else
__attribute__((naked, section(".vectors"), used)) void _start(void) {
  __asm__ volatile("la sp, stack_top\nla t0, trap\ncsrw mtvec, t0\nj start_c\n");
}
__attribute__((noreturn, used)) void start_c(void) { start(); }
__attribute__((noreturn, used, aligned(4))) void trap(void) {
  board_print("fault\n");
  end(2);
}
#endif

void *memset(void *to, int byte, size_t size) {
  for (volatile unsigned char *p = to; size--; p++) *p = (unsigned char)byte;
  return to;
}

void *memmove(void *to, const void *from, size_t size) {
  volatile unsigned char *t = to;
  const unsigned char *f = from;
  if ((uintptr_t)to <= (uintptr_t)from)
    while (size--) *t++ = *f++;
  else
    while (size--) t[size] = f[size];
  return to;
}

void *memcpy(void *to, const void *from, size_t size) { return memmove(to, from, size); }

#ifdef __arm__
#define ALIASES(name, parameters, body) \
  void __aeabi_##name parameters body void __aeabi_##name##4 parameters body void __aeabi_##name##8 parameters body
ALIASES(memcpy, (void *to, const void *from, size_t size), { memmove(to, from, size); })
ALIASES(memmove, (void *to, const void *from, size_t size), { memmove(to, from, size); })
ALIASES(memset, (void *to, size_t size, int byte), { memset(to, byte, size); })
ALIASES(memclr, (void *to, size_t size), { memset(to, 0, size); })

/* Cortex-M0 has no division and counts no zeros. */
unsigned long long __attribute__((used)) __aeabi_uidivmod(unsigned dividend, unsigned divisor) {
  unsigned quotient = 0, remainder = 0;
  for (int bit = 31; bit >= 0; bit--) {
    remainder = remainder << 1 | (dividend >> bit & 1);
    quotient <<= 1;
    if (remainder >= divisor) {
      remainder -= divisor;
      quotient |= 1;
    }
  }
  return (unsigned long long)remainder << 32 | quotient;
}
unsigned __aeabi_uidiv(unsigned dividend, unsigned divisor) {
  return (unsigned)__aeabi_uidivmod(dividend, divisor);
}
int __clzsi2(unsigned value) {
  int count = 0;
  while (count < 32 && !(value >> (31 - count) & 1)) count++;
  return count;
}
#endif
