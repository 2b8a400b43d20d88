/* sysmon.c: the thread that watches. It has no P, runs no goroutine, and does what nobody else can do in time: take a
 * slice from a goroutine that overruns it, and take a P from a goroutine that stays in the kernel.
 *
 * It sleeps 20 us a round; after 50 rounds (about a millisecond) that brought nothing, twice as long each round, up to
 * 10 ms. Only a P taken back from a system call starts the short sleeps again: preempting a busy goroutine each 10 ms
 * must not cost a wake-up each 20 us. While every P is idle it sleeps on a note; Ps leave that state only by way of
 * exitsyscall or a restarted world, and both wake it.
 *
 * Time is counted from when sysmon first saw a tick, so a goroutine gets between 10 and 20 ms.
 */
#include "sysmon.h"

#include "netpoll.h"
#include "quantum.h"
#include "runtime.h"

enum {
  SHORT_SLEEP = 20, LONG_SLEEP = 10 * 1000, /* us */
  IDLE_ROUNDS = 50,
  FORCE_PREEMPT_NS = 10 * 1000 * 1000
};
#define DEEP_SLEEP_NS (60ll * 1000 * 1000 * 1000)
#define POLL_NS (10 * 1000 * 1000)
#define SCAVENGE_NS (100 * 1000 * 1000) /* unused large stacks go back after one to two of these */

uint32_t sysmon_backoff(uint32_t delay_us, uint32_t idle_rounds) {
  if (idle_rounds == 0)
    return SHORT_SLEEP;
  if (idle_rounds > IDLE_ROUNDS)
    delay_us *= 2;
  return delay_us > LONG_SLEEP ? LONG_SLEEP : delay_us;
}

struct sysmon_clock sysmon_clock;

int64_t sysmon_tick(void) {
  int64_t now = nanotime();
  atomic_store_explicit(&sysmon_clock.now, now, memory_order_relaxed);
  return now;
}

/* ---- retake */

/* The same goroutine (or chain of heirs of one slice) for 10 ms? */
static bool slice_is_over(P *pp, int64_t now) {
  struct sysmontick *seen = &pp->sysmontick;
  uint32_t t = atomic_load_explicit(&pp->schedtick, memory_order_relaxed);
  if (seen->schedtick != t || seen->schedwhen == 0) { /* 0: never looked at */
    seen->schedtick = t;
    seen->schedwhen = now;
    return false;
  }
  return seen->schedwhen + FORCE_PREEMPT_NS <= now;
}

/* In one system call for a whole round at least (a slice that is over waives the round of grace), and somebody could use
 * the P: it has work queued, or no other P is there for new work, or it has been in for 10 ms. */
static bool wants_retake(P *pp, int64_t now, bool slice_over) {
  struct sysmontick *seen = &pp->sysmontick;
  uint32_t t = atomic_load_explicit(&pp->syscalltick, memory_order_relaxed);
  if (!slice_over && (seen->syscalltick != t || seen->syscallwhen == 0)) {
    seen->syscalltick = t;
    seen->syscallwhen = now;
    return false;
  }
  int32_t spare = atomic_load(&sched.nmspinning) + atomic_load(&sched.npidle);
  return !runqempty(pp) || spare == 0 || seen->syscallwhen + FORCE_PREEMPT_NS <= now;
}

static void count_idlelocked(int32_t n) {
  lock(&sched.lock);
  incidlelocked(n);
  unlock(&sched.lock);
}

/* While the P is between hands no M runs for it, though one is about to: the count keeps checkdead from seeing a
 * deadlock. The CAS decides against the M that comes back from the kernel (exitsyscall's CAS on the same word). */
static bool retake_syscall(P *pp) {
  uint32_t in_syscall = Psyscall;
  bool took = false;
  count_idlelocked(-1);
  if (atomic_compare_exchange_strong_explicit(&pp->status, &in_syscall, Pidle, memory_order_acq_rel,
                                              memory_order_relaxed)) {
    atomic_fetch_add_explicit(&pp->syscalltick, 1, memory_order_relaxed);
    STAT(retake);
    handoffp(pp);
    took = true;
  }
  count_idlelocked(1);
  return took;
}

