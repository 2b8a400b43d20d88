/* Leaves that take each kind of value apart and make it. Of a bool only bit 0 counts, of narrow integers only their own bits. */
#include "toy_asm.h"

TOY_LEAF main.not
  movl %edi, %eax
  xorl $1, %eax
  ret
TOY_ENDLEAF main.not

.macro NEG bits
TOY_LEAF main.neg\bits
  movq %rdi, %rax
  negq %rax
  ret
TOY_ENDLEAF main.neg\bits
TOY_LEAF main.dec\bits
  leaq -1(%rdi), %rax
  ret
TOY_ENDLEAF main.dec\bits
.endm
NEG 8
NEG 16
NEG 32
NEG 64

TOY_LEAF main.bits64
  movq %xmm0, %rax
  ret
TOY_ENDLEAF main.bits64
TOY_LEAF main.float64of
  movq %rdi, %xmm0
  ret
TOY_ENDLEAF main.float64of
TOY_LEAF main.bits32
  movd %xmm0, %eax
  ret
TOY_ENDLEAF main.bits32
TOY_LEAF main.float32of
  movd %edi, %xmm0
  ret
TOY_ENDLEAF main.float32of
TOY_LEAF main.minus64
  movq %xmm0, %rax
  btcq $63, %rax
  movq %rax, %xmm0
  ret
TOY_ENDLEAF main.minus64
TOY_LEAF main.minus32
  movd %xmm0, %eax
  btcl $31, %eax
  movd %eax, %xmm0
  ret
TOY_ENDLEAF main.minus32

/* dil, rsi, xmm0 → rax, rdx, xmm0 */
TOY_LEAF main.mixSmall
  movsbq %dil, %rax
  negq %rax
  movq %rsi, %rdx
  negq %rdx
  addss %xmm0, %xmm0
  ret
TOY_ENDLEAF main.mixSmall

/* rdi: a copy {a, text, len, c, d, e} at 0, 8, 16, 24, 26, 32. a + len + c + d + e */
TOY_LEAF main.sumLarge
  movq (%rdi), %rax
  addq 16(%rdi), %rax
  movswq 24(%rdi), %rcx
  addq %rcx, %rax
  movswq 26(%rdi), %rcx
  addq %rcx, %rax
  cvttsd2si 32(%rdi), %rcx
  addq %rcx, %rax
  ret
TOY_ENDLEAF main.sumLarge

TOY_LEAF main.sum3
  leal (%rdi,%rsi), %eax
  addl %edx, %eax
  ret
TOY_ENDLEAF main.sum3

TOY_LEAF main.sum8
  xorl %eax, %eax
  xorl %ecx, %ecx
1:
  addq (%rdi,%rcx,8), %rax
  incq %rcx
  cmpq $8, %rcx
  jne 1b
  ret
TOY_ENDLEAF main.sum8

/* rdi, rsi: bytes and length */
TOY_LEAF main.sumString
  xorl %eax, %eax
1:
  testq %rsi, %rsi
  je 2f
  movzbl -1(%rdi,%rsi), %ecx
  addq %rcx, %rax
  decq %rsi
  jmp 1b
2:
  ret
TOY_ENDLEAF main.sumString

TOY_LEAF main.middle
  leaq 1(%rdi), %rax
  leaq -2(%rsi), %rdx
  ret
TOY_ENDLEAF main.middle

TOY_LEAF main.built
  leaq built_text(%rip), %rax
  movl $17, %edx
  ret
TOY_ENDLEAF main.built

/* rdi, rsi, rdx: array, length, capacity; rcx: the value */
TOY_LEAF main.fill
  movq %rsi, %rax
  jmp 2f
1:
  decq %rsi
  movq %rcx, (%rdi,%rsi,8)
2:
  testq %rsi, %rsi
  jne 1b
  ret
TOY_ENDLEAF main.fill

TOY_LEAF main.tail
  leaq 8(%rdi), %rax
  leaq -1(%rdx), %rcx
  leaq -1(%rsi), %rdx
  ret
TOY_ENDLEAF main.tail

.macro SAME name
TOY_LEAF main.same\name
  movq %rdi, %rax
  movq %rsi, %rdx
  ret
TOY_ENDLEAF main.same\name
.endm
SAME Chan
SAME Map
SAME Func
SAME Any
SAME Shape
SAME Pointer

/* Six in registers, four on the stack above the return address. */
TOY_LEAF main.product
  movq %rdi, %rax
  imulq %rsi, %rax
  imulq %rdx, %rax
  imulq %rcx, %rax
  imulq %r8, %rax
  imulq %r9, %rax
  imulq 8(%rsp), %rax
  imulq 16(%rsp), %rax
  imulq 24(%rsp), %rax
  imulq 32(%rsp), %rax
  ret
TOY_ENDLEAF main.product

/* Pointer and string come on the stack; four words of results: rax, rdx and rcx, r8. */
TOY_LEAF main.stackWords
  movq 8(%rsp), %rax
  movq 16(%rsp), %rdx
  movq 24(%rsp), %rcx
  movq %rcx, %r8
  ret
TOY_ENDLEAF main.stackWords

/* A bool, an int16 and a slice: dil, si, rdx rcx r8. */
TOY_LEAF main.narrow
  xorl $1, %edi
  movl %edi, %eax
  negl %esi
  movb (%rdx), %cl
  movl %esi, %edx
  ret
TOY_ENDLEAF main.narrow

/* Five words of results go to the object in rdi; the arguments move up by one. */
TOY_LEAF main.wide
  movq %rsi, (%rdi)
  movq %rdx, 8(%rdi)
  movq %rcx, 16(%rdi)
  movq %r8, 24(%rdi)
  movq %r9, 32(%rdi)
  ret
TOY_ENDLEAF main.wide

.macro NIL name
TOY_LEAF main.nil\name
  xorl %eax, %eax
  xorl %edx, %edx
  xorl %ecx, %ecx
  ret
TOY_ENDLEAF main.nil\name
.endm
NIL Chan
NIL Map
NIL Func
NIL Any
NIL Slice

  .section .rodata
built_text:
  .ascii "built in assembly"
greeting:
  .ascii "from data"

  .data
  .globl main.word, main.four, main.text, main.number
  .p2align 3
main.word:
  .byte 1, 2, 3, 4
main.four:
  .short 0x0201, 0x0403
main.text:
  .quad greeting, 9
main.number:
  .long 42, 0

TOY_END main
