/* preemptbuf.S: where asyncPreempt's vector registers go on a goroutine's way out, and back (preempt.c: have_buffer). Called by
 * the routines for AVX2 and AVX-512 when the general registers are saved: only rax, rcx, rdx and flags change, no vector register.
 * The P is not the same both times; each list is touched by its P's owner only. */
#include "asm.h"

/* void *toy_asyncPreemptBuffer(void): takes one from the P's list. The handler has seen that there is one. */
FUNC toy_asyncPreemptBuffer
  movq TLS_M, %rdx
  movq M_p(%rdx), %rdx
  movq P_preemptbufs(%rdx), %rax
  movq (%rax), %rcx
  movq %rcx, P_preemptbufs(%rdx)
  ret
ENDFUNC toy_asyncPreemptBuffer

/* void toy_asyncPreemptRelease(void *buffer in rax): gives it to the P. */
FUNC toy_asyncPreemptRelease
  movq TLS_M, %rdx
  movq M_p(%rdx), %rdx
  movq P_preemptbufs(%rdx), %rcx
  movq %rcx, (%rax)
  movq %rax, P_preemptbufs(%rdx)
  ret
ENDFUNC toy_asyncPreemptRelease

  .section .note.GNU-stack, "", @progbits
