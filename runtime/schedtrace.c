/* schedtrace.c: TOYDEBUG=schedtrace=MS: the scheduler's state on standard error every MS milliseconds, by sysmon: a line,
 * or with scheddetail=1 that line's counts and a line for each P, M and G. The layout is that of Go's newest release, so
 * that what reads one reads the other.
 *
 * What stands under sched.lock (the counts, the idle lists) is read under it and so agrees with itself. Rings, Ms and Gs
 * are read as their owners change them: a line may be torn between two changes, but in a frozen program all is exact.
 * Nothing is written while the lock is held: standard error may be a pipe that nobody empties. */
#include "runtime.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- text: sysmon's alone. Room for the lines of all Ps, which are collected under the lock. */

enum { TEXT = 256 * 1024, LINE = 512 };
static char text[TEXT];
static size_t length;

static void flush(void) {
  os_write(2, text, length);
  length = 0;
}

static void add(const char *fmt, ...) PRINTF(1, 2);
static void add(const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(text + length, TEXT - length, fmt, ap);
  va_end(ap);
  if (n > 0 && (size_t)n < TEXT - length)
    length += (size_t)n;
}

static void add_line_end(void) {
  add("\n");
  if (TEXT - length < LINE)
    flush();
}

/* A plain word of another thread's, read once, as it is. */
#define PEEK(field) __atomic_load_n(&(field), __ATOMIC_RELAXED)
#define LOAD(field) atomic_load_explicit(&(field), memory_order_relaxed)

/* "nil" or the number. */
static void add_id(const char *name, bool there, int64_t id) {
  if (there)
    add(" %s=%ld", name, (long)id);
  else
    add(" %s=nil", name);
}

static const char *truth(bool b) { return b ? "true" : "false"; }

/* ---- Ps */

static uint32_t ring_length(P *pp) {
  uint32_t head = LOAD(pp->runqhead);
  uint32_t n = LOAD(pp->runqtail) - head;
  return n > RUNQ_LEN ? RUNQ_LEN : n; /* torn between two changes */
}

static void add_rings(void) {
  int32_t procs = LOAD(gomaxprocs);
  add(" [");
  for (int32_t i = 0; i < procs; i++)
    add(" %u", ring_length(allp[i]));
  add(" ] schedticks=[");
  for (int32_t i = 0; i < procs; i++)
    add(" %u", LOAD(allp[i]->schedtick));
  add(" ]\n");
}

static void add_p(P *pp) {
  M *mp = LOAD(pp->m);
  add("  P%d: status=%u schedtick=%u syscalltick=%u", pp->id, LOAD(pp->status), LOAD(pp->schedtick),
      LOAD(pp->syscalltick));
  add_id("m", mp, mp ? mp->id : 0);
  add(" runqsize=%u gfreecnt=%d timerslen=%u\n", ring_length(pp), PEEK(pp->ngfree), LOAD(pp->timers.len));
}

/* ---- Ms and Gs */

static void add_m(M *mp) {
  P *pp = getp(mp);
  G *curg = PEEK(mp->curg), *locked = PEEK(mp->lockedg);
  const char *off = PEEK(mp->preemptoff);
  add("  M%ld:", (long)mp->id);
  add_id("p", pp, pp ? pp->id : 0);
  add_id("curg", curg, curg ? (int64_t)curg->goid : 0);
  add(" mallocing=%d throwing=%d preemptoff=%s locks=%d dying=%d spinning=%s blocked=%s", PEEK(mp->mallocing),
      PEEK(mp->throwing), off ? off : "", PEEK(mp->locks), PEEK(mp->dying), truth(PEEK(mp->spinning)),
      truth(PEEK(mp->blocked)));
  add_id("lockedg", locked, locked ? (int64_t)locked->goid : 0);
  add_line_end();
}

static void add_g(G *gp) {
  M *mp = PEEK(gp->m), *locked = PEEK(gp->lockedm);
  add("  G%lu: status=%u(%s)", (unsigned long)gp->goid, readgstatus(gp), waitreason_text[PEEK(gp->waitreason)]);
  add_id("m", mp, mp ? mp->id : 0);
  add_id("lockedm", locked, locked ? locked->id : 0);
  add_line_end();
}

static void add_ms(void) {
  for (M *mp = atomic_load_explicit(&allm, memory_order_acquire); mp; mp = mp->alllink)
    if (!PEEK(mp->dead))
      add_m(mp);
}

/* Length first, then the array: runtime.h at allgs. */
static void add_gs(void) {
  size_t n = atomic_load_explicit(&allglen, memory_order_acquire);
  G **gs = atomic_load_explicit(&allgs, memory_order_relaxed);
  for (size_t i = 0; i < n; i++)
    add_g(gs[i]);
}

/* ---- the report */

/* Under sched.lock. */
static void add_counts(int64_t since) {
  add("SCHED %ldms: gomaxprocs=%d idleprocs=%d threads=%d spinningthreads=%d needspinning=%u idlethreads=%d runqueue=%d",
      (long)(since / 1000000), LOAD(gomaxprocs), LOAD(sched.npidle), mcount(), LOAD(sched.nmspinning),
      LOAD(sched.needspinning), sched.nmidle, LOAD(sched.runqsize));
}

static void add_detail(void) {
  add(" gcwaiting=%s nmidlelocked=%d stopwait=%d sysmonwait=%s\n", truth(LOAD(sched.gcwaiting)), sched.nmidlelocked,
      sched.stopwait, truth(LOAD(sched.sysmonwait)));
  for (int32_t i = 0; i < LOAD(gomaxprocs); i++)
    add_p(allp[i]);
}

static void report(int64_t since) {
  lock(&sched.lock);
  add_counts(since);
  if (debugvars.scheddetail)
    add_detail();
  else
    add_rings();
  unlock(&sched.lock);
  if (debugvars.scheddetail) {
    add_ms();
    add_gs();
  }
  flush();
}

void schedtrace(int64_t now) {
  static int64_t start, last; /* sysmon only */
  if (!start)
    start = now;
  if (last && now - last < debugvars.schedtrace * 1000000)
    return;
  last = now;
  report(now - start);
}
