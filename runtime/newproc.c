/* newproc.c: birth, death and reuse of goroutines.
 *
 * Gs are never freed: a dead G waits in its P's list (last in, first out, 64 at most) or in one of two central lists,
 * with and without a stack. A stack that has not the size that new ones get is given back at death, so that a free G costs
 * 2 KiB at most, unless TOYDEBUG=stackstart=BYTES says that goroutines begin with more.
 *
 * allgs holds every G ever made; walkers take no lock: see runtime.h for the order.
 */
#include "ancestors.h"
#include "gqueue.h"
#include "lockedm.h"
#include "rtcalls.h"
#include "runtime.h"

#define GFREE_MAX 64
#define GFREE_KEEP 32
#define GOID_BATCH 16
#define STACKSTART_MAX (64 << 20)

struct mutex allglock;
G **_Atomic allgs;
_Atomic size_t allglen;
static size_t allgcap;
_Atomic uint8_t mainAlone;

/* BS-14: with a stack of 2 KiB, a sudog and the closure of its go statement, a parked goroutine takes 2.5 KiB at most. Fields
 * that few goroutines use belong behind a pointer. */
_Static_assert(sizeof(G) <= 5 * TOY_CACHELINE, "a G is too large");

size_t stackstart(void) {
  size_t n = TOY_STACK_MIN;
  while (unlikely(n < (uint64_t)debugvars.stackstart) && n < STACKSTART_MAX)
    n *= 2;
  return n;
}

/* ---- all Gs */

/* Entered dead, so that no walker looks at half a G. Old arrays stay: somebody may be reading one. */
static void allgadd(G *gp) {
  lock(&allglock);
  size_t n = atomic_load_explicit(&allglen, memory_order_relaxed);
  G **gs = atomic_load_explicit(&allgs, memory_order_relaxed);
  if (n == allgcap) {
    size_t cap = allgcap ? 2 * allgcap : 256;
    G **bigger = persistentalloc(cap * sizeof *bigger, 8);
    for (size_t i = 0; i < n; i++)
      bigger[i] = gs[i];
    atomic_store_explicit(&allgs, gs = bigger, memory_order_release);
    allgcap = cap;
  }
  gs[n] = gp;
  atomic_store_explicit(&allglen, n + 1, memory_order_release); /* partner: every load of allglen */
  unlock(&allglock);
}

/* ---- free Gs */

static bool has_stack(const G *gp) { return gp->stack.lo != 0; }

static void central_put(G *gp) {
  glist_push(has_stack(gp) ? &sched.gfstack : &sched.gfnostack, gp);
  atomic_fetch_add_explicit(&sched.ngfree, 1, memory_order_relaxed);
}

static G *central_get(void) {
  G *gp = glist_pop(&sched.gfstack);
  if (!gp)
    gp = glist_pop(&sched.gfnostack);
  if (gp)
    atomic_fetch_sub_explicit(&sched.ngfree, 1, memory_order_relaxed);
  return gp;
}

static void gfspill(P *pp, int32_t keep) {
  lock(&sched.gflock);
  for (; pp->ngfree > keep; pp->ngfree--)
    central_put(glist_pop(&pp->gfree));
  unlock(&sched.gflock);
}

void gfput(P *pp, G *gp) {
  if (readgstatus(gp) != Gdead)
    throw("gfput: bad status (not Gdead)");
  if (gp->stack.hi - gp->stack.lo != stackstart()) {
    stackfree(gp->stack);
    gp->stack = (struct stack){0, 0, 0};
  }
  glist_push(&pp->gfree, gp);
  if (++pp->ngfree >= GFREE_MAX)
    gfspill(pp, GFREE_KEEP - 1);
}

void gfpurge(P *pp) { gfspill(pp, 0); }

static void gfrefill(P *pp) {
  lock(&sched.gflock);
  for (G *gp; pp->ngfree < GFREE_KEEP && (gp = central_get()); pp->ngfree++)
    glist_push(&pp->gfree, gp);
  unlock(&sched.gflock);
}

G *gfget(P *pp) {
  if (glist_empty(&pp->gfree) && atomic_load_explicit(&sched.ngfree, memory_order_relaxed) > 0)
    gfrefill(pp);
  G *gp = glist_pop(&pp->gfree);
  if (!gp)
    return NULL;
  pp->ngfree--;
  if (!has_stack(gp))
    gp->stack = stackalloc(stackstart());
  return gp;
}

/* ---- birth */

/* bytes < 0: no stack; else rounded up to a power of two. */
G *malg(int64_t bytes) {
  G *gp = persistentalloc(sizeof *gp, TOY_CACHELINE);
  if (bytes >= 0) {
    size_t n = TOY_STACK_MIN;
    while (n < (size_t)bytes)
      n *= 2;
    gp->stack = stackalloc(n);
  }
  return gp;
}

