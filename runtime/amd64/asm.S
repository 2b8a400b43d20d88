/* asm.S: changes of stack: into a goroutine (toy_gogo), its first and last instruction (toy_gostart), into the
 * scheduler (toy_mstart_schedule) and out of it for good (toy_thread_end), and the growth of a stack (__morestack). Runtime calls are in stubs.S.
 *
 * There is one shape of saved context (struct gobuf in runtime.h); whoever saves one leaves a return address in it that
 * continues by itself: the caller of a runtime call, toy_gostart, or toy_morestack_resume.
 */
#include "asm.h"

/* _Noreturn void toy_gogo(G *gp)
 * On g0; leaves its stack for good. SP out: gp's. A null gp faults at the first load, before anything has changed. */
FUNC toy_gogo
  movq G_sched_sp(%rdi), %rsp
  movq %rdi, TLS_G
  movq G_sched_ret(%rdi), %rax
  movq $0, G_sched_sp(%rdi)     /* a context is used once */
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
ENDFUNC toy_gogo

/* A new goroutine's context returns here, SP 16-aligned, nothing above it but the top of the stack. rbp = 0 ends the
 * frame chain; toy_gostart_ret is the return address at which every walk ends. */
FUNC toy_gostart
  .cfi_undefined %rip
  movq TLS_G, %rax
  movq G_startfn(%rax), %r10
  movq $0, G_startfn(%rax)
  xorl %ebp, %ebp
  call *(%r10)
  .globl toy_gostart_ret
toy_gostart_ret:
  leaq -GOBUF_SIZE_(%rsp), %r11
  TO_G0 %r11
  call rt_goexit
  ud2
ENDFUNC toy_gostart

/* void toy_mstart_schedule(void)
 * On a thread's own stack: makes this place the base of g0, on which every later switch to g0 starts afresh. Returns when
 * toy_thread_end comes back here: then the thread is to end. */
FUNC toy_mstart_schedule
  FRAME
  PUSH_CALLEE_SAVED
  subq $8, %rsp                 /* a call finds SP 16-aligned */
  movq TLS_M, %rax
  movq M_g0(%rax), %rax
  movq %rsp, G_sched_sp(%rax)
  call schedule
  ud2
ENDFUNC toy_mstart_schedule

/* _Noreturn void toy_thread_end(void)
 * On g0, however deep. */
FUNC toy_thread_end
  movq TLS_M, %rax
  movq M_g0(%rax), %rax
  movq G_sched_sp(%rax), %rsp
  addq $8, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
ENDFUNC toy_thread_end

/* uintptr_t toy_guard_address(void): where this thread keeps its stack guard. */
FUNC toy_guard_address
  movq %fs:0, %rax
  addq $TOY_GUARD_OFFSET, %rax
  ret
ENDFUNC toy_guard_address

/* void toy_invoke_c(struct toy_ccall *c)
 * On g0, which stays aligned to 16 when the number of stack words is odd. al: the vector registers that a function with
 * a variable number of arguments is to save. */
FUNC toy_invoke_c
  FRAME
  pushq %rbx
  .cfi_offset %rbx, -24
  subq $8, %rsp
  movq %rdi, %rbx
  movq ccall_nstack(%rbx), %rcx
  leaq 1(%rcx), %rax
  andq $-2, %rax
  shlq $3, %rax
  subq %rax, %rsp
1:
  testq %rcx, %rcx
  jz 2f
  movq ccall_stack-8(%rbx,%rcx,8), %rax
  movq %rax, -8(%rsp,%rcx,8)
  decq %rcx
  jmp 1b
2:
  .irp i, 0, 1, 2, 3, 4, 5, 6, 7
  movq ccall_floats+8*\i(%rbx), %xmm\i
  .endr
  movq ccall_ints(%rbx), %rdi
  movq ccall_ints+8(%rbx), %rsi
  movq ccall_ints+16(%rbx), %rdx
  movq ccall_ints+24(%rbx), %rcx
  movq ccall_ints+32(%rbx), %r8
  movq ccall_ints+40(%rbx), %r9
  movl $8, %eax
  call *ccall_fn(%rbx)
  movq %rax, ccall_result(%rbx)
  movq %xmm0, ccall_fresult(%rbx)
  movq -8(%rbp), %rbx
  movq %rbp, %rsp
  UNFRAME
ENDFUNC toy_invoke_c

/* A runtime call by code that is on g0 already. */
FUNC toy_badsystemstack
  andq $-16, %rsp
  call badsystemstack
  ud2
ENDFUNC toy_badsystemstack

/* managed pointer toy_deferframe(struct toy_deferframe *f)
 * Compiled code's setjmp (abi/defer.h). f's pointers are null, as those of every stack object are at first. Returns null; returns f once more for each panic recovered in its function. */
FUNC toy_deferframe
  leaq 8(%rsp), %rax
  movq %rdi, %rcx
  subq %rax, %rcx
  movq %rcx, deferframe_below(%rdi)
  movq %rbp, %rcx
  subq %rdi, %rcx
  movq %rcx, deferframe_above(%rdi)
  movq (%rsp), %rcx
  movq %rcx, deferframe_pc(%rdi)
  movq %r15, deferframe_saved+0(%rdi)
  movq %r14, deferframe_saved+8(%rdi)
  movq %r13, deferframe_saved+16(%rdi)
  movq %r12, deferframe_saved+24(%rdi)
  movq %rbx, deferframe_saved+32(%rdi)
  movq TLS_G, %rax
  movq G_defer(%rax), %rcx
  movq %rcx, deferframe_link(%rdi)
  movq %rdi, G_defer(%rax)
  xorl %eax, %eax
  ret
