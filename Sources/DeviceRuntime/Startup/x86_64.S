// Entry of a static Linux program: hands the initial stack (argc, argv, environment, auxiliary vector) to device_main.
    .text
    .globl _start
    .type _start, @function
_start:
    xorl %ebp, %ebp
    movq %rsp, %rdi
    andq $-16, %rsp
    call device_main
    ud2
    .size _start, . - _start
    .section .note.GNU-stack, "", @progbits
