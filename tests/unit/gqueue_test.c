/* gqueue_test: gqueue and glist on 0, 1, 2 and n goroutines, against the order that their names promise.
 *
 * Rows: RQ-7, RQ-8. */
#include "gqueue.h"
#include "runtime.h"
#include "death.h"
#include "unit.h"

#define N 5
static G gs[2 * N];

static void fill(struct gqueue *q, int from, int n) {
  *q = (struct gqueue){NULL, NULL};
  for (int i = 0; i < n; i++)
    gqueue_pushback(q, &gs[from + i]);
}

static void expect(struct gqueue *q, const int *order, int n) {
  for (int i = 0; i < n; i++) {
    G *gp = gqueue_pop(q);
    CHECK_EQ(gp ? gp - gs : -1, order[i]);
    CHECK(gp && !gp->schedlink);
  }
  CHECK(gqueue_empty(q) && !gqueue_pop(q) && !q->tail);
}

static void test_sizes(int n) {
  struct gqueue q, q2;
  int order[2 * N] = {0};
  fill(&q, 0, n);
  for (int i = 0; i < n; i++)
    order[i] = i;
  expect(&q, order, n);

  q = (struct gqueue){NULL, NULL};
  for (int i = 0; i < n; i++)
    gqueue_push(&q, &gs[i]);
  for (int i = 0; i < n; i++)
    order[i] = n - 1 - i;
  expect(&q, order, n);

  for (int m = 0; m <= N; m++) {
    fill(&q, 0, n);
    fill(&q2, N, m);
    gqueue_pushbackall(&q, &q2);
    for (int i = 0; i < n + m; i++)
      order[i] = i < n ? i : N + i - n;
    expect(&q, order, n + m);
  }
}

/* Every way onto a list, for a goroutine that is on one: alone, as the first and as the last of two. */
static void test_twice(void) {
  struct gqueue q = {NULL, NULL}, other = {NULL, NULL};
  struct glist l = {NULL};
  gs[0].goid = 7;
  gqueue_pushback(&q, &gs[0]);
  CHECK_DEATH(gqueue_pushback(&other, &gs[0]), "fatal error: goroutine 7 is on a list already");
  CHECK_DEATH(gqueue_push(&q, &gs[0]), "goroutine 7 is on a list already");
  CHECK_DEATH(glist_push(&l, &gs[0]), "goroutine 7 is on a list already");
  gqueue_pushback(&q, &gs[1]);
  CHECK_DEATH(glist_push(&l, &gs[0]), "goroutine 7 is on a list already");
  CHECK_DEATH(glist_push(&l, &gs[1]), "is on a list already");
  CHECK(gqueue_pop(&q) == &gs[0] && gqueue_pop(&q) == &gs[1]);
  glist_push(&l, &gs[0]);
  CHECK_DEATH(gqueue_pushback(&q, &gs[0]), "goroutine 7 is on a list already");
  CHECK(glist_pop(&l) == &gs[0]);
}

static void test_lists(int n) {
  struct gqueue q;
  struct glist l = {NULL};
  for (int i = 0; i < n; i++)
    glist_push(&l, &gs[N + i]);
  fill(&q, 0, n);
  glist_pushall(&l, &q);
  for (int i = 0; i < 2 * n; i++) {
    G *gp = glist_pop(&l);
    CHECK_EQ(gp ? gp - gs : -1, i < n ? i : N + 2 * n - 1 - i);
  }
  CHECK(glist_empty(&l) && !glist_pop(&l));

  fill(&q, 0, n);
  l = gqueue_poplist(&q);
  CHECK(gqueue_empty(&q) && !q.tail);
  for (int i = 0; i < n; i++) {
    G *gp = glist_pop(&l);
    CHECK_EQ(gp ? gp - gs : -1, i);
  }
  CHECK(glist_empty(&l));
}

int main(void) {
  m0_init();
  test_twice();
  for (int n = 0; n <= N; n++) {
    test_sizes(n);
    test_lists(n);
  }
  return unit_end();
}
