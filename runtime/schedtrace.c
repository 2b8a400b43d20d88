/* schedtrace.c: TOYDEBUG=schedtrace=MS: a line of the scheduler's state to standard error every MS milliseconds, by
 * sysmon.
 *
 * Read under sched.lock, so the counts under it agree with each other; the rings are read as their owners change
 * them. One write a line. The last numbers are the lengths of the Ps' rings. */
#include "runtime.h"

static int32_t load(_Atomic int32_t *p) { return atomic_load_explicit(p, memory_order_relaxed); }

static uint32_t ring_length(P *pp) {
  uint32_t head = atomic_load_explicit(&pp->runqhead, memory_order_relaxed);
  uint32_t n = atomic_load_explicit(&pp->runqtail, memory_order_relaxed) - head;
  return n > RUNQ_LEN ? RUNQ_LEN : n; /* torn between two changes */
}

/* " n" for each P, as many as fit. */
static void ring_lengths(char *text, size_t size) {
  int32_t procs = load(&gomaxprocs);
  size_t at = 0;
  for (int32_t i = 0; i < procs && at + 6 < size; i++) {
    char digits[8];
    size_t n = 0;
    uint32_t v = ring_length(allp[i]);
    do
      digits[n++] = (char)('0' + v % 10);
    while (v /= 10);
    text[at++] = ' ';
    while (n)
      text[at++] = digits[--n];
  }
  text[at] = 0;
}

void schedtrace(int64_t now) {
  static int64_t start, last; /* sysmon only */
  char rings[256];
  if (!start)
    start = now;
  if (last && now - last < debugvars.schedtrace * 1000000)
    return;
  last = now;
  ring_lengths(rings, sizeof rings);
  lock(&sched.lock);
  rtprintf("SCHED %ldms: gomaxprocs=%d idleprocs=%d threads=%d spinningthreads=%d needspinning=%u "
           "idlethreads=%d runqueue=%d [%s ]\n",
           (long)((now - start) / 1000000), load(&gomaxprocs), load(&sched.npidle), mcount(), load(&sched.nmspinning),
           atomic_load_explicit(&sched.needspinning, memory_order_relaxed), sched.nmidle, load(&sched.runqsize), rings);
  unlock(&sched.lock);
}