/* Number of Ps taken from system calls. gomaxprocs is read each step: it may change meanwhile, entries stay valid. */
static int retake(int64_t now) {
  int n = 0;
  for (int32_t i = 0; i < atomic_load_explicit(&gomaxprocs, memory_order_relaxed); i++) {
    P *pp = allp[i];
    uint32_t s = atomic_load_explicit(&pp->status, memory_order_acquire); /* pairs with reentersyscall's store */
    if (s != Prunning && s != Psyscall)
      continue;
    bool over = slice_is_over(pp, now);
    if (over)
      preemptone(pp); /* nothing to signal while the P is in a syscall: it has no M then */
    if (s == Psyscall && wants_retake(pp, now, over))
      n += retake_syscall(pp);
  }
  return n;
}

/* ---- the loop */

static bool nothing_runs(void) {
  return atomic_load(&sched.gcwaiting) || atomic_load(&sched.npidle) == atomic_load(&gomaxprocs);
}

/* Duties that do not wait for a P to run: stacks larger than needed, large stacks that nobody uses, a trace that is due. */
static int64_t deep_sleep_limit(void) {
  int64_t now = nanotime(), limit = DEEP_SLEEP_NS;
  bool shrink = shrinkstacks(now); /* before the scavenger: it frees what that gives back */
  if (stackscavenge(now, SCAVENGE_NS) || shrink)
    limit = debugvars.shrinkstress ? SCAVENGE_NS / 100 : SCAVENGE_NS;
  if (debugvars.schedtrace <= 0)
    return limit;
  schedtrace(now);
  return limit < debugvars.schedtrace * 1000000 ? limit : debugvars.schedtrace * 1000000;
}

/* True if it slept. sysmonwait is set and tested under sched.lock; the waker clears it and wakes the note. */
static bool deep_sleep(int64_t limit) {
  if (!nothing_runs())
    return false;
  lock(&sched.lock);
  bool sleep = nothing_runs();
  if (sleep) {
    atomic_store(&sched.sysmonwait, 1);
    unlock(&sched.lock);
    notetsleep(&sched.sysmonnote, limit);
    lock(&sched.lock);
    atomic_store(&sched.sysmonwait, 0);
    noteclear(&sched.sysmonnote);
  }
  unlock(&sched.lock);
  return sleep;
}

/* What runs first after a deep sleep may park at once: the clock is put right before it can. */
void sysmon_wake(void) {
  if (atomic_load(&sched.sysmonwait)) {
    sysmon_tick();
    atomic_store(&sched.sysmonwait, 0);
    notewakeup(&sched.sysmonnote);
  }
}

/* Nobody has looked at the network for long: every P is busy. While the goroutines found are between lists no M runs for
 * them, hence the count. */
static bool poll_duty(int64_t now) {
  int64_t last = atomic_load_explicit(&sched.lastpoll, memory_order_seq_cst);
  int32_t delta;
  if (!netpollinited() || !netpollAnyWaiters() || last == 0 || last + POLL_NS >= now ||
      !atomic_compare_exchange_strong_explicit(&sched.lastpoll, &last, now, memory_order_seq_cst, memory_order_seq_cst))
    return false;
  struct gqueue list = netpoll(0, &delta);
  bool some = !gqueue_empty(&list);
  if (some) {
    STAT(sysmonpoll);
    count_idlelocked(-1);
    injectglist(&list);
    count_idlelocked(1);
  }
  netpollAdjustWaiters(delta);
  return some;
}

_Noreturn void sysmon(void) {
  uint32_t delay = 0, idle = 0;
  struct quantum quantum = {QUANTUM_NS};
  for (;;) { /* counted in nmsys by who made this thread */
    delay = sysmon_backoff(delay, idle);
    quantum_sleep(&quantum, delay);
    while (unlikely(frozen())) /* nothing that it does may show in the report */
      usleep_os(LONG_SLEEP);
    if (deep_sleep(deep_sleep_limit())) {
      idle = 0;
      delay = SHORT_SLEEP;
    }
    int64_t now = sysmon_tick();
    if (poll_duty(now) && !debugvars.quantumoff) {
      usleep_os(QUANTUM_NS / 1000);
      quantum_serve(now + QUANTUM_NS, true);
    }
    idle = retake(now) || debugvars.shrinkstress ? 0 : idle + 1;
  }
}
