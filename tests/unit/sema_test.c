/* sema_test.c: semaphores and notification lists against models: random acquires and releases on words that share a
 * root, compared step by step with counters and lists; the treap's two orders; wake-ups that come before the sleep.
 * The scheduler is replaced as in chan_test.c. And the table of when spinning is worth while.
 *
 * Rows: GS-4, PN-1, PN-2. */
#define UNIT_ALONE
#include "runtime.h"
#include "unit.h"

static M unit_m;
static P unit_p;
_Thread_local G *toy_g;
_Thread_local M *toy_m;
struct schedt sched;
_Atomic int32_t gomaxprocs;
int32_t ncpu;

enum { WORDS = 37, NG = 400, STEPS = 200000, STRIDE = 251 * 8 };
static char memory[(WORDS + 1) * STRIDE]; /* words that many bytes apart share a root */
static G gs[NG];
static G *readied, *yielded;
static int locked, nsudogs;
static enum waitreason reason_given;
static jmp_buf parked;
static uint64_t rng = 12345;

uint32_t fastrand(void) {
  rng = rng * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(rng >> 33);
}
static uint32_t below(uint32_t n) { return fastrand() % n; }

void lock(struct mutex *l) {
  CHECK_EQ(l->key, 0);
  l->key = 1;
  locked++;
}
void unlock(struct mutex *l) {
  CHECK_EQ(l->key, 1);
  l->key = 0;
  locked--;
}
_Noreturn void goparkunlock(struct mutex *l, enum waitreason reason) {
  unlock(l);
  reason_given = reason;
  longjmp(parked, 1);
}
void goready(G *gp) {
  CHECK_EQ(locked, 0);
  CHECK(!readied);
  readied = gp;
}
_Noreturn void goyield(G *gp) {
  yielded = gp;
  longjmp(parked, 1);
}
struct sudog *acquireSudog(void) {
  nsudogs++;
  return calloc(1, sizeof(struct sudog));
}
void releaseSudog(struct sudog *s) {
  CHECK(!s->next && !s->prev && !s->elem && !s->waitlink && !s->waittail);
  nsudogs--;
  free(s);
}
int64_t nanotime(void) { return 42; }
_Noreturn void fatalf(const char *fmt, ...) { exit(9); }
static bool queue_is_empty = true;
bool runqempty(P *pp) { return queue_is_empty; }

#include "../../runtime/sema.c"

static _Atomic uint32_t *word(int w) { return (_Atomic uint32_t *)(memory + w * STRIDE); }

/* ---- the model: tokens and waiters of each word */
static struct { uint32_t tokens; int waiters[NG], n; } model[WORDS];
static bool waiting[NG];

/* As a goroutine would: true if it got through without waiting. */
static bool acquire(int w, int g, bool lifo) {
  unit_m.curg = &gs[g];
  if (setjmp(parked))
    return false;
  rt_sync_semacquire(word(w), lifo, 1);
  return true;
}

static void model_acquire(int w, int g, bool lifo) {
  if (model[w].tokens > 0) {
    CHECK(acquire(w, g, lifo));
    model[w].tokens--;
    return;
  }
  CHECK(!acquire(w, g, lifo));
  CHECK_EQ(reason_given, waitReasonSyncMutexLock);
  waiting[g] = true;
  int at = lifo ? 0 : model[w].n;
  memmove(model[w].waiters + at + 1, model[w].waiters + at, (size_t)(model[w].n - at) * sizeof(int));
  model[w].waiters[at] = g;
  model[w].n++;
}

static bool release(int w, G *by, bool handoff) {
  unit_m.curg = by;
  readied = yielded = NULL;
  if (setjmp(parked))
    return true;
  rt_sync_semrelease(word(w), handoff);
  return false;
}

static void model_release(int w, bool handoff) {
  bool gave_up = release(w, &gs[0], handoff);
  CHECK_EQ(gave_up, handoff && model[w].n > 0);
  if (model[w].n == 0) {
    CHECK(!readied);
    model[w].tokens++;
    return;
  }
  int g = model[w].waiters[0];
  memmove(model[w].waiters, model[w].waiters + 1, (size_t)--model[w].n * sizeof(int));
  CHECK(readied == &gs[g]);
  CHECK(!handoff || yielded == &gs[0]);
  CHECK_EQ(gs[g].wakefn(&gs[g]), 0);
  CHECK(!gs[g].param);
  waiting[g] = false;
}

/* Search order left to right, tickets not falling from the root down. */
static int check_treap(const struct sudog *s, const void *low, const void *high) {
  if (!s)
    return 0;
  CHECK((!low || (const char *)s->elem > (const char *)low) && (!high || (const char *)s->elem < (const char *)high));
  CHECK(!s->prev || s->prev->ticket >= s->ticket);
  CHECK(!s->next || s->next->ticket >= s->ticket);
  return 1 + check_treap(s->prev, low, s->elem) + check_treap(s->next, s->elem, high);
}

static void check_all(void) {
  int nodes = 0, waiters = 0;
  for (int w = 0; w < WORDS; w++) {
    CHECK_EQ(atomic_load(word(w)), model[w].tokens);
    nodes += model[w].n > 0;
    waiters += model[w].n;
  }
  struct semaroot *root = rootfor(word(0));
  CHECK_EQ(check_treap(root->treap, NULL, NULL), nodes);
  CHECK_EQ(atomic_load(&root->nwait), waiters);
  CHECK_EQ(nsudogs, waiters);
}

