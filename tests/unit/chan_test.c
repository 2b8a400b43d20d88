/* chan_test.c: random operations of many goroutines on one channel, compared step by step with a model that is a list of
 * items and two lists of waiters. The scheduler is replaced: parking jumps out of the operation, readying is noted, and
 * the test itself then runs the wakefn, as execute would.
 *
 * Rows: PR-2, CH-1, CH-3. */
#define UNIT_ALONE
#include "panic.h"
#include "runtime.h"
#include "timerchan.h"
#include "unit.h"

#include "chanworld.h"

enum { CAP_MAX = 5, STEPS = 300000 };
static uint64_t slot_of[NG]; /* each goroutine's element, as if on its stack */

#include "../../runtime/chan.c"

static const struct toy_type t_int = {.size = 8, .align = 8, .kind = TOY_KIND_INT, .flags = 3, .name = {"int", 3}};

/* ---- the model */

struct list { int n; struct { int g; uint64_t v; } e[NG + CAP_MAX]; };
static struct list items, senders, receivers;
static bool closed;
static int capacity;

static void put(struct list *l, int g, uint64_t v) {
  l->e[l->n].g = g;
  l->e[l->n++].v = v;
}
static uint64_t take(struct list *l, int *g) {
  uint64_t v = l->e[0].v;
  if (g) *g = l->e[0].g;
  memmove(l->e, l->e + 1, (size_t)--l->n * sizeof l->e[0]);
  return v;
}

/* What each goroutine must see when its operation ends: a value, closed, or a panic. */
enum fate { NOTHING, SENT, GOT, GOT_CLOSED, PANIC };
static enum fate fate[NG];
static uint64_t due[NG];

static void meet(int g, enum fate f, uint64_t v) {
  fate[g] = f;
  due[g] = v;
}

static void model_send(int g, uint64_t v) {
  int r;
  if (closed) return meet(g, PANIC, 0);
  if (receivers.n) {
    take(&receivers, &r);
    meet(r, GOT, v);
    meet(g, SENT, 0);
  } else if (items.n < capacity) {
    put(&items, g, v);
    meet(g, SENT, 0);
  } else {
    put(&senders, g, v);
  }
}

static void model_recv(int g) {
  int s;
  if (items.n) {
    meet(g, GOT, take(&items, NULL));
    if (senders.n) {
      uint64_t v = take(&senders, &s);
      put(&items, s, v);
      meet(s, SENT, 0);
    }
  } else if (senders.n) {
    uint64_t v = take(&senders, &s);
    meet(s, SENT, 0);
    meet(g, GOT, v);
  } else if (closed) {
    meet(g, GOT_CLOSED, 0);
  } else {
    put(&receivers, g, 0);
  }
}

static void model_close(void) {
  int g;
  closed = true;
  while (receivers.n) {
    take(&receivers, &g);
    meet(g, GOT_CLOSED, 0);
  }
  while (senders.n) {
    take(&senders, &g);
    meet(g, PANIC, 0);
  }
}

/* ---- the real thing */

static void ended(int g, enum fate f, uint64_t v) {
  CHECK_EQ(f, fate[g]);
  if (f == GOT || f == GOT_CLOSED) CHECK_EQ(v, due[g]);
  fate[g] = NOTHING;
}

static void wake_all(bool *waiting, bool *receiving) {
  for (int i = 0; i < nreadied; i++) {
    int g = (int)(readied[i] - gs);
    CHECK(waiting[g]);
    waiting[g] = false;
    unit_m.curg = &gs[g];
    if (setjmp(panicked)) {
      ended(g, PANIC, 0);
      continue;
    }
    bool ok = gs[g].wakefn(&gs[g]);
    ended(g, receiving[g] ? ok ? GOT : GOT_CLOSED : SENT, slot_of[g]);
    CHECK(!gs[g].wakefn && !gs[g].waiting && !gs[g].param);
  }
  nreadied = 0;
}

