/* gqueue.h: lists of goroutines linked through schedlink. A G is on at most one list, of either kind, at a time: being
 * in a queue is part of its state (runtime.h), so linking it twice is a bug of the scheduler, and fatal: a G on no list
 * has schedlink null, the last one of a list has G_LAST there, so one comparison in a line that is written anyway tells.
 *
 * Every operation is for one thread or under a lock of the caller's. */
#ifndef TOY_GQUEUE_H
#define TOY_GQUEUE_H

#include "runtime.h"

#define G_LAST ((G *)1)

static inline void glink(G *gp, G *next) {
  if (unlikely(gp->schedlink != NULL))
    throwf("goroutine %lu is on a list already", (unsigned long)gp->goid);
  gp->schedlink = next ? next : G_LAST;
}

/* The one behind gp on its list, or null. */
static inline G *gnext(const G *gp) { return gp->schedlink == G_LAST ? NULL : gp->schedlink; }

static inline G *gunlink(G *gp) {
  G *next = gnext(gp);
  gp->schedlink = NULL;
  return next;
}

static inline bool gqueue_empty(const struct gqueue *q) { return !q->head; }

/* At the head. */
static inline void gqueue_push(struct gqueue *q, G *gp) {
  glink(gp, q->head);
  q->head = gp;
  if (!q->tail)
    q->tail = gp;
}

static inline void gqueue_pushback(struct gqueue *q, G *gp) {
  glink(gp, NULL);
  if (q->tail)
    q->tail->schedlink = gp;
  else
    q->head = gp;
  q->tail = gp;
}

/* q2 goes behind q; q2 must not be used any more. */
static inline void gqueue_pushbackall(struct gqueue *q, const struct gqueue *q2) {
  if (!q2->tail)
    return;
  if (q->tail)
    q->tail->schedlink = q2->head;
  else
    q->head = q2->head;
  q->tail = q2->tail;
}

static inline G *gqueue_pop(struct gqueue *q) {
  G *gp = q->head;
  if (gp) {
    q->head = gunlink(gp);
    if (!q->head)
      q->tail = NULL;
  }
  return gp;
}

static inline bool glist_empty(const struct glist *l) { return !l->head; }

static inline void glist_push(struct glist *l, G *gp) {
  glink(gp, l->head);
  l->head = gp;
}

/* The whole queue on top, its head first out. */
static inline void glist_pushall(struct glist *l, const struct gqueue *q) {
  if (gqueue_empty(q))
    return;
  q->tail->schedlink = l->head ? l->head : G_LAST;
  l->head = q->head;
}

static inline G *glist_pop(struct glist *l) {
  G *gp = l->head;
  if (gp)
    l->head = gunlink(gp);
  return gp;
}

/* All of q as a stack, the queue is left empty. */
static inline struct glist gqueue_poplist(struct gqueue *q) {
  struct glist l = {q->head};
  *q = (struct gqueue){NULL, NULL};
  return l;
}

#endif
