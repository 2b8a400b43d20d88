/* lockrank_test: the check of lock order in builds that have it: what may follow what, and each way to break it.
 *
 * Row: the order of locks (docs/checks.md). */
#define TOY_LOCKRANK
#include "death.h"
#include "runtime.h"
#include "unit.h"

static struct mutex a[2];

static void channel(int i) { lock_ranked(&a[i], "chan.c", "&c->lock"); }

static void test_allowed(void) {
  unit_case = "allowed";
  channel(0);
  channel(1);
  lock(&sched.lock);
  lock(&allglock);
  unlock(&a[0]);
  unlock(&allglock);
  unlock(&sched.lock);
  unlock(&a[1]);
  lock(&sched.lock); /* nothing is left of what was held */
  unlock(&sched.lock);
  CHECK_EQ(toy_m->locks, 0);
}

/* Whoever makes a goroutine runnable may start a thread, whatever it holds. */
static void test_threads(void) {
  unit_case = "threads";
  channel(0);
  lock_ranked(&a[1], "lockedm.c", "&newmHandoff.lock");
  unlock(&a[1]);
  lock_ranked(&a[1], "rwmutex.c", "&l->gate");
  unlock(&a[1]);
  unlock(&a[0]);
}

static void test_forbidden(void) {
  unit_case = "forbidden";
  lock(&allglock);
  CHECK_DEATH(lock(&sched.lock), "lock order: &sched.lock (lockrank_test.c) taken under &allglock (lockrank_test.c), 1 held");
  unlock(&allglock);
  channel(1);
  CHECK_DEATH(channel(0), "lock order: &c->lock (chan.c) taken under &c->lock (chan.c)");
  CHECK_DEATH(lock(&a[0]), "lock &a[0] of lockrank_test.c has no rank");
  CHECK_DEATH(unlock(&a[0]), "unlock of a lock that this thread does not hold");
  unlock(&a[1]);
}

int main(void) {
  m0_init();
  test_allowed();
  test_threads();
  test_forbidden();
  return unit_end();
}
