/* stack.c: growing and moving a goroutine's stack, and walking its frames. (Making it smaller: stackshrink.c.)
 *
 * A prologue whose SP is below the guard enters __morestack (amd64/asm.S), which saves the argument registers in an
 * area on the goroutine's own stack, saves a context that will restore them, and calls newstack on g0. Three reasons
 * lead here: the frame does not fit; the guard was poisoned, to make the goroutine yield; TOYDEBUG=stackmove.
 *
 *    high  ─────────────── stack.hi
 *          frames of Toy code, each found from the one below by (return address, saved rbp)
 *          stack arguments of the function, its return address   ← entry SP
 *          return address into the prologue's slow path
 *          area: rdi rsi rdx rcx r8 r9 rax – xmm0…7
 *          context: r15 r14 r13 r12 rbx rbp, toy_morestack_resume ← sched.sp
 *    low   ─────────────── stack.lo
 *
 * Copying: allocate, copy the used part to the high end of the new stack, then rewrite in the new copy every word
 * that the tables call a pointer and whose old value lies in the old stack: live slots, derived pointers (by what
 * their base moved), pointer words of stack objects, saved frame pointers, the function's arguments, and sudogs'
 * elements. Every decision is made from the old copy, which nobody changes, so no order of rewriting matters and a
 * slot that is listed twice is rewritten to the same value twice.
 *
 * Invariants: a stack is moved by the M that runs the goroutine, at a prologue, or, while the goroutine does not run, by
 * who holds the scan bit of its status; never in a system call, never at an asynchronous stop (registers of compiled code
 * may point into the stack there, and no table says which). After newstack has resumed a context the frame fits: the
 * prologue does not check again.
 *
 * A goroutine that waits on channels has given out the addresses of elements on its stack, and others copy into or out
 * of them under the channels' locks. So, with all those locks held, the elements' part of the stack is copied and the
 * sudogs are pointed at the copy; from then on others see the new place only, and what they write there before we come
 * to rewrite that word is newer than ours: there a word is rewritten only if it still is what was copied. A store of a
 * word is whole, and nobody sends a pointer to somebody else's stack, so the two cannot be mixed up.
 *
 * A large stack often grows in place (stackextend): then there is nothing to rewrite. Under stackmove it is copied.
 *
 * Rejected: segmented stacks (a call in a loop at a segment's edge allocates each time); reserving large address
 * ranges and committing by page faults (4 KiB at least, two mappings each, and a hundred thousand of them exceed the
 * kernel's limit).
 */
#include "stackmap.h"

#include <string.h>

#include "chan.h"
#include "fence.h"
#include "runtime.h"
#include "seed.h"
#include "symtab.h"

#define AREA_ARGS 7                                  /* words of the area that argmask speaks of, in its order */
#define SLOW_RET (GOBUF_SIZE + TOY_MORESTACK_AREA)   /* [sched.sp + this]: return address into the slow path */
#define ENTRY_SP (SLOW_RET + 8)                      /* sched.sp + this: SP at the function's entry */
#define MIN_LEGAL_POINTER 4096

/* ---- guards */

uintptr_t gguard(const G *gp) { return debugvars.stackmove ? TOY_STACK_MOVE : gp->stack.lo + TOY_STACK_GUARD; }

/* The guard is a word of the thread, so a request aimed at a goroutine may hit between "store the guard" and "look for
 * requests". Partner of the fence is the heavy one of preemptone: preempt = 1, fence, poison. Either we see preempt, or the
 * poison comes after our store. A wish to shrink (stackshrink.c) is the same play. */
void restoreguard(M *mp, G *gp) {
  atomic_store_explicit(mp->guard, gguard(gp), memory_order_relaxed);
  fence_light();
  P *pp = getp(mp);
  if (unlikely(atomic_load_explicit(&gp->preempt, memory_order_seq_cst) ||
               atomic_load_explicit(&gp->preemptShrink, memory_order_seq_cst) ||
               (pp && atomic_load_explicit(&pp->preempt, memory_order_seq_cst))))
    atomic_store_explicit(mp->guard, TOY_STACK_PREEMPT, memory_order_relaxed);
}

/* ---- walking */

static inline uintptr_t word(uintptr_t addr) { return *(const uintptr_t *)addr; }

static bool in_stack(const G *gp, uintptr_t addr) { return addr - gp->stack.lo < gp->stack.hi - gp->stack.lo; }

