/* sema.c: sleeping and waking for package sync: counting semaphores on any word of memory, and ticketed lists for Cond.
 *
 * A semaphore is a uint32 in the program's memory: tokens that nobody has taken. Who finds none waits in a root, chosen
 * from 251 by the word's address; nothing but the word exists for a semaphore that nobody waits on.
 *
 *   acquire: take a token by CAS. None: under the root's lock nwait + 1; try again; none: queue up and park.
 *   release: read nwait. Not 0: under the lock, the first waiter of this word gets the token; if it has none, put it.
 *            0: put a token, and read nwait again; still 0: done. Else under the lock: take the token back, for the
 *            first waiter of this word. No token any more: somebody was faster, and nobody is owed a wake-up. No waiter
 *            of this word: put it back.
 *
 * A token goes straight to a waiter, so who was woken has it: no waiter ever goes back to sleep empty-handed, and as
 * long as somebody waits no newcomer finds a token, so they are served in order. No wake-up is lost: acquire writes
 * nwait and then reads the word, release writes the word and then reads nwait, all seq_cst, so one sees the other;
 * and a token that release holds for a moment is missed only by fast paths, which then look again under the lock that
 * release holds until it has put it back.
 *
 * tests/models/sema.pml searches all interleavings.
 *
 * In a root the words waited on form a treap (ordered by address, a heap by random ticket), so that a million
 * goroutines on a million words cost a logarithm; the waiters of one word are a list that hangs on its node, the first
 * waiter being the node. A sudog's prev and next are its left and right subtree, waitlink the next waiter of the word,
 * waittail (in the node) the last.
 *
 * The word must not lie on a stack: the treap is ordered by its address. It never does, since functions without a body
 * let their arguments escape.
 *
 * Rejected: futexes (they would block the thread); a list of words per root (quadratic in programs with many locks
 * waited for); waking without a token and letting the woken compete, as Go does here (a second queue in front of
 * Mutex's own).
 */
#include "malloc.h"
#include "rtcalls.h"
#include "runtime.h"

#define SEMA_ROOTS 251 /* prime: addresses have patterns */

struct semaroot {
  alignas(TOY_CACHELINE) struct mutex lock;
  struct sudog *treap;
  _Atomic uint32_t nwait; /* waiters of all words here; written under lock */
};
static struct semaroot roots[SEMA_ROOTS];

static struct semaroot *rootfor(const void *addr) { return &roots[((uintptr_t)addr >> 3) % SEMA_ROOTS]; }

/* ---- the treap; under the root's lock */

/* The link that leads to addr's node, or where one would hang. */
static struct sudog **find(struct semaroot *root, const void *addr) {
  struct sudog **at = &root->treap;
  while (*at && (*at)->elem != addr)
    at = (uintptr_t)addr < (uintptr_t)(*at)->elem ? &(*at)->prev : &(*at)->next;
  return at;
}

static void split(struct sudog *t, const void *addr, struct sudog **less, struct sudog **more) {
  while (t)
    if ((uintptr_t)t->elem < (uintptr_t)addr) {
      *less = t;
      less = &t->next;
      t = t->next;
    } else {
      *more = t;
      more = &t->prev;
      t = t->prev;
    }
  *less = *more = NULL;
}

/* Everything in a lies below everything in b. */
static void join(struct sudog **at, struct sudog *a, struct sudog *b) {
  while (a && b)
    if (a->ticket < b->ticket) {
      *at = a;
      at = &a->next;
      a = a->next;
    } else {
      *at = b;
      at = &b->prev;
      b = b->prev;
    }
  *at = a ? a : b;
}

/* addr has no node yet. */
static void insert(struct semaroot *root, struct sudog *s) {
  struct sudog **at = &root->treap;
  s->ticket = fastrand();
  while (*at && (*at)->ticket <= s->ticket)
    at = (uintptr_t)s->elem < (uintptr_t)(*at)->elem ? &(*at)->prev : &(*at)->next;
  split(*at, s->elem, &s->prev, &s->next);
  *at = s;
}

static void replace(struct sudog **at, struct sudog *s) {
  struct sudog *old = *at;
  s->ticket = old->ticket;
  s->prev = old->prev;
  s->next = old->next;
  old->prev = old->next = NULL;
  *at = s;
}

static void queue(struct semaroot *root, struct sudog *s, bool lifo) {
  struct sudog **at = find(root, s->elem), *first = *at;
  if (!first) {
    s->waittail = s;
    insert(root, s);
  } else if (lifo) {
    replace(at, s);
    s->waitlink = first;
    s->waittail = first->waittail;
    first->waittail = NULL;
  } else {
    first->waittail->waitlink = s;
    first->waittail = s;
  }
}

