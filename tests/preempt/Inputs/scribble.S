/* For the programs that are stopped at every instruction (step_*.toy). */
#include "toy_asm.h"

/* func scribble(): every register that a callee may change is changed, and those that it must keep, for a while. */
TOY_LEAF main.scribble, depth=40
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  .irp r, rax, rbx, rcx, rdx, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
  movabsq $0xdeadbeefdeadbeef, %\r
  .endr
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
  pcmpeqd %xmm\n, %xmm\n
  .endr
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  stc
  ret
TOY_ENDLEAF main.scribble

/* func bump(n *int): one more, by an ordinary load and store. No update is lost on one P, since who is stopped in between
 * starts again. */
TOY_FUNC main.bump, args=1
1:
  movq (%rdi), %rax
  incq %rax
  nop
  nop
  movq %rax, (%rdi)
2:
  .pushsection toyunsafe, "a", @progbits
  .p2align 3
  .quad 1b, 2b, 2
  .popsection
  TOY_RETURN
TOY_ENDFUNC main.bump

/* func bumpFrameless(n *int): the same in a function without a frame: it begins again at its entry, with the argument as it was
 * there. */
  .section toytext, "ax", @progbits
  .globl main.bumpFrameless
  .type main.bumpFrameless, @function
  .p2align 4, 0x90
main.bumpFrameless:
  .cfi_startproc
  movq (%rdi), %rax
  incq %rax
  nop
  movq %rax, (%rdi)
3:
  ret
  .cfi_endproc
  .size main.bumpFrameless, . - main.bumpFrameless
  .pushsection toyunsafe, "a", @progbits
  .quad main.bumpFrameless, 3b, 3
  .popsection
  .pushsection .rodata
4:
  .asciz "main.bumpFrameless"
  .popsection
  .pushsection toyfuncs, "a", @progbits
  .p2align 3
  .quad main.bumpFrameless, 4b, 4b
  .long 1, 0
  .quad 1, 0
  .popsection

/* func bits(x float64) int: all of it, to be printed. */
TOY_FUNC main.bits
  movq %xmm0, %rax
  TOY_RETURN
TOY_ENDFUNC main.bits

TOY_END main
