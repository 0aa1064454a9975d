// What compiled async functions call, and what calls them: swifttailcc, a convention that Swift itself cannot be
// made to have. Linked only into kernels with tasks; the work is done in kernel/Concurrency.
//
//   x22   the context of the async function that runs (a frame in its task's own memory)
//   x20   a closure's context on the way in; an error on the way out
//   x19, x21, x23-x30 are kept, as everywhere

    .text

// void task_resume(const void *resume, void *context)
// In: x0 = an async function's next part, x1 = its context. Clobbers: what any call clobbers
    .global task_resume
task_resume:
    stp     x29, x30, [sp, #-32]!
    mov     x29, sp
    stp     x20, x22, [sp, #16]
    mov     x22, x1
    mov     x20, xzr                    // no error
    blr     x0
    ldp     x20, x22, [sp, #16]
    ldp     x29, x30, [sp], #32
    ret

// The first part of every task. In: x22 = its first context, with what create() has put there:
//     16  the operation's code    24  where its result goes    32  the operation's closure
    .global task_begin
task_begin:
    ldp     x1, x0, [x22, #16]
    ldr     x20, [x22, #32]
    br      x1

// What the operation of a task returns to. In: x22 = its first context, x20 = its error
    .global task_complete
task_complete:
    mov     x0, x20
    b       task_finish                 // back to who called task_resume

// A function that may suspend: what `body` returns is where to go on, or 0 to let the core do something else.
// In: x0, x1, ... and x22 = the caller's context, which `body` gets as its last argument, in x\last
.macro suspends name, body, last
    .global \name
\name:
    stp     x29, x30, [sp, #-32]!
    mov     x29, sp
    str     x22, [sp, #16]
    mov     x\last, x22
    bl      \body
    ldr     x22, [sp, #16]
    ldp     x29, x30, [sp], #32
    cbz     x0, 1f
    mov     x20, xzr                    // no error
    br      x0
1:  ret
.endm

    // (resume, executor, its witness table): goes on at `resume` on that executor
    suspends swift_task_switch, task_switch, 3
    // (object, reason, resume, room for a context): kernel/Concurrency's own, under a name whose convention
    // the compiler knows
    suspends swift_task_future_wait, task_suspend, 4
    // (async let, room for its result, resume, room for a context)
    suspends swift_asyncLet_get, async_let_get, 4
    suspends swift_asyncLet_get_throwing, async_let_get, 4
    suspends swift_asyncLet_finish, async_let_finish, 4

// Where the end of an `async let` goes on when it had to wait for its task.
// In: x22 = the room for a context: parent, resume, the async let
    .global async_let_end
async_let_end:
    stp     x29, x30, [sp, #-32]!
    mov     x29, sp
    str     x22, [sp, #16]
    mov     x0, x22
    bl      async_let_clear
    ldr     x22, [sp, #16]
    ldp     x29, x30, [sp], #32
    ldp     x22, x0, [x22]
    mov     x20, xzr
    br      x0

// Two whose results have types of the compiler's own, which a function in Swift cannot be given.

    .global swift_task_create           // (flags, options, type, operation, closure)
swift_task_create:
    b       task_create

// Out: x0, x1 = the executor of MainActor: `Executor.main`, and no witness table
    .global swift_task_getMainExecutor
swift_task_getMainExecutor:
    mov     x0, #1
    mov     x1, xzr
    ret
