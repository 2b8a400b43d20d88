/* defer.c: deferred calls, and the way back from a panic: what Go calls gopanic is Toy source
 * (stdlib/runtime/panic.toy), so that its frames are walked, moved and preempted like any other; here is what Toy
 * cannot say.
 *
 *   G._defer → toy_deferframe of f → … of f's caller's caller →    one for each function on the stack that may defer
 *                  │ calls
 *                  └→ toy_defer → toy_defer →                       not yet run, the last one deferred first
 *   G._panic → toy_panic → …                                        panics under way, the latest first
 *
 * All of it lies in the goroutine's own stack (but deferred calls made in loops, which are on the heap) and belongs to
 * the goroutine alone, so there are no locks. Compiled code enters and leaves frames, hangs up deferred calls and runs
 * them when a function returns. A panic runs them from the innermost frame outwards: nextdefer takes one off, the
 * loop in Toy calls it, on top of the stack that panicked. When that call has recovered, recovery throws away
 * everything below the frame that deferred it and resumes that frame where it called toy_deferframe: the compiled code
 * there runs the deferred calls that are left, and returns.
 *
 * A panic is over when its loop's frame is: the loops of panics that a recovered one has superseded lie below the
 * resumed frame, and their records are dropped by that very comparison. Positions in the stack are kept as distances
 * from its high end, so they survive moves. A Goexit is a panic that nobody can recover; if it is among the dropped, it
 * goes on from where the recovered panic stood.
 *
 * Rejected: one list of deferred calls with a stack position each, as Go once had it (taking off a call then compares
 * positions at every return); `invoke` and landing pads (no cost at entry, but a personality, an LSDA decoder and a
 * second description of every frame, where one record in the frame does).
 */
#include "abi/defer.h"

#include "rtcalls.h"
#include "runtime.h"
#include "stackmap.h"
#include "symtab.h"

_Static_assert(offsetof(G, _defer) == TOY_G_DEFER, "compiled code writes G._defer");
_Static_assert(sizeof(struct toy_deferframe) == 16 + 8 * TOY_DEFERFRAME_CONTEXT, "compiled code makes room for it");

_Atomic int32_t runningPanicDefers;

static void count_running(int32_t n) {
  atomic_fetch_add_explicit(&runningPanicDefers, n, memory_order_relaxed); /* rt_maindone reads it as a hint */
}

static uint64_t depth(const G *gp, uintptr_t addr) { return gp->stack.hi - addr; }

/* ---- the loop's calls */

static void check_may_panic(const M *mp) {
  if (mp->locks || mp->mallocing || mp->preemptoff)
    throwf("panic holding locks: locks=%d mallocing=%d preemptoff=%s", mp->locks, mp->mallocing,
           mp->preemptoff ? mp->preemptoff : "");
}

void rt_runtime_addpanic(void *record) {
  G *gp = toy_m->curg;
  struct toy_panic *p = record;
  check_may_panic(toy_m);
  p->link = gp->_panic;
  gp->_panic = p;
  if (!p->goexit)
    count_running(1);
}

/* Frames without deferred calls are left on the way; the one that the call is taken from stays the innermost. */
struct ref_i64 rt_runtime_nextdefer(void *record) {
  G *gp = toy_m->curg;
  struct toy_panic *p = record;
  if (gp->_panic != p)
    throwf("nextdefer: panic %p is not the latest, which is %p", record, (void *)gp->_panic);
  p->loop = depth(gp, *(const uintptr_t *)(gp->sched.sp + GOBUF_RBP));
  while (gp->_defer && !gp->_defer->calls)
    gp->_defer = gp->_defer->link;
  if (!gp->_defer)
    return (struct ref_i64){NULL, 0};
  struct toy_defer *d = gp->_defer->calls;
  gp->_defer->calls = d->link;
  return (struct ref_i64){d->fn, 1};
}

bool rt_runtime_repanics(void *record) {
  const struct toy_panic *p = record;
  return p->link && p->link->type == p->type && p->link->data == p->data;
}

/* ---- recover */

