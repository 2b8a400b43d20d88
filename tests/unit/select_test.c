/* select_test.c: random selects of many goroutines over a few channels, among plain operations and closes, compared step by
 * step with a model. The model does not choose: it is told what select did, and says whether that was possible, what it
 * meant for those who waited, and what a goroutine that is woken later must find.
 *
 * Rows: CH-5, CH-6, CH-7, CH-1. */
#define UNIT_ALONE
#include "panic.h"
#include "runtime.h"
#include "unit.h"

#include "chanworld.h"

#include "../../runtime/chan.c"
#include "../../runtime/select.c"

uint32_t fastrandn(uint32_t n) {
  static uint64_t x = 88172645463325252u;
  x ^= x << 13, x ^= x >> 7, x ^= x << 17;
  return (uint32_t)((x >> 32) * n >> 32);
}

static const struct toy_type t_int = {.size = 8, .align = 8, .kind = TOY_KIND_INT, .flags = 3, .name = {"int", 3}};

enum { NC = 4, KMAX = 6, RUNS = 3000, STEPS = 150 };

/* ---- the model */

struct waiter { int g, at; uint64_t v; };
struct wlist { int n; struct waiter e[NG * KMAX]; };
struct mchan {
  struct hchan *real;
  int cap, n;
  uint64_t item[4];
  bool closed;
  struct wlist send, recv;
};
static struct mchan ch[NC];

/* A goroutine's operation: k cases in the runtime's order, at -1 when it is over. */
struct oper { int k, nsends, on[KMAX]; uint64_t slot[KMAX]; bool parked; };
static struct oper op[NG];
struct fate { bool due, panics, ok; int at; uint64_t v; };
static struct fate fate[NG];

static void drop(struct wlist *l, int g) {
  int n = 0;
  for (int i = 0; i < l->n; i++)
    if (l->e[i].g != g) l->e[n++] = l->e[i];
  l->n = n;
}

/* The first waiter is served, and is gone from everywhere. */
static struct waiter serve(struct wlist *l) {
  struct waiter w = l->e[0];
  for (int i = 0; i < NC; i++) {
    drop(&ch[i].send, w.g);
    drop(&ch[i].recv, w.g);
  }
  return w;
}

static void meet(struct waiter w, bool ok, uint64_t v, bool panics) {
  CHECK(op[w.g].parked && !fate[w.g].due);
  fate[w.g] = (struct fate){true, panics, ok, w.at, v};
}

static bool possible(const struct oper *o, int at) {
  if (o->on[at] < 0) return false;
  const struct mchan *c = &ch[o->on[at]];
  if (c->closed) return true;
  return at < o->nsends ? c->recv.n > 0 || c->n < c->cap : c->n > 0 || c->send.n > 0;
}

static bool any_possible(const struct oper *o) {
  for (int i = 0; i < o->k; i++)
    if (possible(o, i)) return true;
  return false;
}

static void model_send(struct mchan *c, uint64_t v) {
  if (c->recv.n) meet(serve(&c->recv), true, v, false);
  else c->item[c->n++] = v;
}

/* What is received; false: closed. */
static bool model_recv(struct mchan *c, uint64_t *v) {
  *v = 0;
  if (c->n > 0) {
    *v = c->item[0];
    memmove(c->item, c->item + 1, (size_t)--c->n * sizeof c->item[0]);
  } else if (c->send.n == 0) return false;
  if (c->send.n) {
    struct waiter w = serve(&c->send);
    if (c->cap == 0) *v = w.v;
    else c->item[c->n++] = w.v;
    meet(w, false, 0, false);
  }
  return true;
}

static void model_close(struct mchan *c) {
  c->closed = true;
  while (c->recv.n) meet(serve(&c->recv), false, 0, false);
  while (c->send.n) meet(serve(&c->send), false, 0, true);
}

