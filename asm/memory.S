// bzero and its kin. None touches a byte outside its range, and every access is aligned to its own
// size: SCTLR_EL1.A may be set, and with the MMU off all memory is Device (ARM ARM B2.5.2).
// The ranges may have any alignment and any 64-bit size; a range never wraps round the address space.
//
// All of these clobber only x3-x11 beside their arguments, and flags.

    .text

// void bzero(void *pointer, size_t size): see memset.
// In: x0 = pointer, x1 = size
    .global bzero
    .type bzero, %function
bzero:
    mov     x2, x1
    mov     w1, wzr
    // falls through

// void *memset(void *pointer, int value, size_t size). Normal memory when the MMU is on.
// In: x0 = pointer, w1 = value, x2 = size. Out: x0 as it was.
//
//   | bytes | pairs | dc zva blocks ... | pairs | bytes |      the blocks for zero only
//   ^ any   ^ 16    ^ block size
    .global memset
    .type memset, %function
memset:
    mov     x3, x0
    and     x4, x1, #0xff
    mov     x5, #0x0101010101010101
    mul     x4, x4, x5
1:  cbz     x2, 9f                      // bytes up to a multiple of 16
    tst     x3, #15
    b.eq    2f
    strb    w4, [x3], #1
    sub     x2, x2, #1
    b       1b
2:  cbnz    x4, 6f
    cmp     x2, #256                    // below this the blocks are not worth their set-up
    b.lo    6f
    mrs     x5, dczid_el0
    tbnz    w5, #4, 6f                  // DZP: prohibited
    mrs     x6, sctlr_el1
    tbz     w6, #0, 6f                  // M: with the MMU off dc zva faults
    and     x5, x5, #15                 // BS: log2 of words in a block
    mov     x6, #4
    lsl     x5, x6, x5
    sub     x6, x5, #1
    add     x7, x5, x5
    cmp     x2, x7                      // room for one whole block wherever it starts
    b.lo    6f
    cmp     x5, #16
    b.lo    6f                          // a block of 4 or 8 bytes gains nothing
3:  tst     x3, x6
    b.eq    4f
    stp     xzr, xzr, [x3], #16
    sub     x2, x2, #16
    b       3b
4:  dc      zva, x3
    add     x3, x3, x5
    sub     x2, x2, x5
    cmp     x2, x5
    b.hs    4b
6:  subs    x2, x2, #64
    b.lo    7f