static struct sudog *dequeue(struct semaroot *root, const void *addr) {
  struct sudog **at = find(root, addr), *s = *at;
  if (!s)
    return NULL;
  struct sudog *second = s->waitlink;
  if (second) {
    second->waittail = s->waittail;
    replace(at, second);
  } else {
    join(at, s->prev, s->next);
  }
  s->prev = s->next = s->waitlink = s->waittail = NULL;
  s->ticket = 0;
  return s;
}

/* ---- waiting */

static struct sudog *new_waiter(G *gp, void *elem) {
  struct sudog *s = acquireSudog();
  s->g = gp;
  s->elem = elem;
  return s;
}

/* gp->waiting stays empty: it is for channels, whose elements move with the stack. */
static uintptr_t woken(G *gp) {
  struct sudog *s = gp->param;
  if (unlikely(!s || s->g != gp))
    throwf("sema: goroutine %lu was woken by nobody", (unsigned long)gp->goid);
  gp->param = NULL;
  s->elem = NULL;
  releaseSudog(s);
  return 0;
}

static void wake(struct sudog *s) {
  s->g->param = s;
  goready(s->g);
}

/* ---- semaphores */

static bool cansemacquire(_Atomic uint32_t *addr) {
  uint32_t v = atomic_load_explicit(addr, memory_order_seq_cst);
  while (v > 0)
    if (atomic_compare_exchange_weak_explicit(addr, &v, v - 1, memory_order_seq_cst, memory_order_seq_cst))
      return true;
  return false;
}

static _Noreturn void wait_for_token(struct semaroot *root, void *addr, bool lifo, enum waitreason reason) {
  G *gp = toy_m->curg;
  if (unlikely((uintptr_t)addr - gp->stack.lo < gp->stack.hi - gp->stack.lo))
    throw("semacquire: the semaphore lies on the goroutine's stack");
  queue(root, new_waiter(gp, addr), lifo);
  gp->wakefn = woken;
  goparkunlock(&root->lock, reason);
}

static void semacquire(void *addr, bool lifo, enum waitreason reason) {
  if (cansemacquire(addr))
    return;
  struct semaroot *root = rootfor(addr);
  lock(&root->lock);
  atomic_fetch_add_explicit(&root->nwait, 1, memory_order_seq_cst);
  if (!cansemacquire(addr))
    wait_for_token(root, addr, lifo, reason);
  atomic_fetch_sub_explicit(&root->nwait, 1, memory_order_relaxed);
  unlock(&root->lock);
}

/* Under the root's lock. */
static struct sudog *first_waiter(struct semaroot *root, const void *addr) {
  struct sudog *s = dequeue(root, addr);
  if (s)
    atomic_fetch_sub_explicit(&root->nwait, 1, memory_order_relaxed);
  return s;
}

/* To a waiter, who is returned, or to the word. */
static struct sudog *give(struct semaroot *root, _Atomic uint32_t *addr) {
  lock(&root->lock);
  struct sudog *s = first_waiter(root, addr);
  if (!s)
    atomic_fetch_add_explicit(addr, 1, memory_order_seq_cst);
  unlock(&root->lock);
  return s;
}

/* The token has been put when nobody waited; now somebody does. */
static struct sudog *give_after_all(struct semaroot *root, _Atomic uint32_t *addr) {
  lock(&root->lock);
  struct sudog *s = NULL;
  if (cansemacquire(addr)) {
    s = first_waiter(root, addr);
    if (!s)
      atomic_fetch_add_explicit(addr, 1, memory_order_seq_cst);
  }
  unlock(&root->lock);
  return s;
}

static struct sudog *put(struct semaroot *root, _Atomic uint32_t *addr) {
  atomic_fetch_add_explicit(addr, 1, memory_order_seq_cst);
  return atomic_load_explicit(&root->nwait, memory_order_seq_cst) == 0 ? NULL : give_after_all(root, addr);
}

/* True if somebody was woken. */
static bool semrelease(_Atomic uint32_t *addr) {
  struct semaroot *root = rootfor(addr);
  bool waited_for = atomic_load_explicit(&root->nwait, memory_order_seq_cst) != 0;
  struct sudog *s = waited_for ? give(root, addr) : put(root, addr);
  if (s)
    wake(s);
  return s != NULL;
}

/* ---- calls of package sync */

/* By number in stdlib/sync/runtime.toy. */
static const uint8_t reasons[] = {
  waitReasonSemacquire, waitReasonSyncMutexLock, waitReasonSyncRWMutexRLock, waitReasonSyncRWMutexLock,
  waitReasonSyncWaitGroupWait,
};

void rt_sync_semacquire(void *addr, int64_t lifo, int64_t reason) {
  if (unlikely((uint64_t)reason >= nelem(reasons)))
    throwf("semacquire: reason %ld", (long)reason);
  semacquire(addr, lifo != 0, reasons[reason]);
}

/* handoff: the woken goroutine runs now, on what is left of the caller's slice; the caller comes after it. */
void rt_sync_semrelease(void *addr, int64_t handoff) {
  if (semrelease(addr) && handoff && toy_m->locks == 0)
    goyield(toy_m->curg);
}

