/* limits.h: every number about stacks that compiler, runtime and assembly share; plain #defines, so that .S can read it. */
#ifndef TOY_ABI_LIMITS_H
#define TOY_ABI_LIMITS_H

#define TOY_STACK_MIN 2048          /* bytes; the first stack of a goroutine, also the alignment of every stack's high end */
#define TOY_STACK_GUARD 880         /* the guard word holds lo + this */
#define TOY_STACK_SMALL 256         /* LLVM compares SP itself with the guard for frames below this */
#define TOY_LEAF_MAX 608            /* bytes below its return address that a leaf may use: guard less small frame, return address, alignment */
#define TOY_STACK_LIMIT 1000000000  /* bytes; Go's limit on 64-bit */
#define TOY_MORESTACK_AREA 192      /* bytes; what __morestack saves: six registers, the context, a gap, xmm0-7 */
#define TOY_GUARD_OFFSET 112        /* %fs:112, glibc's tcbhead_t.__private_ss */
#define TOY_MAX_RESULT_WORDS 4      /* swiftcc: rax rdx rcx r8 (xmm0-3); more goes through a result object */

/* sentinel guards: no SP reaches them (SK-2) */
#define TOY_STACK_PREEMPT 0xfffffffffffffade
#define TOY_STACK_FORK    0xfffffffffffffb2e
#define TOY_STACK_MOVE    0xfffffffffffffeed

#endif
