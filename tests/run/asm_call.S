/* Functions that the runtime walks and moves like compiled ones. */
#include "toy_asm.h"

/* rdi: p, rsi: f, a function value: its code is its first word, it goes in r10. */
TOY_FUNC main.asmTwice, frame=16, args=0x3
  movq %rdi, -8(%rbp)
  movq %rsi, -16(%rbp)
  movq %rsi, %r10
  TOY_CALLREG (%r10), live="-8 -16"
  movq -8(%rbp), %rdi
  movq -16(%rbp), %r10
  TOY_CALLREG (%r10)
  TOY_RETURN
TOY_ENDFUNC main.asmTwice

/* rdi: next, rsi: value. The node {value, next} lies in the frame. */
TOY_FUNC main.asmList, frame=32, args=0x1
  TOY_OBJECT -16, 16, 2
  movq %rsi, -16(%rbp)
  movq %rdi, -8(%rbp)
  movq %rsi, -32(%rbp)
  TOY_ADDRESS -16, %rdi
  movq %rdi, -24(%rbp)
  TOY_CALL main.visit, live="-24"
  movq -24(%rbp), %rdi          /* the address has moved with the node */
  movq -32(%rbp), %rsi
  cmpq %rsi, (%rdi)
  je 1f
  movq $-2, %rax
1:
  TOY_RETURN
TOY_ENDFUNC main.asmList

TOY_FUNC main.asmCount
  xorl %eax, %eax
1:
  incq %rax
  cmpq %rdi, %rax
  jne 1b
  TOY_RETURN
TOY_ENDFUNC main.asmCount

/* Two stack words, the second a pointer. A large frame: compared with its size taken off. */
TOY_FUNC main.asmMany, frame=512, args=0x1
  movq %rdi, 8(%rsp)
  movq $7, 0(%rsp)
  movl $1, %edi
  movl $2, %esi
  movl $3, %edx
  movl $4, %ecx
  movl $5, %r8d
  movl $6, %r9d
  TOY_CALL main.many
  TOY_RETURN
TOY_ENDFUNC main.asmMany

TOY_FUNC main.asmVisit, args=0x1
  movq %rdi, %r10
  TOY_CALLREG (%r10)
  TOY_RETURN
TOY_ENDFUNC main.asmVisit

TOY_END main
