/* Stubs for stackdepth.test. The place of the context and of g0's SP are made up. */
  .text
  .globl switching, deep_stub, deep_jump, loops, unbalanced, lost

switching: /* leaves for another stack and comes back, as the stubs of the runtime do */
  pushq %rbp
  movq %rsp, %rbp
  leaq -40(%rsp), %r11
  movq %r11, 8(%rax)
  movq 16(%r10), %rsp
  call deep_leaf /* not on this stack */
  movq 8(%rcx), %rsp
  addq $40, %rsp
  popq %rbp
  ret

deep_stub:
  subq $624, %rsp
  addq $624, %rsp
  ret

deep_jump:
  pushq %rbx
  jmp 1f
  ud2
1:
  subq $608, %rsp
  jmp further

further: /* another symbol, reached by a jump: the same frame */
  pushq %rax
  popq %rax
  addq $608, %rsp
  popq %rbx
  ret

loops:
  pushq %rax
  decq %rdi
  jnz loops
  ud2

unbalanced:
  pushq %rax
  ret

lost:
  movq 16(%r10), %rsp
  movq 8(%rcx), %rsp
  ret

  .section .note.GNU-stack, "", @progbits
