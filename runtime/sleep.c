/* sleep.c: time.Sleep, and the clocks as compiled code reads them.
 *
 * A goroutine that sleeps needs one timer. It is made at its first sleep, in memory of its own, so that a goroutine that never
 * sleeps costs nothing more, and stays with the G for its later lives. The timer is set when the goroutine is parked
 * already (gopark's unlockf): were it set before, another P might fire it and find the goroutine running.
 *
 * C code that reads a clock calls libc, whose vDSO needs more stack than a goroutine has: so it happens on g0 like every
 * runtime call.
 */
#include "rtcalls.h"
#include "seed.h"

static void goroutineReady(void *gp, uint64_t seq, int64_t delay) { goready(gp); }

static bool resetForSleep(G *gp, void *when) {
  timer_modify(gp->timer, *(const int64_t *)when, 0, NULL, NULL, 0);
  return true;
}

int64_t when_after(int64_t ns) {
  int64_t when;
  return __builtin_add_overflow(nanotime(), ns, &when) ? TIMER_NEVER : when;
}

void rt_time_Sleep(int64_t ns) {
  G *gp = toy_m->curg;
  if (ns <= 0)
    return;
  if (!gp->timer) {
    gp->timer = persistentalloc(sizeof *gp->timer, 8);
    gp->timer->f = goroutineReady;
    gp->timer->arg = gp;
  }
  int64_t when = when_after(ns);
  gopark(resetForSleep, &when, waitReasonSleep);
}

int64_t rt_time_runtimeNano(void) { return seeded() ? seed_clock() : nanotime(); }
struct i64_i64 rt_time_clock(void) { return (struct i64_i64){walltime(), rt_time_runtimeNano()}; }
