// The names under which compilers call memory functions on Arm (Run-time ABI for the Arm Architecture §4.3.4). Sizes are in bytes; the 4
// and 8 forms promise aligned pointers, which memory.c does not need.
    .syntax unified
    .thumb

    .macro alias_of target, names:vararg
    .irp name, \names
    .globl \name
    .type \name, %function
    .thumb_set \name, \target
    .endr
    .endm

    .section .text.aeabi_memset, "ax", %progbits
    .type aeabi_memset, %function
aeabi_memset:                       // pointer, count, value; memset has them pointer, value, count
    mov r3, r1
    mov r1, r2
    mov r2, r3
    b memset
    .size aeabi_memset, . - aeabi_memset
    alias_of aeabi_memset, __aeabi_memset, __aeabi_memset4, __aeabi_memset8

    .section .text.aeabi_memclr, "ax", %progbits
    .type aeabi_memclr, %function
aeabi_memclr:                       // pointer, count
    mov r2, r1
    movs r1, #0
    b memset
    .size aeabi_memclr, . - aeabi_memclr
    alias_of aeabi_memclr, __aeabi_memclr, __aeabi_memclr4, __aeabi_memclr8

    .section .text.aeabi_memmove, "ax", %progbits
    .type aeabi_memmove, %function
aeabi_memmove:                      // destination, source, count
    b memmove
    .size aeabi_memmove, . - aeabi_memmove
    alias_of aeabi_memmove, __aeabi_memmove, __aeabi_memmove4, __aeabi_memmove8
    alias_of aeabi_memmove, __aeabi_memcpy, __aeabi_memcpy4, __aeabi_memcpy8
