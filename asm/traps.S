// Deliberate faults, for the monitor's `panic KIND`: what a compiler would refuse or optimise away.

    .text

// void trap_undefined(void): an instruction that the architecture keeps undefined.
    .global trap_undefined
trap_undefined:
    udf     #0
    ret

// void trap_read(uintptr_t address): one word, whatever the address.
    .global trap_read
trap_read:
    ldr     w0, [x0]
    ret

// void trap_write(uintptr_t address): one word, whatever the address.
    .global trap_write
trap_write:
    str     wzr, [x0]
    ret

// void trap_overwrite(void *start, size_t size): writes on, whoever owns it. `size` is not 0.
    .global trap_overwrite
trap_overwrite:
    mov     w2, #0xa5
1:  strb    w2, [x0], #1
    subs    x1, x1, #1
    b.ne    1b
    ret

// void trap_jump(uintptr_t address): runs what lies there; x30 stays the caller's.
    .global trap_jump
trap_jump:
    br      x0
