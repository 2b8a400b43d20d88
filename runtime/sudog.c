/* sudog.c: records "a goroutine waits on a channel", cached per P.
 *
 * A sudog is released where it was waited with, which need not be where it was acquired: a consumer's P fills up
 * while the producer's runs dry. So half of a full cache moves to a central list, and an empty one refills to half
 * from there. */
#include "runtime.h"

#define CACHE ((int32_t)nelem(((P *)0)->sudogcache))

static void refill(P *pp) {
  lock(&sched.sudoglock);
  while (pp->nsudogcache < CACHE / 2 && sched.sudogcache) {
    struct sudog *s = sched.sudogcache;
    sched.sudogcache = s->next;
    s->next = NULL;
    pp->sudogcache[pp->nsudogcache++] = s;
  }
  unlock(&sched.sudoglock);
  if (pp->nsudogcache == 0)
    pp->sudogcache[pp->nsudogcache++] = persistentalloc(sizeof(struct sudog), 8);
}

static void spill(P *pp, int32_t keep) {
  lock(&sched.sudoglock);
  while (pp->nsudogcache > keep) {
    struct sudog *s = pp->sudogcache[--pp->nsudogcache];
    s->next = sched.sudogcache;
    sched.sudogcache = s;
  }
  unlock(&sched.sudoglock);
}

void sudogpurge(P *pp) { spill(pp, 0); }

struct sudog *acquireSudog(void) {
  P *pp = getp(toy_m);
  if (unlikely(pp->nsudogcache == 0))
    refill(pp);
  struct sudog *s = pp->sudogcache[--pp->nsudogcache];
  if (unlikely(s->elem))
    throw("acquireSudog: found s.elem != nil in cache");
  return s;
}

static const char *leftover(const struct sudog *s) {
  const struct { const char *name; bool set; } fields[] = {
    {"elem", s->elem}, {"next", s->next}, {"prev", s->prev}, {"waitlink", s->waitlink}, {"waittail", s->waittail}, {"c", s->c}, {"isSelect", s->isSelect},
  };
  for (size_t i = 0; i < nelem(fields); i++)
    if (fields[i].set)
      return fields[i].name;
  return NULL;
}

/* The caller clears what it set: a leftover would be taken for a live link by the next user. */
void releaseSudog(struct sudog *s) {
  if (unlikely(s->elem || s->next || s->prev || s->waitlink || s->waittail || s->c || s->isSelect))
    throwf("runtime: sudog with non-nil %s", leftover(s));
  if (unlikely(toy_m->curg && toy_m->curg->param))
    throw("runtime: releaseSudog with non-nil gp.param");
  P *pp = getp(toy_m);
  if (unlikely(pp->nsudogcache == CACHE))
    spill(pp, CACHE / 2);
  s->g = NULL;
  s->success = false;
  pp->sudogcache[pp->nsudogcache++] = s;
}
