/* chanmove_test.c: what the mover of a stack asks of channels: each channel of a waiting goroutine is locked once, in the
 * order in which it waits; the part of its stack that others may write ends at its highest element. And a park on a channel
 * is published in the order that the mover relies on. The header of a goroutine that waits says for how long.
 *
 * Rows: SK-5, PR-5. */
#include "chan.h"
#include "death.h"
#include "panic.h"
#include "rtcalls.h"
#include "traceback.h"
#include "unit.h"

static char stack[4096];
static struct hchan c[3];
static struct sudog s[5];
static G waiter;

static void wait_on(const int *chans, char *const *elems, int n) {
  struct sudog **tail = &waiter.waiting;
  for (int i = 0; i < n; i++) {
    s[i] = (struct sudog){.g = &waiter, .c = &c[chans[i]], .elem = elems[i]};
    *tail = &s[i];
    tail = &s[i].waitlink;
  }
  *tail = NULL;
}

static void all_locked(bool locked0, bool locked1, bool locked2) {
  CHECK_EQ(c[0].lock.key, locked0);
  CHECK_EQ(c[1].lock.key, locked1);
  CHECK_EQ(c[2].lock.key, locked2);
}

static void test_locks(void) {
  char *none[5] = {NULL};
  unit_case = "one channel";
  wait_on((int[]){1}, none, 1);
  chan_lock_waiting(&waiter);
  all_locked(false, true, false);
  chan_unlock_waiting(&waiter);
  all_locked(false, false, false);
  unit_case = "one channel several times, and others";
  wait_on((int[]){0, 0, 1, 2, 2}, none, 5);
  chan_lock_waiting(&waiter); /* would wait for ever if it took one twice */
  all_locked(true, true, true);
  CHECK_EQ(toy_m->locks, 3);
  chan_unlock_waiting(&waiter);
  all_locked(false, false, false);
  CHECK_EQ(toy_m->locks, 0);
  unit_case = "none";
  waiter.waiting = NULL;
  chan_lock_waiting(&waiter);
  chan_unlock_waiting(&waiter);
  CHECK_EQ(toy_m->locks, 0);
}

static void test_top(void) {
  unit_case = "the highest element";
  static char elsewhere[64];
  waiter.stack.lo = (uintptr_t)stack;
  waiter.stack.hi = (uintptr_t)stack + sizeof stack;
  c[0].elemsize = 8;
  c[1].elemsize = 100;
  c[2].elemsize = 0;
  wait_on((int[]){0, 1}, (char *[]){stack + 400, stack + 350}, 2);
  CHECK_EQ(sudog_stack_top(&waiter), (uintptr_t)stack + 450);
  wait_on((int[]){0, 1}, (char *[]){stack + 480, stack + 350}, 2);
  CHECK_EQ(sudog_stack_top(&waiter), (uintptr_t)stack + 488);
  unit_case = "at the very end, and without size";
  wait_on((int[]){0, 2}, (char *[]){stack + sizeof stack - 8, stack}, 2);
  CHECK_EQ(sudog_stack_top(&waiter), waiter.stack.hi);
  unit_case = "not on the stack";
  wait_on((int[]){0, 0}, (char *[]){elsewhere, NULL}, 2);
  CHECK_EQ(sudog_stack_top(&waiter), 0);
  unit_case = "nothing";
  waiter.waiting = NULL;
  CHECK_EQ(sudog_stack_top(&waiter), 0);
}

/* ---- how long it has waited */

static void header(int64_t seconds) {
  waiter.atomicstatus = Gwaiting;
  waiter.waitreason = waitReasonSelect;
  waiter.goid = 7;
  waiter.waitsince = seconds < 0 ? 0 : nanotime() - seconds * 1000000000;
  goroutineheader(&waiter);
  _exit(2);
}

static void test_minutes(void) {
  unit_case = "minutes";
  CHECK_DEATH(header(-1), "goroutine 7 [select]:\n");
  CHECK_DEATH(header(50), "goroutine 7 [select]:\n");
  CHECK_DEATH(header(61), "goroutine 7 [select, 1 minutes]:\n");
  CHECK_DEATH(header(60 * 180 + 5), "goroutine 7 [select, 180 minutes]:\n");
}

int main(void) {
  m0_init();
  test_locks();
  test_top();
  test_minutes();
  return unit_end();
}
