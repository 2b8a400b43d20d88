/* lock.c: mutexes and one-shot notes for the runtime's own use, over futexes.
 *
 * A mutex word is 0 free, 1 held, 2 held and somebody may sleep. Taking it is one CAS; a waiter first spins a little
 * (the sections are tens of instructions long), then marks the word 2 and sleeps. Who gets it after having slept
 * leaves 2 behind, since it cannot know whether it was the last sleeper: at worst a wake-up too many.
 *
 * Order: lock acquires, unlock releases; they are each other's partners. notewakeup releases, notesleep acquires.
 *
 * m->locks counts what the thread holds. Toy code never runs under a runtime lock, so a lock needs no protection
 * against preemption; the count lets schedule() prove that none was forgotten.
 *
 * Rejected: ticket or queue locks. They are fair, but with more threads than processors the next in line may not be
 * running, and everybody waits for it.
 */
#include "runtime.h"

enum { FREE = 0, HELD = 1, SLEEPERS = 2 };
enum { ACTIVE_SPINS = 4, PASSIVE_SPINS = 1, SPIN_PAUSES = 30 };

static bool trylock(struct mutex *l, uint32_t to) {
  uint32_t expected = FREE;
  return atomic_load_explicit(&l->key, memory_order_relaxed) == FREE &&
         atomic_compare_exchange_strong_explicit(&l->key, &expected, to, memory_order_acquire, memory_order_relaxed);
}

static bool spin_for(struct mutex *l, uint32_t to) {
  if (ncpu > 1)
    for (int i = 0; i < ACTIVE_SPINS; i++) {
      procyield(SPIN_PAUSES);
      if (trylock(l, to))
        return true;
    }
  for (int i = 0; i < PASSIVE_SPINS; i++) {
    osyield();
    if (trylock(l, to))
      return true;
  }
  return false;
}

static NOINLINE void lock_slow(struct mutex *l) {
  for (uint32_t to = HELD; !spin_for(l, to); to = SLEEPERS) {
    if (atomic_exchange_explicit(&l->key, SLEEPERS, memory_order_acquire) == FREE)
      return;
    futexsleep(&l->key, SLEEPERS, -1);
  }
}

#undef lock
void lock(struct mutex *l) {
  toy_m->locks++;
  if (unlikely(!trylock(l, HELD)))
    lock_slow(l);
}

void unlock(struct mutex *l) {
#ifdef TOY_LOCKRANK
  lock_released(l);
#endif
  uint32_t was = atomic_exchange_explicit(&l->key, FREE, memory_order_release);
  if (unlikely(was == FREE))
    throw("unlock of unlocked lock");
  if (unlikely(was == SLEEPERS))
    futexwakeup(&l->key, 1);
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
