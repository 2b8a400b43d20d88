/* schedcheck.c: TOYDEBUG=schedcheck=1: at every stop of the world the scheduler's counts are counted again from its lists:
 * idle threads and processors, queues, free goroutines. The first that differs ends the program.
 *
 * Runs with all Ps stopped. Ms without a P still come and go, under sched.lock, so that is held; what only a P's owner or
 * gflock protects is at rest, since no P has an owner. */
#include "gqueue.h"
#include "pmask.h"
#include "runtime.h"

static void same(const char *what, int64_t count, int64_t recounted) {
  if (count != recounted)
    throwf("schedcheck: %s: count %ld, found %ld", what, (long)count, (long)recounted);
}

static int64_t count_ms(void) {
  int64_t n = 0;
  for (M *mp = sched.midle; mp; mp = mp->schedlink, n++)
    if (getp(mp) || mp->spinning || mp->locks)
      throwf("schedcheck: idle m%ld has a p, spins or holds a lock", (long)mp->id);
  return n;
}

/* Linked through schedlink: every G of a queue is runnable, every free one dead. */
static int64_t count_gs(G *gp, uint32_t status, const char *what) {
  int64_t n = 0;
  for (; gp; gp = gnext(gp), n++)
    if ((readgstatus(gp) & ~(uint32_t)Gscan) != status)
      throwf("schedcheck: %s: goroutine %lu is %s", what, (unsigned long)gp->goid, gstatus_name(readgstatus(gp)));
  return n;
}

static void check_ring(P *pp) {
  uint32_t head = atomic_load(&pp->runqhead), tail = atomic_load(&pp->runqtail);
  if (tail - head > RUNQ_LEN)
    throwf("schedcheck: p %d: ring from %u to %u", pp->id, head, tail);
  for (; head != tail; head++) {
    G *gp = atomic_load(&pp->runq[head % RUNQ_LEN]);
    if ((readgstatus(gp) & ~(uint32_t)Gscan) != Grunnable)
      throwf("schedcheck: p %d: goroutine %lu in its ring is %s", pp->id, (unsigned long)gp->goid,
             gstatus_name(readgstatus(gp)));
  }
}

static void check_p(P *pp) {
  check_ring(pp);
  same("free goroutines of a p", pp->ngfree, count_gs(pp->gfree.head, Gdead, "free goroutines of a p"));
  if (pMask_read(&idlepMask, (uint32_t)pp->id))
    throwf("schedcheck: p %d is stopped and marked idle", pp->id);
}

/* Under sched.lock, the world stopped. */
void schedcheck(void) {
  same("idle threads", sched.nmidle, count_ms());
  same("idle processors", atomic_load(&sched.npidle), 0);
  if (sched.pidle)
    throw("schedcheck: an idle p in a stopped world");
  same("global queue", atomic_load(&sched.runqsize), count_gs(sched.runq.head, Grunnable, "global queue"));
  same("free goroutines", atomic_load(&sched.ngfree),
       count_gs(sched.gfstack.head, Gdead, "free goroutines") + count_gs(sched.gfnostack.head, Gdead, "free goroutines"));
  for (int32_t i = 0; i < atomic_load(&gomaxprocs); i++)
    check_p(allp[i]);
  STAT(schedcheck);
}
