// Vector table and reset of a Cortex-M4 with FPU. Everything that depends on the board is in link.ld.
    .syntax unified
    .thumb

    .section .vectors, "a", %progbits
    .word stack_top
    .word reset
    // NMI, hard fault, memory management, bus and usage fault, four reserved, SVC, debug monitor, reserved, PendSV, SysTick: nothing in a
    // packed program uses them, so each is a fault.
    .rept 14
    .word unexpected_exception
    .endr

    .section .text.reset, "ax", %progbits
    .globl reset
    .type reset, %function
reset:
    // Full access to coprocessors 10 and 11, the FPU (CPACR, Armv7-M Architecture Reference Manual B3.2.20).
    ldr r0, =0xE000ED88
    ldr r1, [r0]
    orr r1, r1, #0x00F00000
    str r1, [r0]
    dsb
    isb

    // The stack is painted so that device_main can find how deep it went. Nothing is on it yet.
    ldr r0, =stack_limit
    ldr r1, =stack_top
    ldr r2, =0xDEADBEEF
    b 2f
1:  str r2, [r0], #4
2:  cmp r0, r1
    blo 1b

    ldr r0, =data_start
    ldr r1, =data_end
    ldr r2, =data_load
    b 4f
3:  ldr r3, [r2], #4
    str r3, [r0], #4
4:  cmp r0, r1
    blo 3b

    ldr r0, =bss_start
    ldr r1, =bss_end
    movs r2, #0
    b 6f
5:  str r2, [r0], #4
6:  cmp r0, r1
    blo 5b

    bl device_main
    // device_main ends the program itself.
    b unexpected_exception
    .size reset, . - reset

// Ends the emulator with code 99: SYS_EXIT_EXTENDED (0x20) with ADP_Stopped_ApplicationExit (0x20026). Without a debugger the core stops.
    .section .text.unexpected_exception, "ax", %progbits
    .globl unexpected_exception
    .type unexpected_exception, %function
unexpected_exception:
    // The stack pointer may be what went wrong, so the block is constant.
    movs r0, #0x20
    ldr r1, =exit_block
    bkpt #0xAB
    b .
    .size unexpected_exception, . - unexpected_exception

    .section .rodata.exit_block, "a", %progbits
    .balign 4
exit_block:
    .word 0x20026, 99