static G *newg(void) {
  G *gp = malg((int64_t)stackstart());
  casgstatus(gp, Gidle, Gdead);
  allgadd(gp);
  return gp;
}

static uint64_t newgoid(P *pp) {
  if (pp->goidcache == pp->goidcacheend) {
    pp->goidcache = atomic_fetch_add_explicit(&sched.goidgen, GOID_BATCH, memory_order_relaxed) + 1;
    pp->goidcacheend = pp->goidcache + GOID_BATCH;
  }
  return pp->goidcache++;
}

/* The context of a goroutine that is about to enter toy_gostart: registers 0, so rbp ends the frame chain; SP is
 * 16-aligned there. */
static void prepare_context(G *gp) {
  uintptr_t *ctx = (uintptr_t *)(gp->stack.hi - 16 - GOBUF_SIZE);
  for (size_t i = 0; i < GOBUF_SIZE / 8; i++)
    ctx[i] = 0;
  ctx[GOBUF_PC / 8] = (uintptr_t)toy_gostart;
  gp->sched = (struct gobuf){(uintptr_t)ctx, 0};
}

uintptr_t caller_pc(const G *gp) { return *(const uintptr_t *)(gp->sched.sp + GOBUF_PC); }

G *newproc1(void *closure, uintptr_t callerpc, uint64_t parent) {
  P *pp = getp(toy_m);
  if (!closure)
    fatal("go of nil func value");
  G *gp = gfget(pp);
  if (!gp)
    gp = newg();
  prepare_context(gp);
  gp->startfn = closure;
  gp->startpc = *(const uintptr_t *)closure;
  gp->gopc = callerpc;
  gp->parentgoid = parent;
  gp->goid = newgoid(pp);
  casgstatus(gp, Gdead, Grunnable);
  return gp;
}

void rt_newproc(void *closure) {
  G *curg = toy_m->curg, *newg = newproc1(closure, caller_pc(curg), curg->goid);
  if (unlikely(debugvars.tracebackancestors))
    saveAncestors(newg, curg);
  runqput(getp(toy_m), newg, true);
  if (unlikely(atomic_load_explicit(&mainAlone, memory_order_relaxed)))
    atomic_store_explicit(&mainAlone, 0, memory_order_relaxed);
  wakep();
}

/* ---- death */

static void clear_for_reuse(G *gp) {
  gp->m = NULL;
  gp->startfn = NULL;
  gp->wakefn = NULL;
  gp->param = NULL;
  gp->_defer = NULL;
  gp->_panic = NULL;
  gp->sigpc = 0;
  gp->waitreason = waitReasonZero;
  gp->waitsince = 0;
  gp->asyncSafePoint = gp->throwsplit = gp->parkingOnChan = false;
  gp->selectDone = 0;
  gp->sched = (struct gobuf){0, 0};
  atomic_store_explicit(&gp->preempt, 0, memory_order_relaxed);
  atomic_store_explicit(&gp->preemptShrink, 0, memory_order_relaxed);
  atomic_store_explicit(&gp->preemptStop, 0, memory_order_relaxed);
}

/* From toy_gostart, when the goroutine's function has returned. */
void rt_goexit(void) {
  M *mp = toy_m;
  G *gp = mp->curg;
  if (gp->waiting)
    throw("goexit: goroutine still waits");
  casgstatus(gp, Grunning, Gdead);
  dropg();
  clear_for_reuse(gp);
  bool ends_thread = release_tie(mp, gp);
  gfput(getp(toy_m), gp);
  if (unlikely(ends_thread))
    toy_thread_end();
  schedule();
}

/* ---- counts: approximate while others run */

int32_t gcount(void) {
  int64_t n = (int64_t)atomic_load_explicit(&allglen, memory_order_acquire);
  n -= atomic_load_explicit(&sched.ngfree, memory_order_relaxed);
  n -= atomic_load_explicit(&sched.ngsys, memory_order_relaxed);
  int32_t procs = atomic_load_explicit(&gomaxprocs, memory_order_relaxed);
  for (int32_t i = 0; i < procs; i++)
    n -= *(volatile int32_t *)&allp[i]->ngfree; /* the owner may be changing it */
  return n < 1 ? 1 : (int32_t)n;
}

int64_t rt_runtime_NumGoroutine(void) { return gcount(); }
int64_t rt_runtime_NumCPU(void) { return ncpu; }
void rt_runtime_Gosched(void) { goschedImpl(toy_m->curg); }
