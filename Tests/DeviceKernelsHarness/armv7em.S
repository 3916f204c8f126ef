// Start-up of the mps2-an386 board: vector table, FPU on, zeroed .bss, device_main; faults leave with code 99.
    .syntax unified
    .thumb
    .section .vectors, "a", %progbits
    .word stack_top
    .word reset
    .rept 14
    .word fault
    .endr

    .text
    .globl reset
    .type reset, %function
    .thumb_func
reset:
    ldr r0, =0xE000ED88
    ldr r1, [r0]
    orr r1, r1, #0x00F00000
    str r1, [r0]
    dsb
    isb
    ldr r0, =bss_start
    ldr r1, =bss_end
    movs r2, #0
1:  cmp r0, r1
    bhs 2f
    str r2, [r0], #4
    b 1b
2:  movs r0, #0
    bl device_main
    .type fault, %function
    .thumb_func
fault:
    movs r0, #99
    bl harness_exit

    .globl semihosting
    .type semihosting, %function
    .thumb_func
semihosting:
    bkpt 0xab
    bx lr