int64_t rt_sync_nanotime(void) { return nanotime(); }

void rt_sync_fatal(void *text, int64_t n) { fatalf("%.*s", (int)n, (const char *)text); }
void rt_sync_throw(void *text, int64_t n) { throwf("%.*s", (int)n, (const char *)text); }

/* ---- active spinning (PN-2): worth it only while the holder can be running elsewhere and nothing waits to run here */

enum { SPIN_TRIES = 4, SPIN_PAUSES = 30 };

bool toy_sync_canSpin(int64_t tries) {
  if (tries >= SPIN_TRIES || ncpu <= 1)
    return false;
  int32_t busy = atomic_load_explicit(&gomaxprocs, memory_order_relaxed) -
                 atomic_load_explicit(&sched.npidle, memory_order_relaxed) -
                 atomic_load_explicit(&sched.nmspinning, memory_order_relaxed);
  return busy > 1 && runqempty(getp(toy_m));
}

void toy_sync_doSpin(void) {
  for (int i = 0; i < SPIN_PAUSES; i++)
    __builtin_ia32_pause();
}

/* ---- pinning (PN-1): between the two the goroutine is not preempted, so its P is its own. It may grow its stack and
 * allocate, and must not wait. */

int64_t toy_sync_procPin(void) {
  toy_m->locks++;
  return getp(toy_m)->id;
}

void toy_sync_procUnpin(void) { toy_m->locks--; }

/* ---- lists of waiters with tickets, for Cond
 *
 * Adding oneself (a ticket) and going to sleep are two steps, between which the caller gives up its lock; a
 * notification that comes between them finds the ticket, not the sleeper: tickets below `notify` do not sleep any
 * more. Tickets wrap around; they are compared by their distance. */

struct notifylist {         /* notifyList of stdlib/sync/cond.toy */
  _Atomic uint32_t wait;    /* the next ticket */
  _Atomic uint32_t notify;  /* the next one to be notified; written under lock */
  struct mutex lock;
  uint32_t unused;
  struct sudog *head, *tail;
};
_Static_assert(sizeof(struct notifylist) == 32, "notifyList in stdlib/sync/cond.toy has this size");

static bool before(uint32_t a, uint32_t b) { return (int32_t)(a - b) < 0; }

int64_t rt_sync_notifyListAdd(void *list) {
  struct notifylist *l = list;
  return atomic_fetch_add_explicit(&l->wait, 1, memory_order_seq_cst);
}

void rt_sync_notifyListWait(void *list, int64_t ticket) {
  struct notifylist *l = list;
  lock(&l->lock);
  if (before((uint32_t)ticket, atomic_load_explicit(&l->notify, memory_order_relaxed))) {
    unlock(&l->lock);
    return;
  }
  G *gp = toy_m->curg;
  struct sudog *s = new_waiter(gp, l);
  s->ticket = (uint32_t)ticket;
  if (l->tail)
    l->tail->next = s;
  else
    l->head = s;
  l->tail = s;
  gp->wakefn = woken;
  goparkunlock(&l->lock, waitReasonSyncCondWait);
}

/* Nobody has taken a ticket since the last notification. */
static bool nobody_waits(struct notifylist *l) {
  return atomic_load_explicit(&l->wait, memory_order_seq_cst) == atomic_load_explicit(&l->notify, memory_order_seq_cst);
}

static struct sudog *take_all(struct notifylist *l) {
  lock(&l->lock);
  struct sudog *all = l->head;
  l->head = l->tail = NULL;
  atomic_store_explicit(&l->notify, atomic_load_explicit(&l->wait, memory_order_seq_cst), memory_order_seq_cst);
  unlock(&l->lock);
  return all;
}

void rt_sync_notifyListNotifyAll(void *list) {
  if (nobody_waits(list))
    return;
  for (struct sudog *s = take_all(list), *next; s; s = next) {
    next = s->next;
    s->next = NULL;
    wake(s);
  }
}

/* Under lock. The holder of the ticket may not have come yet: null, and it will not sleep. */
static struct sudog *unlink_ticket(struct notifylist *l, uint32_t ticket) {
  for (struct sudog *prev = NULL, *s = l->head; s; prev = s, s = s->next)
    if (s->ticket == ticket) {
      if (prev)
        prev->next = s->next;
      else
        l->head = s->next;
      if (l->tail == s)
        l->tail = prev;
      s->next = NULL;
      return s;
    }
  return NULL;
}

void rt_sync_notifyListNotifyOne(void *list) {
  struct notifylist *l = list;
  if (nobody_waits(l))
    return;
  struct sudog *s = NULL;
  lock(&l->lock);
  if (!nobody_waits(l)) {
    uint32_t ticket = atomic_fetch_add_explicit(&l->notify, 1, memory_order_seq_cst);
    s = unlink_ticket(l, ticket);
  }
  unlock(&l->lock);
  if (s)
    wake(s);
}
