/* chanworld.h: a scheduler for tests of channels: parking jumps out of the operation (1: it waits, 2: for ever), readying is
 * noted, and the test itself then runs the wakefn, as execute would. Locks are counted, sudogs checked when released. */
#ifndef TOY_UNIT_CHANWORLD_H
#define TOY_UNIT_CHANWORLD_H

#include "timerchan.h"

static M unit_m;
static P unit_p;
_Thread_local G *toy_g;
_Thread_local M *toy_m;

enum { NG = 12 };
static G gs[NG];
static G *readied[NG];
static int nreadied, locked;
static jmp_buf parked;
static jmp_buf panicked;
static char panic_text[200];

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
/* No channel here is a timer's. */
void maybeRunChan(struct timer *t) { abort(); }
void blockTimerChan(struct timer *t) { abort(); }
void unblockTimerChan(struct timer *t) { abort(); }
_Noreturn void gopark(bool (*unlockf)(G *, void *), void *lockp, enum waitreason reason) {
  G *gp = unit_m.curg;
  CHECK(unlockf(gp, lockp));
  CHECK(!gp->parkingOnChan);
  CHECK_EQ(locked, 0);
  longjmp(parked, gp->waiting ? 1 : 2);
}
void goready(G *gp) {
  CHECK_EQ(locked, 0);
  readied[nreadied++] = gp;
}
static int nsudogs;
struct sudog *acquireSudog(void) {
  nsudogs++;
  return calloc(1, sizeof(struct sudog));
}
void releaseSudog(struct sudog *s) {
  CHECK(!s->g && !s->next && !s->prev && !s->elem && !s->c && !s->waitlink);
  nsudogs--;
  free(s);
}
_Noreturn void panic_plain(const char *fmt, ...) {
  CHECK_EQ(locked, 0);
  strcpy(panic_text, fmt);
  longjmp(panicked, 1);
}
void *mallocnoscan(size_t bytes, size_t align) { return calloc(1, bytes); }
void *mallocarray(const struct toy_type *type, size_t n, size_t bytes) { return calloc(1, bytes ? bytes : 1); }

#endif