5:  stp     x4, x4, [x3]
    stp     x4, x4, [x3, #16]
    stp     x4, x4, [x3, #32]
    stp     x4, x4, [x3, #48]
    add     x3, x3, #64
    subs    x2, x2, #64
    b.hs    5b
7:  tbz     x2, #5, 1f                  // x2 = rest - 64: its low six bits are the rest's
    stp     x4, x4, [x3], #16
    stp     x4, x4, [x3], #16
1:  tbz     x2, #4, 1f
    stp     x4, x4, [x3], #16
1:  tbz     x2, #3, 1f
    str     x4, [x3], #8
1:  tbz     x2, #2, 1f
    str     w4, [x3], #4
1:  tbz     x2, #1, 1f
    strh    w4, [x3], #2
1:  tbz     x2, #0, 9f
    strb    w4, [x3]
9:  ret

// void *memmove(void *to, const void *from, size_t size): the ranges may overlap.
// In: x0 = to, x1 = from, x2 = size. Out: x0 as it was.
    .global memmove
    .type memmove, %function
memmove:
    sub     x3, x0, x1
    cmp     x3, x2                      // unsigned: true when to lies inside [from, from + size)
    b.lo    copy_backward
    // falls through: copying upwards overtakes nothing

// void *memcpy(void *to, const void *from, size_t size).
// In: x0 = to, x1 = from, x2 = size. Out: x0 as it was.
    .global memcpy
    .type memcpy, %function
memcpy:
    mov     x3, x0
1:  cmp     x2, #16                     // bytes until `to` is a multiple of 8, or to the end
    b.lo    copy_bytes
2:  tst     x3, #7
    b.eq    3f
    ldrb    w4, [x1], #1
    strb    w4, [x3], #1
    sub     x2, x2, #1
    b       2b
3:  ands    x8, x1, #7
    b.ne    copy_shifted
    subs    x2, x2, #64
    b.lo    5f
4:  ldp     x4, x5, [x1]
    ldp     x6, x7, [x1, #16]
    ldp     x8, x9, [x1, #32]
    ldp     x10, x11, [x1, #48]
    stp     x4, x5, [x3]
    stp     x6, x7, [x3, #16]
    stp     x8, x9, [x3, #32]
    stp     x10, x11, [x3, #48]
    add     x1, x1, #64
    add     x3, x3, #64
    subs    x2, x2, #64
    b.hs    4b
5:  add     x2, x2, #64
6:  subs    x2, x2, #8
    b.lo    7f
    ldr     x4, [x1], #8
    str     x4, [x3], #8
    b       6b
7:  add     x2, x2, #8
copy_bytes:
    cbz     x2, 9f
    ldrb    w4, [x1], #1
    strb    w4, [x3], #1
    sub     x2, x2, #1
    b       copy_bytes
9:  ret

// `to` is a multiple of 8, `from` is x8 (1 to 7) bytes past one. Whole words are read, shifted and merged:
//
//   from:  ........ AAAbbbbb ccc.....     little-endian: a word's low bytes come first
//   to:             [AAA from one word | bbbbb from the next]
//
// The first part word is gathered from single bytes, so nothing before `from` is read; the loop ends while
// a whole word is left, so nothing behind the end is either.
// In: x1 = from, x2 = size (at least 9), x3 = to, x8 = from & 7
copy_shifted:
    lsl     x9, x8, #3                  // bits that lie before `from` in its word
    mov     x10, #64
    sub     x10, x10, x9                // bits of the part word
    mov     x4, xzr
    mov     x5, xzr
1:  ldrb    w6, [x1], #1
    lsl     x6, x6, x5
    orr     x4, x4, x6                  // x4 = the part word, its bytes low
    add     x5, x5, #8
    cmp     x5, x10
    b.lo    1b
    lsr     x7, x10, #3                 // bytes held in x4
    sub     x2, x2, x7                  // x2 = bytes not yet read
2:  cmp     x2, #8
    b.lo    3f
    ldr     x6, [x1], #8
    sub     x2, x2, #8
    lsl     x5, x6, x10
    orr     x4, x4, x5
    str     x4, [x3], #8
    lsr     x4, x6, x9
    b       2b
3:  strb    w4, [x3], #1                // what is held, then the bytes not read
    lsr     x4, x4, #8
    subs    x7, x7, #1
    b.ne    3b
    b       copy_bytes

// From the end downwards, for memmove to a higher, overlapping place.
// In: x0 = to, x1 = from, x2 = size
copy_backward:
    add     x3, x0, x2
    add     x1, x1, x2
    eor     x4, x3, x1
    tst     x4, #7
    b.ne    3f                          // never both aligned: bytes
1:  cbz     x2, 9f
    tst     x3, #7
    b.eq    2f
    ldrb    w4, [x1, #-1]!
    strb    w4, [x3, #-1]!
    sub     x2, x2, #1
    b       1b
2:  subs    x2, x2, #16
    b.lo    4f
    ldp     x4, x5, [x1, #-16]!
    stp     x4, x5, [x3, #-16]!
    b       2b
4:  add     x2, x2, #16
3:  cbz     x2, 9f
    ldrb    w4, [x1, #-1]!
    strb    w4, [x3, #-1]!
    sub     x2, x2, #1
    b       3b
9:  ret

// int memcmp(const void *a, const void *b, size_t size): the difference of the first bytes that differ.
// In: x0 = a, x1 = b, x2 = size. Out: w0 < 0, 0 or > 0.
    .global memcmp
    .type memcmp, %function
memcmp:
    eor     x3, x0, x1
    tst     x3, #7
    b.ne    3f
1:  cbz     x2, 8f                      // bytes until both are multiples of 8
    tst     x0, #7
    b.eq    2f
    ldrb    w3, [x0], #1
    ldrb    w4, [x1], #1
    subs    w5, w3, w4
    b.ne    9f
    sub     x2, x2, #1
    b       1b
2:  cmp     x2, #8
    b.lo    3f
    ldr     x3, [x0]
    ldr     x4, [x1]
    cmp     x3, x4
    b.ne    3f                          // the bytes of this word decide
    add     x0, x0, #8
    add     x1, x1, #8
    sub     x2, x2, #8
    b       2b
3:  cbz     x2, 8f
    ldrb    w3, [x0], #1
    ldrb    w4, [x1], #1
    subs    w5, w3, w4
    b.ne    9f
    sub     x2, x2, #1
    b       3b
8:  mov     w5, wzr
9:  mov     w0, w5
    ret