static void model_park(int g) {
  for (int i = 0; i < op[g].k; i++) {
    if (op[g].on[i] < 0) continue;
    struct mchan *c = &ch[op[g].on[i]];
    struct wlist *l = i < op[g].nsends ? &c->send : &c->recv;
    l->e[l->n++] = (struct waiter){g, i, op[g].slot[i]};
  }
  op[g].parked = true;
}

/* Case at was done at once; received: what the real one got. */
static void model_did(const struct oper *o, int at, bool ok) {
  CHECK(possible(o, at));
  struct mchan *c = &ch[o->on[at]];
  if (at < o->nsends) {
    CHECK(!c->closed && !ok);
    model_send(c, o->slot[at]);
    return;
  }
  uint64_t v;
  bool some = model_recv(c, &v);
  CHECK_EQ(ok, some);
  CHECK_EQ(o->slot[at], v);
}

static bool closed_send_possible(const struct oper *o) {
  for (int i = 0; i < o->nsends; i++)
    if (o->on[i] >= 0 && ch[o->on[i]].closed) return true;
  return false;
}

/* ---- the real thing */

/* Single cases go the ways that the compiler would take. */
static int64_t call(struct oper *o, bool wait) {
  struct scase cases[KMAX];
  uint16_t order[2 * KMAX];
  for (int i = 0; i < o->k; i++)
    cases[i] = (struct scase){o->on[i] < 0 ? NULL : ch[o->on[i]].real, &o->slot[i]};
  if (o->k > 1 || !cases[0].c) return rt_selectgo(cases, order, o->nsends, o->k - o->nsends, wait);
  if (wait && o->nsends) return rt_chansend(cases[0].c, cases[0].elem), 0;
  if (wait) return rt_chanrecv(cases[0].c, cases[0].elem);
  if (o->nsends) return rt_selectnbsend(cases[0].c, cases[0].elem) ? 0 : NONE;
  int64_t r = rt_selectnbrecv(cases[0].c, cases[0].elem);
  return r == 0 ? NONE : r == 3;
}

static void start(int g, bool wait) {
  struct oper *o = &op[g];
  unit_m.curg = &gs[g];
  if (setjmp(panicked)) {
    CHECK(closed_send_possible(o));
    return;
  }
  int how = setjmp(parked);
  if (how) {
    CHECK(wait && !any_possible(o));
    if (how == 2) gs[g].wakefn = NULL; /* only nil channels: it will not come back */
    model_park(g);
    return;
  }
  int64_t r = call(o, wait);
  if (r == NONE) CHECK(!wait && !any_possible(o));
  else model_did(o, (int)(r >> 1), r & 1);
}

static bool single(const struct oper *o) { return o->k == 1 && o->on[0] >= 0; }

static void wake_all(void) {
  for (int i = 0; i < nreadied; i++) {
    int g = (int)(readied[i] - gs);
    CHECK(op[g].parked && fate[g].due);
    op[g].parked = fate[g].due = false;
    unit_m.curg = &gs[g];
    if (setjmp(panicked)) {
      CHECK(fate[g].panics);
      continue;
    }
    uintptr_t (*wakefn)(G *) = gs[g].wakefn;
    gs[g].wakefn = NULL;
    int64_t r = (int64_t)wakefn(&gs[g]);
    CHECK(!fate[g].panics);
    CHECK_EQ(r, single(&op[g]) ? fate[g].ok : 2 * fate[g].at + fate[g].ok);
    if (fate[g].at >= op[g].nsends) CHECK_EQ(op[g].slot[fate[g].at], fate[g].v);
    CHECK(!gs[g].waiting && !gs[g].param && !gs[g].activeStackChans);
  }
  nreadied = 0;
  for (int g = 0; g < NG; g++) CHECK(!fate[g].due); /* all who had to be woken were */
}

static void choose(int g) {
  static uint64_t next;
  struct oper *o = &op[g];
  *o = (struct oper){.k = 1 + (int)fastrandn(KMAX)};
  o->nsends = (int)fastrandn((uint32_t)o->k + 1);
  for (int i = 0; i < o->k; i++) {
    o->on[i] = fastrandn(8) ? (int)fastrandn(NC) : -1;
    o->slot[i] = ++next;
  }
}

