/* syscall.S: the entries of system calls, called by compiled code (swiftcc) as bodies of functions of package syscall.
 *
 *   syscall.syscall6(trap, a1 … a6 uintptr) (r1, errno uintptr)           may block: gives the processor away (syscall.c)
 *   syscall.syscallbuf(trap, fd uintptr, p *byte, n uintptr) (r1, errno)   the same with a managed buffer
 *   syscall.syscallpath(trap, dirfd uintptr, path *byte, flags, mode uintptr) (r1, errno)
 *   syscall.rawSyscall6                                                    keeps the processor: for calls that never block
 *
 * In: rdi rsi rdx rcx r8 r9, the seventh word on the stack; out: rax, rdx. They do not grow the stack: frame and context
 * lie in the slack below the guard.
 *
 * The blocking ones make an ordinary frame, lay number and arguments out as struct syscall_args in it, and make a PARK call.
 * Its context returns into the frame here (not into compiled code, as other calls' do), because the kernel's one word must
 * become two results; the walker steps over a frame whose return address is not in Toy code. A managed buffer needs no
 * care: nothing moves a goroutine's stack while it is in the kernel, and the argument is dead when the goroutine runs again.
 *
 * Linux reports an error as a result in [-4095, -1]; then r1 = -1 and errno is positive.
 */
#include "asm.h"

/* rax: the kernel's answer → rax, rdx: result and errno. */
.macro SPLIT_RESULT
  xorl %edx, %edx
  cmpq $-4095, %rax
  jb 1f
  movq %rax, %rdx
  negq %rdx
  movq $-1, %rax
1:
.endm

/* Pushes a6 (in rax), then the rest: rsp points at the struct. The eighth word keeps rsp aligned to 16. */
.macro PUSH_ARGS
  pushq %rax
  pushq %rax
  pushq %r9
  pushq %r8
  pushq %rcx
  pushq %rdx
  pushq %rsi
  pushq %rdi
  movq %rsp, %rdi
.endm

.macro RESULT_AND_RETURN
  SPLIT_RESULT
  movq %rbp, %rsp
  UNFRAME
.endm

FUNC syscall.syscall6
  FRAME
  movq 16(%rbp), %rax
  PUSH_ARGS
  call toy_syscall6
  RESULT_AND_RETURN
ENDFUNC syscall.syscall6

FUNC syscall.syscallbuf
  FRAME
  xorl %eax, %eax
  xorl %r8d, %r8d
  xorl %r9d, %r9d
  PUSH_ARGS
  call toy_syscallwrite
  RESULT_AND_RETURN
ENDFUNC syscall.syscallbuf

FUNC syscall.syscallpath
  FRAME
  xorl %eax, %eax
  xorl %r9d, %r9d
  PUSH_ARGS
  call toy_syscall6
  RESULT_AND_RETURN
ENDFUNC syscall.syscallpath

FUNC syscall.rawSyscall6
  FRAME
  movq %rdi, %rax
  movq %rsi, %rdi
  movq %rdx, %rsi
  movq %rcx, %rdx
  movq %r8, %r10
  movq %r9, %r8
  movq 16(%rbp), %r9
  syscall
  RESULT_AND_RETURN
ENDFUNC syscall.rawSyscall6

STUB_PARK toy_syscall6, rt_syscall6
STUB_PARK toy_syscallwrite, rt_syscallwrite

  .section .note.GNU-stack, "", @progbits
