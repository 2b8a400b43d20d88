/* lists_test: the lists of idle Ps and Ms and the bits that go with them, in random orders; goroutines injected from outside; what
 * dropg cuts. Nothing runs.
 *
 * Rows: RQ-9, RQ-10, RQ-12, FW-13, FW-15. */
#include <pthread.h>

#include "death.h"
#include "gqueue.h"
#include "netpoll.h"
#include "pmask.h"
#include "runtime.h"

enum { PS = 70, ROUNDS = 1000000, FLIPS = 200000 };

/* ---- RQ-9: neighbours in one word */

static struct pMask mask;

/* Ends with its bit set. */
static void *flip(void *arg) {
  uint32_t id = (uint32_t)(uintptr_t)arg;
  bool lost = false;
  for (int i = 0; i < FLIPS; i++) {
    pMask_set(&mask, id);
    lost |= !pMask_read(&mask, id);
    pMask_clear(&mask, id);
    lost |= pMask_read(&mask, id);
  }
  pMask_set(&mask, id);
  return (void *)(uintptr_t)lost;
}

static void test_mask(void) {
  static const uint32_t ids[] = {31, 32, 63, 62};
  unit_case = "bits of processors";
  pthread_t t[nelem(ids)];
  for (size_t i = 0; i < nelem(ids); i++)
    CHECK_EQ(pthread_create(&t[i], NULL, flip, (void *)(uintptr_t)ids[i]), 0);
  for (size_t i = 0; i < nelem(ids); i++) {
    void *lost;
    pthread_join(t[i], &lost);
    CHECK(!lost);
  }
  for (uint32_t id = 0; id < 128; id++)
    CHECK_EQ(pMask_read(&mask, id), id == 31 || id == 32 || id == 62 || id == 63);
}

/* ---- RQ-10 */

static bool listed[PS];

static void check_idle(void) {
  int n = 0;
  bool found[PS] = {false};
  for (P *pp = sched.pidle; pp; pp = pp->link, n++)
    found[pp->id] = true;
  CHECK_EQ(n, atomic_load(&sched.npidle));
  for (uint32_t id = 0; id < PS; id++) {
    CHECK_EQ(found[id], listed[id]);
    CHECK_EQ(pMask_read(&idlepMask, id), listed[id]);
    CHECK(listed[id] || pMask_read(&timerpMask, id)); /* one that may be used may get timers */
  }
}

/* Last in, first out; bits and list agree after any number of steps. */
static void test_pidle(void) {
  unit_case = "idle processors";
  lock(&sched.lock);
  CHECK(!procresize(PS));
  for (int i = 1; i < PS; i++)
    listed[i] = true;
  check_idle();
  P *out[PS], *pp;
  int nout = 0;
  for (int i = 0; i < ROUNDS; i++) {
    if (nout && fastrandn(2)) {
      uint32_t k = fastrandn((uint32_t)nout);
      pp = out[k];
      out[k] = out[--nout];
      pidleput(pp);
      CHECK(sched.pidle == pp);
      listed[pp->id] = true;
    } else if ((pp = pidleget())) {
      CHECK(!pp->link && listed[pp->id]);
      listed[pp->id] = false;
      out[nout++] = pp;
    }
    if (i % 50000 == 0)
      check_idle();
  }
  check_idle();
  while (nout)
    pidleput(out[--nout]);
  unlock(&sched.lock);
}

/* ---- RQ-12 */

static void test_midle(void) {
  unit_case = "idle threads";
  static M ms[3];
  sched.mnext = 5; /* these, m0, and one that runs */
  lock(&sched.lock);
  for (int i = 0; i < 3; i++)
    mput(&ms[i]);
  CHECK_EQ(sched.nmidle, 3);
  for (int i = 3; i-- > 0;)
    CHECK(mget() == &ms[i] && !ms[i].schedlink);
  CHECK(!mget());
  CHECK_EQ(sched.nmidle, 0);
  sched.mnext = 2;
  mput(&ms[0]);
  CHECK_DEATH(mput(&ms[1]), "deadlock!"); /* nobody is left to run anything */
  CHECK(mget() == &ms[0]);
  unlock(&sched.lock);
}

/* ---- FW-13 */

static G gs[100];

static void make_waiting(struct gqueue *q) {
  for (size_t i = 0; i < nelem(gs); i++) {
    gs[i] = (G){.goid = i};
    atomic_store(&gs[i].atomicstatus, Gwaiting);
    gqueue_pushback(q, &gs[i]);
  }
}

/* No M is started for the idle Ps: all there could be are taken off their list first. */
static void test_inject(int32_t idle) {
  unit_case = "goroutines from outside";
  struct gqueue q = {NULL, NULL};
  make_waiting(&q);
  atomic_store(&sched.npidle, idle);
  P *list = sched.pidle;
  sched.pidle = NULL;
  injectglist(&q);
  CHECK_EQ(atomic_load(&sched.runqsize), idle);
  lock(&sched.lock);
  for (int i = 0; i < idle; i++) {
    G *gp = gqueue_pop(&sched.runq);
    CHECK(gp == &gs[i] && readgstatus(gp) == Grunnable);
  }
  atomic_store(&sched.runqsize, 0);
  sched.pidle = list;
  unlock(&sched.lock);
  bool inherit;
  for (size_t i = (size_t)idle; i < nelem(gs); i++) {
    G *gp = runqget(allp[0], &inherit);
    CHECK(gp == &gs[i] && readgstatus(gp) == Grunnable && !inherit);
  }
  CHECK(runqempty(allp[0]));
}

/* ---- FW-15 */

static void test_dropg(void) {
  unit_case = "dropg";
  m0.curg = &gs[0];
  gs[0].m = &m0;
  atomic_store(&gs[0].atomicstatus, Grunning);
  dropg();
  CHECK(!m0.curg && !gs[0].m);
  CHECK_EQ(readgstatus(&gs[0]), Grunning);
  CHECK(runqempty(allp[0]) && atomic_load(&sched.runqsize) == 0); /* and in no queue */
}

int main(void) {
  m0_init();
  ncpu = 2;
  test_mask();
  test_pidle();
  test_midle();
  test_inject(3);
  test_inject(0);
  test_dropg();
  return unit_end();
}
