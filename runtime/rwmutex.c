/* rwmutex.c: a runtime lock that many may hold for reading or one for writing, for what is rarely written: allocmLock.
 *
 * A reader passes the gate, a mutex, and is counted; a writer keeps the gate shut and waits for the readers inside.
 * So a writer that waits keeps new readers out, and comes in. Order: the last reader's decrement releases, the
 * writer's load of 0 acquires; the other way the gate does it.
 *
 * Both count in m->locks: who holds one does not park.
 */
#include "runtime.h"

void rwrlock(struct rwmutex *l) {
  lock(&l->gate);
  atomic_fetch_add_explicit(&l->readers, 1, memory_order_relaxed);
  unlock(&l->gate);
  toy_m->locks++;
}

void rwrunlock(struct rwmutex *l) {
  toy_m->locks--;
  uint32_t was = atomic_fetch_sub_explicit(&l->readers, 1, memory_order_release);
  if (unlikely(was == 0))
    throw("rwrunlock of unlocked rwmutex");
  if (was == 1)
    futexwakeup(&l->readers, 1); /* the writer, if there is one: only he sleeps on this word */
}

void rwlock(struct rwmutex *l) {
  lock(&l->gate);
  for (uint32_t n; (n = atomic_load_explicit(&l->readers, memory_order_acquire)) != 0;)
    futexsleep(&l->readers, n, -1);
}

void rwunlock(struct rwmutex *l) { unlock(&l->gate); }