static void check_channels(void) {
  CHECK_EQ(locked, 0);
  for (int i = 0; i < NC; i++) {
    CHECK_EQ(count(ch[i].real), ch[i].n);
    CHECK_EQ(first(&ch[i].real->recvq) != NULL, ch[i].recv.n != 0);
    CHECK_EQ(first(&ch[i].real->sendq) != NULL, ch[i].send.n != 0);
    CHECK(ch[i].n == 0 || !ch[i].recv.n);
  }
}

static void close_it(struct mchan *c) {
  if (c->closed) return;
  model_close(c);
  rt_closechan(c->real);
  wake_all();
}

static bool only_nil(const struct oper *o) {
  for (int i = 0; i < o->k; i++)
    if (o->on[i] >= 0) return false;
  return true;
}

static void random_run(void) {
  memset(op, 0, sizeof op);
  for (int i = 0; i < NC; i++) {
    int cap = (int)fastrandn(4);
    ch[i] = (struct mchan){.real = rt_makechan(&t_int, cap), .cap = cap};
  }
  for (int step = 0; step < STEPS; step++) {
    int g = (int)fastrandn(NG);
    if (op[g].parked) continue;
    if (step > STEPS / 2 && fastrandn(40) == 0) close_it(&ch[fastrandn(NC)]);
    choose(g);
    start(g, fastrandn(3) != 0);
    wake_all();
    check_channels();
  }
  for (int i = 0; i < NC; i++) close_it(&ch[i]);
  for (int g = 0; g < NG; g++) CHECK(!op[g].parked || only_nil(&op[g]));
  CHECK_EQ(nsudogs, 0);
  for (int i = 0; i < NC; i++) free(ch[i].real);
}

/* ---- what is in the ring outlives the close */

static void test_closed_with_items(void) {
  unit_case = "an item came in before the close";
  struct hchan *c = rt_makechan(&t_int, 1);
  uint64_t v = 7, got = 1;
  rt_chansend(c, &v);
  rt_closechan(c);
  CHECK_EQ(rt_selectnbrecv(c, &got), 3);
  CHECK_EQ(got, 7);
  CHECK_EQ(rt_selectnbrecv(c, &got), 1);
  CHECK_EQ(got, 0);
  free(c);
}

/* ---- 65,536 cases: indices and orders of 16 bits */

static void test_most_cases(void) {
  enum { MOST = 65536 };
  static struct scase cases[MOST];
  static uint16_t order[2 * MOST];
  static uint64_t elem;
  static bool seen[MOST];
  unit_case = "65,536 cases";
  struct hchan *chans[16];
  for (int i = 0; i < 16; i++) chans[i] = rt_makechan(&t_int, 1);
  for (int i = 0; i < MOST; i++) cases[i] = (struct scase){chans[fastrandn(16)], &elem};
  struct selecting s = {cases, order, order + MOST, MOST, 0, 0};
  CHECK_EQ(first_look(&s), NONE);
  for (int i = 0; i < MOST; i++) seen[s.poll[i]] = true;
  make_lock_order(&s);
  CHECK_EQ(s.nlock, MOST);
  for (int i = 0; i < MOST; i++) CHECK(seen[i]);
  for (int i = 1; i < MOST; i++) CHECK(cases[s.lock[i - 1]].c <= cases[s.lock[i]].c);
  elem = 9;
  cases[MOST - 1].c = rt_makechan(&t_int, 1);
  rt_chansend(cases[MOST - 1].c, &elem);
  CHECK_EQ(rt_selectgo(cases, order, 0, MOST, 1), 2 * (MOST - 1) + 1);
}

int main(void) {
  toy_m = &unit_m;
  unit_m.p = &unit_p;
  for (int run = 0; run < RUNS; run++) random_run();
  test_closed_with_items();
  test_most_cases();
  return unit_end();
}
