/* lock.c: mutexes and one-shot notes for the runtime's own use, over futexes.
 *
 * A mutex is two bytes: held, and sleepers: somebody may sleep. Taking it is one CAS; a waiter first spins a little (the sections
 * are tens of instructions long), then sets sleepers and sleeps, unless the two bytes have changed meanwhile. Who unlocks and
 * finds sleepers set clears it and wakes one; who gets the lock after having slept sets it again, since it cannot know whether
 * it was the last: at worst a wake-up too many.
 *
 * Who unlocks: held = 0, then reads sleepers. Who waits: sleepers = 1, then tries held. One must see the other's store; the
 * waiter, about to make a system call anyway, pays for both (fence.h): a full barrier in unlock would be half of what a channel
 * operation costs, for a sleep that hardly ever is.
 *
 * Order: lock acquires, unlock releases; they are each other's partners. It is no full barrier: protocols that store and then
 * look (proc.c) say so at their own accesses. notewakeup releases, notesleep acquires.
 *
 * m->locks counts what the thread holds. Toy code never runs under a runtime lock, so a lock needs no protection
 * against preemption; the count lets schedule() prove that none was forgotten.
 *
 * Rejected: ticket or queue locks. They are fair, but with more threads than processors the next in line may not be
 * running, and everybody waits for it.
 */
#include "fence.h"
#include "runtime.h"

enum { FREE = 0, HELD = 1, BOTH = 0x0101 };
enum { ACTIVE_SPINS = 4, PASSIVE_SPINS = 1, SPIN_PAUSES = 30 };

static bool trylock(struct mutex *l) {
  uint8_t expected = FREE;
  return atomic_load_explicit(&l->held, memory_order_relaxed) == FREE &&
         atomic_compare_exchange_strong_explicit(&l->held, &expected, HELD, memory_order_acquire, memory_order_relaxed);
}

static bool spin_for(struct mutex *l) {
  if (ncpu > 1)
    for (int i = 0; i < ACTIVE_SPINS; i++) {
      procyield(SPIN_PAUSES);
      if (trylock(l))
        return true;
    }
  for (int i = 0; i < PASSIVE_SPINS; i++) {
    osyield();
    if (trylock(l))
      return true;
  }
  return false;
}

static NOINLINE void lock_slow(struct mutex *l) {
  bool slept = false;
  while (!spin_for(l)) {
    atomic_store_explicit(&l->sleepers, 1, memory_order_relaxed);
    fence_heavy();
    if (trylock(l))
      break;
    futexsleep(&l->key, BOTH, -1);
    slept = true;
  }
  if (slept)
    atomic_store_explicit(&l->sleepers, 1, memory_order_relaxed);
}

#undef lock
void lock(struct mutex *l) {
  toy_m->locks++;
  if (unlikely(!trylock(l)))
    lock_slow(l);
}

/* A waiter that sets sleepers just before it is cleared either has not slept yet, and sees the change, or is woken, or another
 * one is that sets it again. */
static NOINLINE void wake_sleeper(struct mutex *l) {
  atomic_store_explicit(&l->sleepers, 0, memory_order_seq_cst);
  futexwakeup(&l->key, 1);
}

void unlock(struct mutex *l) {
#ifdef TOY_LOCKRANK
  lock_released(l);
#endif
  if (unlikely(atomic_load_explicit(&l->held, memory_order_relaxed) == FREE))
    throw("unlock of unlocked lock");
  atomic_store_explicit(&l->held, FREE, memory_order_release);
  fence_light();
  if (unlikely(atomic_load_explicit(&l->sleepers, memory_order_relaxed)))
    wake_sleeper(l);
  if (unlikely(--toy_m->locks < 0))
    throw("unlock: lock count");
}

void noteclear(struct note *n) { atomic_store_explicit(&n->key, 0, memory_order_relaxed); }

void notewakeup(struct note *n) {
  if (atomic_exchange_explicit(&n->key, 1, memory_order_release) != 0)
    throw("notewakeup: double wakeup");
  futexwakeup(&n->key, 1);
}

void notesleep(struct note *n) { notetsleep(n, -1); }

bool notetsleep(struct note *n, int64_t ns) {
  int64_t deadline = ns < 0 ? 0 : nanotime() + ns;
  while (atomic_load_explicit(&n->key, memory_order_acquire) == 0) {
    futexsleep(&n->key, 0, ns);
    if (ns >= 0 && (ns = deadline - nanotime()) <= 0)
      return atomic_load_explicit(&n->key, memory_order_acquire) != 0;
  }
  return true;
}
