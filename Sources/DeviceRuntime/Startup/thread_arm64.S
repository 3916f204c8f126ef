// long edgepack_start_thread(number x0, flags x1, stack top x2, argument x3): clone(flags, stack, 0, 0, 0).
// The new thread returns from the same system call with x0 = 0, on its own stack and with the other registers as they are here.
    .text
    .globl edgepack_start_thread
    .type edgepack_start_thread, %function
edgepack_start_thread:
    mov x8, x0
    mov x0, x1
    mov x1, x2
    mov x5, x3
    mov x2, #0
    mov x3, #0
    mov x4, #0
    svc #0
    cbz x0, 1f
    ret
1:  mov x29, #0
    mov x30, #0
    mov x0, x5
    bl device_worker
    brk #1
    .size edgepack_start_thread, . - edgepack_start_thread
    .section .note.GNU-stack, "", %progbits
