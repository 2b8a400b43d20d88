/* timerchan.c: package time's timers: those that send on a channel, and those that start a goroutine.
 *
 * A timer's channel has room for one value, but that is an implementation detail: len and cap say 0, and after Stop or Reset
 * has returned no value of an earlier setting is received. For that, Stop and Reset hold the channel's lock while they
 * disarm the timer and empty the channel; a send that is under way, which holds no lock of the timer, looks under the
 * channel's lock whether seq is still that of its setting. `sending` lets Stop know that such a send has been foiled: the
 * timer did not fire, as far as anyone can tell.
 *
 * Nobody can tell, either, whether a value was sent in time or when somebody looked. So a timer is in a heap only while a
 * goroutine waits on its channel. A program that makes a timeout for each of a million quick operations, and stops it
 * again, never touches a heap; and a timer that nobody can reach is nobody's business, the deadlock check's included.
 * The time sent is that at which the timer was due.
 *
 * With a collector: a timer in a heap is a root, and the object's arg is its only managed pointer.
 */
#include "timerchan.h"

#include "malloc.h"
#include "rtcalls.h"

/* time.Time with a monotonic reading, as stdlib/time lays it out, and the variable Local of that package. */
struct toy_time { uint64_t wall; int64_t mono; void *loc; };
#define EPOCH_TO_UNIX ((INT64_C(85) * 365 + 20) * 86400) /* 1885 to 1970 */
extern void *const time_Local __asm__("time.Local") __attribute__((weak));

static const uint8_t timer_ptrmask[] = {1 << offsetof(struct timer, arg) / 8};
static const struct toy_type timer_type = {
  .size = sizeof(struct timer), .ptrdata = offsetof(struct timer, arg) + 8, .ptrmask = timer_ptrmask,
  .align = 8, .kind = TOY_KIND_STRUCT, .name = {"runtime.timer", 13},
};
_Static_assert(offsetof(struct timer, arg) / 8 < 8, "timer_ptrmask is one byte");

/* ---- what fires */

static struct toy_time time_before(int64_t delay) {
  int64_t wall = walltime() - delay;
  uint64_t sec = wall / 1000000000 + EPOCH_TO_UNIX;
  return (struct toy_time){UINT64_C(1) << 63 | sec << 30 | wall % 1000000000, nanotime() - delay, time_Local};
}

/* Whether the period is 0 never changes for a channel's timer. */
static void sendTime(void *chan, uint64_t seq, int64_t delay) {
  struct timer *t = chan_timer(chan);
  struct toy_time now = time_before(delay);
  G *receiver = NULL;
  chan_lock(chan);
  if (t->period == 0 && atomic_fetch_sub_explicit(&t->sending, 1, memory_order_relaxed) <= 0)
    throw("timer: sent more often than fired");
  if (t->seq == seq)
    receiver = chan_offer_locked(chan, &now);
  chan_unlock(chan);
  if (receiver)
    goready(receiver);
}

static void goFunc(void *closure, uint64_t seq, int64_t delay) {
  runqput(getp(toy_m), newproc1(closure, 0, 0), true);
  wakep();
}

/* ---- bodies of package time */

void *rt_time_newTimer(int64_t ns, int64_t period, void *chan, void *func) {
  struct timer *t = mallocarray(&timer_type, 1, sizeof *t);
  t->isChan = chan != NULL;
  if (chan)
    chan_settimer(chan, t);
  timer_modify(t, when_after(ns), period, chan ? sendTime : goFunc, chan ? chan : func, 0);
  return t;
}

bool rt_time_stopTimer(void *timer) {
  struct timer *t = timer;
  if (!t->isChan)
    return timer_stop(t);
  chan_lock(t->arg);
  bool pending = timer_stop(t);
  pending |= chan_drain_locked(t->arg);
  chan_unlock(t->arg);
  return pending;
}

bool rt_time_resetTimer(void *timer, int64_t ns, int64_t period) {
  struct timer *t = timer;
  int64_t when = when_after(ns);
  if (!t->isChan)
    return timer_modify(t, when, period, NULL, NULL, 0);
  chan_lock(t->arg);
  bool pending = timer_modify(t, when, period, NULL, NULL, 0);
  pending |= chan_drain_locked(t->arg);
  chan_unlock(t->arg);
  return pending;
}