/* Only what the compiler generated is at this call: a thunk, a method's wrapper. */
static bool only_wrappers(uintptr_t pc) {
  const struct toy_site *sites, *s = in_toytext(pc - 1) ? site_at(pc, &sites) : NULL;
  while (s && (s->flags & TOY_FUNC_WRAPPER) && s->inlined_at != TOY_SITE_NONE)
    s = &sites[s->inlined_at];
  return s && (s->flags & TOY_FUNC_WRAPPER);
}

static bool skip_wrappers(const G *gp, struct frame *f) {
  while (only_wrappers(f->pc))
    if (!frame_next(gp, f))
      return false;
  return in_toytext(f->pc - 1);
}

/* Was the function that calls recover called by p's loop? A deferred `recover()` is called, by way of its thunk, by the
 * function that runs it as it returns; when the loop itself calls the thunk, that is too early to recover anything. */
static bool called_by_loop(const G *gp, const struct toy_panic *p) {
  struct frame f;
  return frame_first(gp, &f) && skip_wrappers(gp, &f) && frame_next(gp, &f) && skip_wrappers(gp, &f) &&
         depth(gp, f.bp) == p->loop;
}

struct ptr_ref rt_gorecover(void) {
  const G *gp = toy_m->curg;
  struct toy_panic *p = gp->_panic;
  if (!p || p->goexit || p->recovered || !called_by_loop(gp, p))
    return (struct ptr_ref){NULL, NULL};
  p->recovered = true;
  return (struct ptr_ref){p->type, p->data};
}

/* ---- resuming the frame that deferred */

/* Takes off the panics whose loops end with everything below `at`. Returns the Goexit among them, where it stops. */
static struct toy_panic *drop_panics(G *gp, uint64_t at) {
  while (gp->_panic && gp->_panic->loop > at) {
    struct toy_panic *p = gp->_panic;
    gp->_panic = p->link;
    if (p->goexit)
      return p;
    count_running(-1);
  }
  return NULL;
}

/* The loop goes on, as that of the Goexit: its own has gone from the stack as far as anybody can tell. */
static void become_goexit(G *gp, struct toy_panic *p) {
  p->goexit = true;
  p->recovered = false;
  p->link = gp->_panic;
  gp->_panic = p;
}

static _Noreturn void resume(G *gp, struct toy_deferframe *f) {
  uintptr_t sp = (uintptr_t)f - (uintptr_t)f->below, bp = (uintptr_t)f + (uintptr_t)f->above;
  uintptr_t *ctx = (uintptr_t *)(sp - GOBUF_SIZE);
  if (sp < gp->sched.sp || bp < sp || bp >= gp->stack.hi)
    throwf("recovery: frame %p, sp %#lx, rbp %#lx, stack [%#lx, %#lx)", (void *)f, (unsigned long)sp, (unsigned long)bp,
           (unsigned long)gp->stack.lo, (unsigned long)gp->stack.hi);
  for (size_t i = 0; i < nelem(f->saved); i++)
    ctx[i] = f->saved[i];
  ctx[GOBUF_RBP / 8] = bp;
  ctx[GOBUF_PC / 8] = f->pc;
  gp->sched = (struct gobuf){(uintptr_t)ctx, (uintptr_t)f};
  toy_gogo(gp);
}

void rt_runtime_recovery(void *record) {
  G *gp = toy_m->curg;
  struct toy_panic *p = record;
  struct toy_deferframe *f = gp->_defer;
  if (!p->recovered || gp->_panic != p || !f)
    throwf("recovery: panic %p, recovered %d, latest %p, frame %p", record, p->recovered, (void *)gp->_panic,
           (void *)f);
  if (drop_panics(gp, depth(gp, (uintptr_t)f))) {
    become_goexit(gp, p);
    return;
  }
  if (!gp->_panic)
    gp->sigpc = 0;
  resume(gp, f);
}

void rt_runtime_goexit0(void) {
  G *gp = toy_m->curg;
  for (; gp->_panic; gp->_panic = gp->_panic->link)
    if (!gp->_panic->goexit)
      count_running(-1);
  rt_goexit();
}

struct ref_i64 rt_runtime_typename(const void *type, void *data) {
  const struct toy_type *t = type;
  return (struct ref_i64){(void *)(uintptr_t)t->name.ptr, t->name.len};
}

void rt_runtime_throw(void *text, int64_t len) { fatalf("%.*s", (int)len, (const char *)text); }
