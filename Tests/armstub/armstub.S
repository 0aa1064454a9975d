// A stand-in for the firmware's stub, for boot tests: what the boards really do, which an emulator's own loader
// does not. All four cores start here, at address 0 in EL3; core 0 goes on at EL2 with the device tree's
// address in x0, and the others sleep in the spin table (Linux Documentation/arch/arm64/booting.rst; what is
// set up is what Raspberry Pi's armstub8 sets up).
//
// OLD_STUB: like stubs that are known to leave things as they are at reset. CNTFRQ_EL0 is 1, the block beside
// the cores is not written.

#define IMAGE 0x200000
#define TREE  0x2eff8900

    .text
    .globl _start
_start:
    b       start

    .org    0xd8
spin_table:
    .quad   0, 0, 0, 0

    .org    0x100
start:
    mrs     x0, midr_el1
    ubfx    x0, x0, #4, #12
    cmp     w0, #0xd08                  // a Cortex-A72 is a BCM2711's
    adr     x1, bcm2837
    adr     x2, bcm2711
    csel    x10, x2, x1, eq
#ifdef OLD_STUB
    mov     x0, #1
    msr     cntfrq_el0, x0
#else
    ldr     x0, [x10]                   // the counter: from the crystal, undivided
    str     wzr, [x0]
    mov     w1, #0x80000000
    str     w1, [x0, #8]
    ldr     x0, [x10, #8]
    msr     cntfrq_el0, x0
#endif
    mrs     x0, S3_1_C11_C0_2           // L2CTLR_EL1
    mov     x1, #0x22
    orr     x0, x0, x1
    msr     S3_1_C11_C0_2, x0
    msr     cntvoff_el2, xzr
    msr     cptr_el3, xzr
    mov     x0, #0x5b1                  // RW, HCE, SMD, RES1, NS
    msr     scr_el3, x0
    mov     x0, #0x73                   // EL2 may write what is Cortex-A53's own
    msr     actlr_el3, x0
    mov     x0, #0x40                   // SMPEN
    msr     S3_1_C15_C2_1, x0

    mrs     x9, mpidr_el1
    and     x9, x9, #3
    ldr     x0, [x10, #16]              // the GIC: everything is the non-secure world's
    cbz     x0, 3f
    cbz     x9, 1f                      // the distributor is switched on by the others
    mov     w1, #3
    str     w1, [x0]
1:  add     x1, x0, #0x1000
    mov     w2, #0x1e7
    str     w2, [x1]
    mov     w2, #0xff
    str     w2, [x1, #4]
    add     x1, x0, #0x80
    mov     w2, #-1
    mov     w3, #8
2:  str     w2, [x1], #4
    subs    w3, w3, #1
    b.ne    2b

3:  ldr     x0, =0x30c50830
    msr     sctlr_el2, x0
    mov     x0, #0x3c9                  // EL2h, all masked
    msr     spsr_el3, x0
    adr     x0, 4f
    msr     elr_el3, x0
    eret
4:  cbz     x9, 6f
    adr     x1, spin_table
5:  wfe
    ldr     x2, [x1, x9, lsl #3]
    cbz     x2, 5b
    mov     x0, xzr
    br      x2
6:  ldr     x0, =TREE
    ldr     x4, =IMAGE
    mov     x1, xzr
    mov     x2, xzr
    mov     x3, xzr
    br      x4

    // The block beside the cores, the crystal, the GIC's distributor.
    .balign 8
bcm2837:
    .quad   0x40000000, 19200000, 0
bcm2711:
    .quad   0xff800000, 54000000, 0xff841000
