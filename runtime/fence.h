/* fence.h: full barriers for two sides of unequal weight.
 *
 * Two threads each store a word and then load the other's, and one of them at least must see the other's store. On x86 that
 * takes a full barrier between store and load on both sides, which costs as much as an atomic read-modify-write. Where one
 * side runs a million times a second and the other next to never, the rare one pays for both: fence_heavy has the kernel
 * execute a barrier on every thread of ours that runs (membarrier), fence_light only keeps the compiler from reordering.
 * Proof: the heavy barrier hits the light thread before its store, between store and load, or after its load. In the first two
 * cases its load comes after our store; in the last its store is visible when our load is made. A thread that does not run
 * has passed a barrier in the kernel.
 *
 * Where the kernel refuses, both are plain full barriers. Pairs: lock.c (unlock; a waiter about to sleep), stack.c and
 * preempt.c, suspend.c, stackshrink.c (restoreguard; a request to stop).
 */
#ifndef TOY_FENCE_H
#define TOY_FENCE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "runtime.h"

extern bool fence_by_kernel; /* platform.c; set before there are other threads */

static inline void fence_full(void) {
#ifdef __SANITIZE_THREAD__ /* which follows no fences, but does follow atomic changes of one word */
  static _Atomic int word;
  atomic_fetch_add_explicit(&word, 0, memory_order_seq_cst);
#else
  atomic_thread_fence(memory_order_seq_cst);
#endif
}

static inline void fence_light(void) {
  if (likely(fence_by_kernel))
    atomic_signal_fence(memory_order_seq_cst);
  else
    fence_full();
}

static inline void fence_heavy(void) {
  if (likely(fence_by_kernel))
    os_membarrier();
  else
    fence_full();
}

#endif
