// Entry of a static Linux program: hands the initial stack (argc, argv, environment, auxiliary vector) to device_main.
    .text
    .globl _start
    .type _start, %function
_start:
    mov x29, #0
    mov x30, #0
    mov x0, sp
    and x1, x0, #-16
    mov sp, x1
    bl device_main
    brk #1
    .size _start, . - _start
    .section .note.GNU-stack, "", %progbits
