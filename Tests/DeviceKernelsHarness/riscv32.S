// Start-up of QEMU's virt machine without firmware: stack, floating point on, zeroed .bss, device_main; traps leave with code 99.
    .section .text.start, "ax", @progbits
    .globl _start
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, stack_top
    la t0, fault
    csrw mtvec, t0
    li t0, 0x2000
    csrs mstatus, t0
    la t0, bss_start
    la t1, bss_end
1:  bgeu t0, t1, 2f
    sw zero, 0(t0)
    addi t0, t0, 4
    j 1b
2:  li a0, 0
    call device_main
    .balign 4
fault:
    li a0, 99
    call harness_exit

    // The three instructions that mark a semihosting call must be uncompressed and in one page.
    .balign 16
    .globl semihosting
semihosting:
    .option push
    .option norvc
    slli x0, x0, 0x1f
    ebreak
    srai x0, x0, 7
    .option pop
    ret