/* From runtime frames up to the first Toy frame. An asynchronous stop is asyncPreempt's frame above Toy code; its
 * interrupted PC is no call site. */
static bool skip_to_toy(const G *gp, struct frame *f) {
  while (!in_toytext(f->pc))
    if (!frame_next(gp, f))
      return false;
  return true;
}

bool frame_first(const G *gp, struct frame *f) {
  uintptr_t sp = gp->sched.sp;
  if (!sp || !in_stack(gp, sp))
    return false;
  *f = (struct frame){word(sp + GOBUF_PC), sp + GOBUF_SIZE, word(sp + GOBUF_RBP), FRAME_CALL};
  if (f->pc == (uintptr_t)toy_morestack_resume) {
    f->pc = word(sp + SLOW_RET);
    f->sp = sp + ENTRY_SP;
    f->kind = FRAME_PROLOGUE;
    return true;
  }
  return skip_to_toy(gp, f);
}

bool frame_next(const G *gp, struct frame *f) {
  if (f->kind == FRAME_PROLOGUE || f->kind == FRAME_ENTRY) { /* no frame yet: sp is at the return address, bp is the caller's */
    *f = (struct frame){word(f->sp), f->sp + 8, f->bp, FRAME_CALL};
    return in_toytext(f->pc);
  }
  if (f->bp == 0 || !in_stack(gp, f->bp))
    return false;
  bool async = gp->asyncSafePoint && !in_toytext(f->pc);
  *f = (struct frame){word(f->bp + 8), f->bp + 16, word(f->bp), FRAME_CALL};
  if (async && in_toytext(f->pc))
    f->kind = is_entry(f->pc) ? FRAME_ENTRY : FRAME_ASYNC;
  return in_toytext(f->pc) || f->pc != (uintptr_t)toy_gostart_ret;
}

/* ---- copying */

/* shared: below this address of the old stack others may write into the new copy already. */
struct move { struct stack old; uintptr_t size, delta, shared; };

static inline bool moves(const struct move *mv, uintptr_t value) { return value - mv->old.lo < mv->size; }

