/* asm.h: macros of the assembly files: symbols, the current G and M, and the two kinds of runtime call.
 *
 * A runtime call (runtime.def) starts as an ordinary frame, so the walker needs no exception for it: push rbp, set rbp.
 * Then it leaves the goroutine's stack: sched.sp = the address of a context {r15 r14 r13 r12 rbx rbp return} whose last
 * two words are the frame just made. A PARK call fills in the five callee-saved registers, since another thread may
 * resume it by toy_gogo, which pops the context and so returns straight to compiled code. A G0 call always comes back
 * here on the same thread, and C has kept the registers: the five words are only counted, so that every stopped
 * goroutine is walked from the same shape.
 *
 * Argument registers are not touched between compiled code and C: rdi rsi rdx rcx r8 r9 and xmm0-7. rax, r10, r11 are
 * free.
 */
#include "../abi/limits.h"
#include "offsets.h"

.macro FUNC name
  .text
  .globl "\name"
  .type "\name", @function
  .p2align 4
"\name":
  .cfi_startproc
.endm

.macro ENDFUNC name
  .cfi_endproc
  .size "\name", . - "\name"
.endm

/* The two thread-local words (runtime.h: toy_g, toy_m). */
#define TLS_G %fs:toy_g@TPOFF
#define TLS_M %fs:toy_m@TPOFF

.macro FRAME
  pushq %rbp
  .cfi_def_cfa_offset 16
  .cfi_offset %rbp, -16
  movq %rsp, %rbp
  .cfi_def_cfa_register %rbp
.endm

/* Behind FRAME: the other registers that a callee keeps, and the words that make the frame a saved context. */
.macro PUSH_CALLEE_SAVED
  pushq %rbx
  .cfi_offset %rbx, -24
  pushq %r12
  .cfi_offset %r12, -32
  pushq %r13
  .cfi_offset %r13, -40
  pushq %r14
  .cfi_offset %r14, -48
  pushq %r15
  .cfi_offset %r15, -56
.endm

.macro UNFRAME
  popq %rbp
  .cfi_def_cfa %rsp, 8
  ret
.endm

/* From the goroutine's stack, with \save = the context's address, to g0's. Clobbers rax and r10. */
.macro TO_G0 save
  movq TLS_G, %rax
  movq TLS_M, %r10
  movq M_g0(%r10), %r10
  cmpq %r10, %rax
  je toy_badsystemstack
  movq \save, G_sched_sp(%rax)
  movq %r10, TLS_G
  movq G_sched_sp(%r10), %rsp
.endm

/* Back to the context of curg, less its five registers. Keeps rax and rdx, the result. */
.macro FROM_G0
  movq TLS_M, %rcx
  movq M_curg(%rcx), %rcx
  movq %rcx, TLS_G
  movq G_sched_sp(%rcx), %rsp
  addq $40, %rsp
.endm

/* A goroutine that was asked to yield while it was in C, where no signal stops it, yields on its way back: a loop that does
 * little but runtime calls would else be stopped only when a signal happens to hit compiled code. rcx: the G. */
.macro YIELD_IF_ASKED
  cmpb $0, G_preempt(%rcx)
  jne toy_yield_with_result
.endm

.macro STUB_G0 name, body, leaf
  FUNC \name
  FRAME
  leaq -40(%rsp), %r11
  TO_G0 %r11
  call \body
  FROM_G0
  YIELD_IF_ASKED
  UNFRAME
  ENDFUNC \name
.endm

.macro STUB_NORET name, body, leaf
  FUNC \name
  FRAME
  leaq -40(%rsp), %r11
  TO_G0 %r11
  call \body
  ud2
  ENDFUNC \name
.endm

/* yields: 0 for the stubs that are themselves the yielding, which would not come to an end. */
.macro STUB_PARK name, body, leaf, yields=1
  FUNC \name
  FRAME
  PUSH_CALLEE_SAVED
  TO_G0 %rsp
  call \body
  FROM_G0
  .if \yields
  YIELD_IF_ASKED
  .endif
  UNFRAME
  ENDFUNC \name
.endm

/* A row of a package has a symbol that is no C name: it leads to the C function. */
.macro STUB_LEAF name, body, leaf
  .ifnb \leaf
  FUNC \name
  jmp \leaf
  ENDFUNC \name
  .endif
.endm
.macro STUB_LEAFASM name, body, leaf
.endm
.macro STUB_ASM name, body, leaf
.endm