static void start(struct hchan *c, int g, bool receive, uint64_t v, bool *waiting) {
  unit_m.curg = &gs[g];
  slot_of[g] = receive ? 0xdead : v;
  if (setjmp(panicked)) return ended(g, PANIC, 0);
  int how = setjmp(parked);
  if (how) {
    CHECK_EQ(how, 1);
    CHECK_EQ(fate[g], NOTHING);
    waiting[g] = true;
  } else if (receive) {
    bool ok = rt_chanrecv(c, &slot_of[g]);
    ended(g, ok ? GOT : GOT_CLOSED, slot_of[g]);
  } else {
    rt_chansend(c, &slot_of[g]);
    ended(g, SENT, 0);
  }
}

static void check_invariants(struct hchan *c) {
  CHECK_EQ(locked, 0);
  CHECK(!first(&c->recvq) || !first(&c->sendq));
  CHECK(count(c) == 0 || !first(&c->recvq));
  CHECK(count(c) == c->dataqsiz || !first(&c->sendq));
  CHECK(!c->closed || (!first(&c->recvq) && !first(&c->sendq)));
  CHECK_EQ(toy_chanlen(c), items.n);
  CHECK_EQ(toy_chancap(c), capacity);
}

static uint32_t seed = 12345;
static uint32_t below(uint32_t n) { return (uint32_t)((uint64_t)(seed = seed * 1664525 + 1013904223) * n >> 32); }

static void random_run(int cap) {
  static bool waiting[NG], receiving[NG];
  capacity = cap;
  closed = false;
  items.n = senders.n = receivers.n = 0;
  memset(waiting, 0, sizeof waiting);
  struct hchan *c = rt_makechan(&t_int, cap);
  for (int step = 0; step < 200; step++) {
    int g = (int)below(NG);
    if (waiting[g]) continue;
    uint32_t what = below(100);
    if (what == 0 && step > 100 && !closed) {
      model_close();
      rt_closechan(c);
    } else {
      receiving[g] = what < 50;
      uint64_t v = below(1u << 30);
      if (receiving[g]) model_recv(g);
      else model_send(g, v);
      start(c, g, receiving[g], v, waiting);
    }
    wake_all(waiting, receiving);
    check_invariants(c);
  }
  if (!closed) {
    model_close();
    rt_closechan(c);
    wake_all(waiting, receiving);
    check_invariants(c);
  }
  for (int g = 0; g < NG; g++) CHECK(!waiting[g]);
  CHECK_EQ(nsudogs, 0);
  free(c);
}

/* ---- what ends in a panic, or never */

static const char *panics(void (*op)(void *), void *arg) {
  if (!setjmp(panicked)) {
    op(arg);
    return "nothing";
  }
  return panic_text;
}
static void do_close(void *c) { rt_closechan(c); }
static void do_make(void *n) { rt_makechan(&t_int, (int64_t)n); }

static void test_panics(void) {
  struct hchan *c = rt_makechan(&t_int, 0);
  CHECK(!strcmp(panics(do_close, NULL), "close of nil channel"));
  rt_closechan(c);
  CHECK(!strcmp(panics(do_close, c), "close of closed channel"));
  CHECK(!strcmp(panics(do_make, (void *)-1), "makechan: size out of range"));
  CHECK(!strcmp(panics(do_make, (void *)INT64_MAX), "makechan: size out of range"));
  CHECK(!strcmp(panics(do_make, (void *)((int64_t)1 << 61)), "makechan: size out of range"));
  CHECK_EQ(toy_chanlen(NULL) + toy_chancap(NULL), 0);
  int how = setjmp(parked);
  if (!how) rt_chanrecv(NULL, NULL);
  CHECK_EQ(how, 2);
}

int main(void) {
  toy_m = &unit_m;
  unit_m.p = &unit_p;
  for (int run = 0; run < STEPS / 200; run++) random_run(run % (CAP_MAX + 1));
  test_panics();
  return unit_end();
}