static void test_random(void) {
  unit_case = "semaphores";
  for (int i = 0; i < STEPS && unit_failures < 10; i++) {
    int w = (int)below(WORDS), g = 1 + (int)below(NG - 1);
    if (below(2))
      model_release(w, below(2));
    else if (!waiting[g])
      model_acquire(w, g, below(2));
    if (i % 64 == 0)
      check_all();
  }
  for (int w = 0; w < WORDS; w++)
    while (model[w].n > 0)
      model_release(w, false);
  check_all();
}

/* The token was taken by somebody else between the release's two steps: no waiter is owed a wake-up. */
static void test_stolen(void) {
  unit_case = "stolen token";
  atomic_store(word(0), 0);
  CHECK(!acquire(0, 1, false));
  CHECK(!give_after_all(rootfor(word(0)), word(0)));
  CHECK(!release(0, &gs[0], false) && readied == &gs[1]);
  gs[1].wakefn(&gs[1]);
}

/* Somebody came while the token was put: it is his, or stays if he waits for another word. */
static void test_came_late(void) {
  unit_case = "came late";
  atomic_store(word(0), 0);
  atomic_store(word(1), 0);
  CHECK(!acquire(0, 1, false));
  atomic_store(word(1), 1);
  CHECK(!give_after_all(rootfor(word(1)), word(1)) && atomic_load(word(1)) == 1);
  atomic_store(word(0), 1);
  struct sudog *s = give_after_all(rootfor(word(0)), word(0));
  CHECK(s && s->g == &gs[1] && atomic_load(word(0)) == 0);
  s->g->param = s;
  gs[1].wakefn(&gs[1]);
}

/* ---- lists with tickets */

static struct notifylist list;

static bool sleeps(int g, int64_t ticket) {
  unit_m.curg = &gs[g];
  if (setjmp(parked))
    return true;
  rt_sync_notifyListWait(&list, ticket);
  return false;
}

static G *notify_one(void) {
  readied = NULL;
  rt_sync_notifyListNotifyOne(&list);
  return readied;
}

static void test_notify(void) {
  unit_case = "notify";
  atomic_store(&list.wait, UINT32_MAX - 1); /* tickets wrap around on the way */
  atomic_store(&list.notify, UINT32_MAX - 1);
  int64_t t[5];
  for (int i = 0; i < 5; i++)
    t[i] = rt_sync_notifyListAdd(&list);
  CHECK(!notify_one());      /* ticket 0 is told before it sleeps */
  CHECK(!sleeps(1, t[0]));
  CHECK(sleeps(3, t[2]) && sleeps(2, t[1]) && reason_given == waitReasonSyncCondWait);
  CHECK(notify_one() == &gs[2]); /* by ticket, not by place in the list */
  CHECK(sleeps(4, t[3]));
  CHECK(notify_one() == &gs[3]);
  CHECK(notify_one() == &gs[4]);
  CHECK(!list.head && !list.tail);
  CHECK(!notify_one() && !sleeps(5, t[4]));
  CHECK(!notify_one()); /* nobody waits: no ticket is used up */
  CHECK(sleeps(6, rt_sync_notifyListAdd(&list)));
  readied = NULL;
  rt_sync_notifyListNotifyAll(&list);
  CHECK(readied == &gs[6] && !list.head && !list.tail);
  for (int i = 2; i <= 6; i++)
    if (gs[i].param)
      gs[i].wakefn(&gs[i]);
}

/* ---- PN-2 */
static void test_spin(void) {
  unit_case = "canSpin";
  static const struct { int tries, cpus, procs, idle, spinning; bool empty, want; } rows[] = {
    {0, 2, 2, 0, 0, true, true},   {3, 2, 2, 0, 0, true, true},  {4, 2, 2, 0, 0, true, false},
    {0, 1, 2, 0, 0, true, false},  {0, 2, 1, 0, 0, true, false}, {0, 4, 4, 3, 0, true, false},
    {0, 4, 4, 1, 2, true, false},  {0, 4, 4, 1, 1, true, true},  {0, 2, 2, 0, 0, false, false},
  };
  for (size_t i = 0; i < nelem(rows); i++) {
    ncpu = rows[i].cpus;
    atomic_store(&gomaxprocs, rows[i].procs);
    atomic_store(&sched.npidle, rows[i].idle);
    atomic_store(&sched.nmspinning, rows[i].spinning);
    queue_is_empty = rows[i].empty;
    CHECK_EQ(toy_sync_canSpin(rows[i].tries), rows[i].want);
  }
}

static void test_pin(void) {
  unit_case = "pin";
  unit_p.id = 5;
  CHECK_EQ(toy_sync_procPin(), 5);
  CHECK_EQ(toy_sync_procPin(), 5);
  CHECK_EQ(unit_m.locks, 2);
  toy_sync_procUnpin();
  toy_sync_procUnpin();
  CHECK_EQ(unit_m.locks, 0);
}

int main(void) {
  toy_m = &unit_m;
  atomic_store(&unit_m.p, &unit_p);
  test_random();
  test_stolen();
  test_came_late();
  test_notify();
  test_spin();
  test_pin();
  CHECK_EQ(nsudogs, 0);
  return unit_end();
}
