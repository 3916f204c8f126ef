// long edgepack_start_thread(number rdi, flags rsi, stack top rdx, argument rcx): clone(flags, stack, 0, 0, 0).
// The new thread returns from the same system call with rax = 0, on its own stack and with the other registers as they are here.
    .text
    .globl edgepack_start_thread
    .type edgepack_start_thread, @function
edgepack_start_thread:
    movq %rdi, %rax
    movq %rsi, %rdi
    movq %rdx, %rsi
    movq %rcx, %r9
    xorl %edx, %edx
    xorl %r10d, %r10d
    xorl %r8d, %r8d
    syscall
    testq %rax, %rax
    jz 1f
    ret
1:  xorl %ebp, %ebp
    movq %r9, %rdi
    call device_worker
    ud2
    .size edgepack_start_thread, . - edgepack_start_thread
    .section .note.GNU-stack, "", @progbits