/* The new copy of the word at addr, which was v, becomes to. Relaxed: the goroutine sees it by its status. */
static inline void rewrite(const struct move *mv, uintptr_t addr, uintptr_t v, uintptr_t to) {
  uintptr_t *p = (uintptr_t *)(addr + mv->delta);
  if (likely(addr >= mv->shared))
    *p = to;
  else
    __atomic_compare_exchange_n(p, &v, to, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* The word at addr, an address in the old stack: if its old value moves, its new copy gets the new value. */
static inline void adjust(const struct move *mv, uintptr_t addr) {
  uintptr_t v = word(addr);
  if (moves(mv, v))
    rewrite(mv, addr, v, v + mv->delta);
}

static inline void adjust_slot(const struct move *mv, uintptr_t addr, uintptr_t pc) {
  uintptr_t v = word(addr);
  if (moves(mv, v))
    rewrite(mv, addr, v, v + mv->delta);
  else if (unlikely(v - 1 < MIN_LEGAL_POINTER - 1))
    throwf("invalid pointer %#lx found on stack at %#lx, return address %#lx", (unsigned long)v, (unsigned long)addr,
           (unsigned long)pc);
}

static void adjust_object(const struct move *mv, const struct stackobject *o, uintptr_t sp, uintptr_t bp) {
  uintptr_t at = frameslot_addr(o->at, sp, bp);
  for (uint32_t w = 0; w < o->size / 8; w += 64)
    for (uint64_t bits = o->ptrmask[w / 64]; bits; bits &= bits - 1)
      adjust(mv, at + 8 * (w + (uint32_t)__builtin_ctzll(bits)));
}

static void adjust_derived(const struct move *mv, const struct stackmap_derived *d, uintptr_t sp, uintptr_t bp) {
  uintptr_t at = frameslot_addr(d->derived, sp, bp);
  if (moves(mv, word(frameslot_addr(d->base, sp, bp))))
    rewrite(mv, at, word(at), word(at) + mv->delta);
}

static inline void adjust_frame(const struct move *mv, const struct stackmap_record *r, const struct frame *f) {
  for (uint32_t i = 0; i < r->nslots; i++)
    adjust_slot(mv, frameslot_addr(r->slots[i], f->sp, f->bp), f->pc);
  for (uint32_t i = 0; i < r->nderived; i++)
    adjust_derived(mv, &r->derived[i], f->sp, f->bp);
  for (uint32_t i = 0; i < r->func->nptrobjects; i++)
    adjust_object(mv, &r->func->objects[i], f->sp, f->bp);
}

static _Noreturn void bad_frame_chain(const struct frame *f, const struct move *mv) {
  throwf("copystack: frame pointer %#lx outside the stack [%#lx, %#lx), return address %#lx", (unsigned long)f->bp,
         (unsigned long)mv->old.lo, (unsigned long)mv->old.hi, (unsigned long)f->pc);
}

/* All frames from f (a call) up to the goroutine's start. A recursion's frames share their record, so the last one is
 * remembered: it costs a comparison a frame. The frame chain only goes up. */
static void adjust_frames(const struct move *mv, struct frame f) {
  const struct stackmap_record *r = NULL;
  uintptr_t lastpc = 0;
  while (f.pc != (uintptr_t)toy_gostart_ret) {
    if (f.pc != lastpc) {
      r = stackmap_get(f.pc);
      lastpc = f.pc;
    }
    adjust_frame(mv, r, &f);
    if (unlikely(f.bp < f.sp || f.bp > mv->old.hi - 16))
      bad_frame_chain(&f, mv);
    adjust(mv, f.bp);
    f = (struct frame){word(f.bp + 8), f.bp + 16, word(f.bp), FRAME_CALL};
  }
}

/* The arguments of the function whose prologue brought us here: registers in the area, words above its return
 * address. */
static void adjust_arguments(const struct move *mv, uintptr_t ctx) {
  const struct toy_func *fn = findfunc(word(ctx + SLOW_RET) - 1);
  if (!fn)
    throwf("newstack: no function at %#lx", (unsigned long)word(ctx + SLOW_RET));
  for (uint64_t bits = fn->argmask & ((1u << AREA_ARGS) - 1); bits; bits &= bits - 1)
    adjust(mv, ctx + GOBUF_SIZE + 8 * (uintptr_t)__builtin_ctzll(bits));
  for (uint64_t bits = fn->stackargs; bits; bits &= bits - 1)
    adjust(mv, ctx + ENTRY_SP + 8 + 8 * (uintptr_t)__builtin_ctzll(bits));
}

static void adjust_sudogs(const struct move *mv, G *gp) {
  for (struct sudog *s = gp->waiting; s; s = s->waitlink)
    if (moves(mv, (uintptr_t)s->elem))
      s->elem = (void *)((uintptr_t)s->elem + mv->delta);
}

/* Frames and panics point to each other from stack objects; here are the heads. */
static void adjust_defers(const struct move *mv, G *gp) {
  if (moves(mv, (uintptr_t)gp->_defer))
    gp->_defer = (void *)((uintptr_t)gp->_defer + mv->delta);
  if (moves(mv, (uintptr_t)gp->_panic))
    gp->_panic = (void *)((uintptr_t)gp->_panic + mv->delta);
}

static void copy_part(const struct move *mv, uintptr_t from, uintptr_t to) {
  memcpy((void *)(from + mv->delta), (const void *)from, to - from);
}

/* Both under the locks of all channels that gp waits on: up to the last element that others may reach. */
static void copy_shared(struct move *mv, G *gp, uintptr_t sp) {
  chan_lock_waiting(gp);
  uintptr_t top = sudog_stack_top(gp);
  if (top > sp) {
    copy_part(mv, sp, top);
    mv->shared = top;
  }
  adjust_sudogs(mv, gp);
  chan_unlock_waiting(gp);
}

static void copy_words(struct move *mv, G *gp, uintptr_t sp) {
  if (gp->activeStackChans)
    copy_shared(mv, gp, sp);
  copy_part(mv, mv->shared > sp ? mv->shared : sp, mv->old.hi);
}

/* The frames of the runtime's assembly, between the context and the first Toy frame: nothing but a saved rbp is
 * theirs to adjust. A goroutine that never ran has no frame at all. */
static struct frame adjust_stub_frames(const struct move *mv, struct frame f) {
  while (!in_toytext(f.pc) && f.pc != (uintptr_t)toy_gostart_ret) {
    if (f.pc == (uintptr_t)toy_gostart)
      return (struct frame){.pc = (uintptr_t)toy_gostart_ret};
    if (unlikely(f.bp < f.sp || f.bp > mv->old.hi - 16))
      bad_frame_chain(&f, mv);
    adjust(mv, f.bp);
    f = (struct frame){word(f.bp + 8), f.bp + 16, word(f.bp), FRAME_CALL};
  }
  return f;
}

/* gp does not run, and its stack is ours: in newstack status copystack, else the scan bit. What compiled code has in
 * callee-saved registers at a call is no pointer into the stack: those are spilled. */
void copystack(G *gp, size_t newsize) {
  struct stack old = gp->stack, to = stackalloc(newsize);
  struct move mv = {old, old.hi - old.lo, to.hi - old.hi, 0};
  uintptr_t ctx = gp->sched.sp, pc = word(ctx + GOBUF_PC);
  struct frame f = {pc, ctx + GOBUF_SIZE, word(ctx + GOBUF_RBP), FRAME_CALL};
  if (gp->asyncSafePoint || gp->syscallsp || pc == (uintptr_t)toy_yield_resume)
    throwf("copystack: goroutine %lu is at an asynchronous stop, in a system call or about to return a result (pc %#lx)",
           (unsigned long)gp->goid, (unsigned long)pc);
  copy_words(&mv, gp, ctx);
  adjust_defers(&mv, gp);
  adjust(&mv, ctx + GOBUF_RBP);
  if (pc == (uintptr_t)toy_morestack_resume) {
    adjust_arguments(&mv, ctx);
    f = (struct frame){word(ctx + ENTRY_SP), ctx + ENTRY_SP + 8, f.bp, FRAME_CALL};
  }
  adjust_frames(&mv, adjust_stub_frames(&mv, f));
  gp->stack = to;
  gp->sched.sp = ctx + mv.delta;
}

/* ---- TOYDEBUG=stackmove: the old stack must be of no use to anybody
 *
 * It is filled with a pattern at once. Where it has whole pages they are made inaccessible, at every PROTECT_EVERY-th
 * move (two system calls each), and stay so in a short quarantine before the memory is used again. */
#define POISON_BYTE 0xdb
#define QUARANTINE 16
#define PROTECT_EVERY 8
static struct {
  struct mutex lock;
  struct { struct stack s; bool protected; } item[QUARANTINE];
  uint32_t next;
} quarantine;

static void release_quarantined(struct stack s, bool protected) {
  if (!s.lo)
    return;
  if (protected)
    os_protect_rw((void *)s.lo, s.hi - s.lo);
  stackfree(s);
}

static void bury(struct stack s, uintptr_t used, uint32_t nth) {
  bool protect = s.hi - s.lo >= TOY_PAGE && nth % PROTECT_EVERY == 0;
  memset((void *)(s.hi - used), POISON_BYTE, used);
  if (protect)
    os_protect_none((void *)s.lo, s.hi - s.lo);
  lock(&quarantine.lock);
  uint32_t i = quarantine.next++ % QUARANTINE;
  struct stack out = quarantine.item[i].s;
  bool out_protected = quarantine.item[i].protected;
  quarantine.item[i].s = s;
  quarantine.item[i].protected = protect;
  unlock(&quarantine.lock);
  release_quarantined(out, out_protected);
}

/* ---- newstack */

#define MOVE_ALWAYS_BELOW ((size_t)64 << 10)
#define MOVE_EVERY 1000
#define MOVE_EVERY_BELOW ((size_t)1 << 20)

/* The stack is ours: see copystack. */
void movestack(G *gp, size_t newsize) {
  struct stack old = gp->stack;
  uintptr_t used = old.hi - gp->sched.sp;
  copystack(gp, newsize);
  if (unlikely(debugvars.stackmove))
    bury(old, used, gp->stackmoves);
  else
    stackfree(old);
}

static void move_running(G *gp, size_t newsize) {
  casgstatus(gp, Grunning, Gcopystack);
  movestack(gp, newsize);
  casgstatus(gp, Gcopystack, Grunning);
}

static _Noreturn void stack_overflow(G *gp) {
  startfatal();
  rtprintf("runtime: goroutine stack exceeds %d-byte limit\n", TOY_STACK_LIMIT);
  rtprintf("runtime: sp=%#lx stack=[%#lx, %#lx]\n", (unsigned long)gp->sched.sp + ENTRY_SP, (unsigned long)gp->stack.lo,
           (unsigned long)gp->stack.hi);
  fatal("stack overflow");
}

/* Double until the frame and the guard fit. The used part and the frame are counted in full, so what LLVM's comparison
 * would allow beyond is reserve, for frames that say less than they take (over-alignment). */
static void growstack(G *gp, uintptr_t used, uintptr_t frame) {
  size_t size = 2 * (gp->stack.hi - gp->stack.lo);
  while (size < used + frame + TOY_STACK_GUARD + TOY_STACK_SMALL && size <= TOY_STACK_LIMIT)
    size *= 2;
  if (size > TOY_STACK_LIMIT)
    stack_overflow(gp);
  STAT(stackgrow);
  if (debugvars.stackmove || !stackextend(&gp->stack, size))
    move_running(gp, size);
  stackgrown();
}

/* At every prologue while that is cheap, then at every 1,000th, then at a rate that keeps a deep recursion linear. */
static bool due(uint32_t nth, uintptr_t used) {
  uint32_t every = used < MOVE_ALWAYS_BELOW ? 1 : MOVE_EVERY * (uint32_t)(1 + used / MOVE_EVERY_BELOW);
  return nth % every == 0;
}

static void stackmove(G *gp, uintptr_t used) {
  if (!due(++gp->stackmoves, used))
    return;
  STAT(stackmove);
  move_running(gp, gp->stack.hi - gp->stack.lo);
}

/* At a prologue all is known, so here the wish of stackshrink.c is met, unless the frame about to be made would not fit. */
static void shrink_running(G *gp, uintptr_t used, uintptr_t frame) {
  atomic_store_explicit(&gp->preemptShrink, 0, memory_order_relaxed);
  if (used + frame + TOY_STACK_GUARD + TOY_STACK_SMALL > (gp->stack.hi - gp->stack.lo) / 2)
    return;
  casgstatus(gp, Grunning, Gcopystack);
  shrinkstack(gp);
  casgstatus(gp, Gcopystack, Grunning);
}

/* The comparison of the prologue, with the real guard. */
static bool frame_fits(const G *gp, uintptr_t entry, uintptr_t frame) {
  uintptr_t room = entry - (gp->stack.lo + TOY_STACK_GUARD); /* entry may be below */
  return (intptr_t)room > 0 && (frame < TOY_STACK_SMALL || room > frame);
}

static void check_newstack(M *mp, G *gp, uintptr_t guard) {
  if (gp->m != mp)
    throw("runtime: wrong goroutine in newstack");
  if (guard == TOY_STACK_PREEMPT && gp == mp->g0)
    throw("runtime: preempt g0");
  if (guard == TOY_STACK_PREEMPT && !getp(mp) && mp->locks == 0)
    throw("runtime: g is running but p is not");
  if (gp->throwsplit)
    throw("runtime: stack split at bad time");
  if (gp->stack.lo == 0)
    throw("missing stack in newstack");
  if (gp->sched.sp < gp->stack.lo)
    throwf("split stack overflow: sp %#lx, stack [%#lx, %#lx)", (unsigned long)gp->sched.sp,
           (unsigned long)gp->stack.lo, (unsigned long)gp->stack.hi);
  if (guard == TOY_STACK_FORK)
    throw("stack growth after fork");
}

/* On g0, from __morestack. The guard is read once: a request that comes later is found by restoreguard. */
_Noreturn void newstack(uintptr_t frame, uintptr_t stackargs);
_Noreturn void newstack(uintptr_t frame, uintptr_t stackargs) {
  M *mp = toy_m;
  G *gp = mp->curg;
  uintptr_t guard = atomic_load_explicit(mp->guard, memory_order_relaxed);
  uintptr_t entry = gp->sched.sp + ENTRY_SP;
  check_newstack(mp, gp, guard);
  if (!frame_fits(gp, entry, frame))
    growstack(gp, gp->stack.hi - entry, frame);
  else if (unlikely(atomic_load_explicit(&gp->preemptShrink, memory_order_relaxed) || debugvars.shrinkstress))
    shrink_running(gp, gp->stack.hi - entry, frame);
  else if (debugvars.stackmove)
    stackmove(gp, gp->stack.hi - entry);
  else if (guard != TOY_STACK_PREEMPT && guard != gguard(gp))
    throwf("newstack: guard %#lx, stack [%#lx, %#lx)", (unsigned long)guard, (unsigned long)gp->stack.lo,
           (unsigned long)gp->stack.hi);
  if (guard == TOY_STACK_PREEMPT && canPreemptM(mp) && (!seeded() || seed_point())) {
    STAT(preempt);
    gopreempt_m(gp);
  }
  restoreguard(mp, gp);
  toy_gogo(gp);
}
