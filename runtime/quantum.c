/* quantum.c: a goroutine that becomes runnable does not wait out the slice of 10 ms of one that is in a loop.
 *
 * When every P is busy, a goroutine just made ready (by a channel, a timer, the network) stands in the queue of a P whose
 * goroutine may run on for the rest of its slice; a timer that is due waits for its P in the same way. sysmon serves both:
 * it looks, QUANTUM_NS after it has heard of them, which Ps have switched to nothing else meanwhile, and asks those that
 * have something waiting to yield. So nothing is measured where goroutines are switched, and a goroutine that others do not
 * wait for keeps its whole slice: it is the waking that asks, not the queue, so goroutines that only compute take turns
 * of 10 ms as before.
 *
 * Hearing of it. wakep finds no idle P and leaves word (sched.sysmonlazy), which it does once until sysmon has taken it; if
 * sysmon sleeps for long, it is woken. A timer that becomes the earliest does the same when sysmon means to sleep longer
 * (sched.sysmonuntil). Both sides write, then read, seq_cst: sysmon publishes its sleep and then looks at timers.
 *
 * In a program whose goroutines wake each other all the time nobody waits long, and looking would only cost. A look that finds
 * nobody to ask doubles the time until sysmon can be woken again, from 100 us up to 2 ms; one that does, or a
 * quiet while, ends that. So the cost is bounded: less than a thousand wake-ups a second of a busy program.
 *
 * Rejected: reading the clock at each switch; asking at once in wakep (a ping-pong would preempt itself).
 */
#include "quantum.h"

#include "runtime.h"

/* ---- who is asked */

static bool busy(P *pp) { return atomic_load_explicit(&pp->status, memory_order_relaxed) == Prunning; }

/* Notes which goroutine pp runs; true: the same one for the quantum. Goroutines that hand a slice to each other are no loop, and
 * are left to the slice's end. */
static bool stayed(P *pp, int64_t now) {
  struct sysmontick *seen = &pp->sysmontick;
  uint32_t t = atomic_load_explicit(&pp->exectick, memory_order_relaxed);
  if (seen->exectick != t || seen->execwhen == 0) {
    seen->exectick = t;
    seen->execwhen = now;
    return false;
  }
  return now - seen->execwhen >= QUANTUM_NS;
}

static void look(int64_t now) {
  for (int32_t i = 0; i < atomic_load_explicit(&gomaxprocs, memory_order_relaxed); i++)
    stayed(allp[i], now);
}

static bool late_timer(P *pp, int64_t now) {
  int64_t when = timers_wakeTime(&pp->timers);
  return when != 0 && when <= now;
}

/* What stands in the global queue is anybody's: one P is asked for it. */
int quantum_serve(int64_t now, bool woken) {
  int n = 0;
  bool global = woken && atomic_load_explicit(&sched.runqsize, memory_order_relaxed) != 0;
  if (atomic_load_explicit(&sched.npidle, memory_order_seq_cst) != 0)
    return 0; /* who takes that P looks everywhere */
  for (int32_t i = 0; i < atomic_load_explicit(&gomaxprocs, memory_order_relaxed); i++) {
    P *pp = allp[i];
    if (!stayed(pp, now) || !busy(pp) || !(late_timer(pp, now) || global || (woken && !runqempty(pp))))
      continue;
    if (preemptone(pp)) {
      STAT(quantum);
      global = false;
      n++;
    }
  }
  return n;
}

/* ---- sysmon's sleep */

static _Atomic uint32_t poked; /* futex: 1 from a poke until the next sleep */

static void poke(void) {
  if (atomic_exchange_explicit(&poked, 1, memory_order_seq_cst) == 0)
    futexwakeup(&poked, 1);
}

void quantum_woken(void) {
  if (atomic_exchange_explicit(&sched.sysmonlazy, QUANTUM_WOKEN, memory_order_seq_cst) == QUANTUM_LAZY)
    poke();
}

void quantum_timer(int64_t when) {
  if (when + QUANTUM_NS / 2 < atomic_load_explicit(&sched.sysmonuntil, memory_order_seq_cst))
    poke();
}

/* A timer that is due is given QUANTUM_NS / 2 to be met by its P. patience: after looks that were in vain. */
static int64_t until_timer(int64_t now, int64_t until, int64_t patience) {
  if (atomic_load_explicit(&sched.npidle, memory_order_seq_cst) != 0)
    return until;
  int64_t when = timeSleepUntil();
  if (when >= until)
    return until;
  when += QUANTUM_NS / 2;
  when = when < now + patience ? now + patience : when;
  return when < until ? when : until;
}

static void sleep_until(int64_t now, int64_t until) {
  if (until > now && atomic_load_explicit(&poked, memory_order_seq_cst) == 0)
    futexsleep(&poked, 0, until - now);
}

/* True: somebody was made ready, now or since the last time. */
static bool doze(struct quantum *q, int64_t now, int64_t ns) {
  int64_t until = now + ns;
  uint32_t no_word = QUANTUM_NONE;
  atomic_store_explicit(&poked, 0, memory_order_seq_cst);
  atomic_store_explicit(&sched.sysmonuntil, until, memory_order_seq_cst);
  if (ns <= QUANTUM_NS || atomic_compare_exchange_strong_explicit(&sched.sysmonlazy, &no_word, QUANTUM_LAZY,
                                                                  memory_order_seq_cst, memory_order_seq_cst))
    sleep_until(now, until_timer(now, until, q->patience));
  atomic_store_explicit(&sched.sysmonuntil, 0, memory_order_seq_cst);
  return atomic_exchange_explicit(&sched.sysmonlazy, QUANTUM_NONE, memory_order_seq_cst) == QUANTUM_WOKEN;
}

static void learn(struct quantum *q, int served) {
  q->patience = served ? QUANTUM_NS : q->patience * 2;
  if (q->patience > PATIENCE_MAX)
    q->patience = PATIENCE_MAX;
}

/* After a look in vain nobody can wake sysmon for a while. */
static int64_t rest(struct quantum *q, int64_t ns) {
  int64_t first = q->patience > QUANTUM_NS ? q->patience : 0;
  if (first > ns)
    first = ns;
  if (first)
    usleep_os((uint32_t)(first / 1000));
  return ns - first;
}

/* Without the feature nobody is told of a wake-up: the word that one was left stays. */
static void sleep_without(uint32_t us) {
  atomic_store_explicit(&sched.sysmonlazy, QUANTUM_WOKEN, memory_order_relaxed);
  usleep_os(us);
}

void quantum_sleep(struct quantum *q, uint32_t us) {
  if (debugvars.quantumoff) {
    sleep_without(us);
    return;
  }
  int64_t left = rest(q, us * INT64_C(1000));
  int64_t now = nanotime();
  bool woken = doze(q, now, left);
  if (woken) {
    look(nanotime()); /* from here on a P has the quantum */
    usleep_os(QUANTUM_NS / 1000);
  }
  now = nanotime();
  int served = quantum_serve(now, woken);
  if (woken || served)
    learn(q, served);
  else if (q->patience > QUANTUM_NS)
    q->patience /= 2;
}