ENDFUNC toy_deferframe

/* A panic raised by C (panic.c, raise): jumped to as if the code that called the runtime had called runtime.raise, which
 * is Toy code, so its frame is the first that a walk meets. rbx, r12, r13: the arguments. */
FUNC toy_raise
  movq %rbx, %rdi
  movq %r12, %rsi
  movq %r13, %rdx
  jmp runtime.raise
ENDFUNC toy_raise
  .weak runtime.raise           /* a program without Toy's library: panic.c ends it itself */

/* __morestack: called by the slow path of a prologue (docs/abi.md).
 * In: r10 = frame size of the function, r11 = bytes of its stack arguments; [rsp] the slow path's return address,
 * [rsp+8] the function's own, [rsp+16] its stack arguments; rbp is the caller's; every argument register is live.
 * Saves the arguments in an area above the context, so that they travel with the stack and the copier can adjust those
 * that the function's table calls pointers. newstack (C) moves the stack, or yields, and resumes the context. Continues
 * one byte behind the return address, past the slow path's retq, so the check is not repeated: what newstack leaves
 * behind must be large enough.
 * The area and the context lie in the slack below the guard (limits.h).
 *
 * On g0 or the signal stack compiled code has no business and there is nothing to grow; nor may the stack be used, which may
 * be full. Every register of the usual kinds is in use here; xmm15 is free. */
FUNC __morestack
  movq %rax, %xmm15
  movq TLS_M, %rax
  cmpq M_gsignal_lo(%rax), %rsp
  jb 1f
  cmpq M_gsignal_hi(%rax), %rsp
  jb toy_badmorestackgsignal
1:
  movq M_g0(%rax), %rax
  cmpq TLS_G, %rax
  je toy_badmorestackg0
  movq %xmm15, %rax
  subq $TOY_MORESTACK_AREA, %rsp
  .cfi_adjust_cfa_offset TOY_MORESTACK_AREA
  movq %rdi, 0(%rsp)
  movq %rsi, 8(%rsp)
  movq %rdx, 16(%rsp)
  movq %rcx, 24(%rsp)
  movq %r8, 32(%rsp)
  movq %r9, 40(%rsp)
  movq %rax, 48(%rsp)           /* the closure context: the slow path has copied r10 here */
  movups %xmm0, 64(%rsp)
  movups %xmm1, 80(%rsp)
  movups %xmm2, 96(%rsp)
  movups %xmm3, 112(%rsp)
  movups %xmm4, 128(%rsp)
  movups %xmm5, 144(%rsp)
  movups %xmm6, 160(%rsp)
  movups %xmm7, 176(%rsp)
  leaq toy_morestack_resume(%rip), %rax
  pushq %rax
  .cfi_adjust_cfa_offset 8
  pushq %rbp
  .cfi_adjust_cfa_offset 8
  pushq %rbx
  .cfi_adjust_cfa_offset 8
  pushq %r12
  .cfi_adjust_cfa_offset 8
  pushq %r13
  .cfi_adjust_cfa_offset 8
  pushq %r14
  .cfi_adjust_cfa_offset 8
  pushq %r15
  .cfi_adjust_cfa_offset 8
  movq %r10, %rdi
  movq %r11, %rsi
  TO_G0 %rsp
  call newstack
  ud2
  .cfi_adjust_cfa_offset -GOBUF_SIZE_
  .globl toy_morestack_resume
toy_morestack_resume:
  movq 0(%rsp), %rdi
  movq 8(%rsp), %rsi
  movq 16(%rsp), %rdx
  movq 24(%rsp), %rcx
  movq 32(%rsp), %r8
  movq 40(%rsp), %r9
  movq 48(%rsp), %rax
  movups 64(%rsp), %xmm0
  movups 80(%rsp), %xmm1
  movups 96(%rsp), %xmm2
  movups 112(%rsp), %xmm3
  movups 128(%rsp), %xmm4
  movups 144(%rsp), %xmm5
  movups 160(%rsp), %xmm6
  movups 176(%rsp), %xmm7
  addq $TOY_MORESTACK_AREA, %rsp
  .cfi_adjust_cfa_offset -TOY_MORESTACK_AREA
  incq (%rsp)
  ret
ENDFUNC __morestack

/* _Noreturn void toy_abort(void): where nothing can be said any more. In a loop, so that neither a handler that returns nor a
 * debugger that goes on gets past it. */
FUNC toy_abort
  .cfi_undefined %rip
1:
  int3
  jmp 1b
ENDFUNC toy_abort

#define SYS_write 1

/* A line on standard error, then the trap, whose handler ends the program. No stack: nothing is pushed. */
.macro BADMORESTACK name, text
FUNC \name
  .cfi_undefined %rip
  leaq 8f(%rip), %rsi
  movl $9f - 8f, %edx
  movl $2, %edi
  movl $SYS_write, %eax
  syscall
  jmp toy_abort
ENDFUNC \name
  .pushsection .rodata
8: .ascii "\text\n"
9:
  .popsection
.endm
BADMORESTACK toy_badmorestackg0, "fatal: morestack on g0"
BADMORESTACK toy_badmorestackgsignal, "fatal: morestack on gsignal"

/* runtime.Breakpoint: the trap and nothing else, for a debugger. Without one signal.c ends the program. */
FUNC runtime.Breakpoint
  int3
  ret
ENDFUNC runtime.Breakpoint

  .section .note.GNU-stack, "", @progbits
