/* stackshrink.c: making stacks smaller that were once needed larger.
 *
 * A stack is halved when less than a quarter of it is used, never below what goroutines begin with. Half is left free then,
 * so it takes a doubling of the depth to grow again; and since a goroutine is looked at once a second, a loop that goes
 * back and forth over the boundary copies its stack twice a second at most. Large stacks give their pages back where they
 * are (stacktrim); small ones are copied.
 *
 * Nobody is stopped for it. A goroutine that waits or is runnable does not touch its stack: sysmon takes the scan bit of
 * its status, which keeps it from being run, and moves the stack itself; who wants to run it waits that long. Of a running
 * goroutine nothing is known, so it is asked: preemptShrink and the poisoned guard bring it to newstack, which shrinks at
 * that prologue. The same goes for one that was stopped between two calls (asynchronously, or in a stub that holds a
 * result) or at a prologue: it is asked when it is resumed, by restoreguard. At a prologue the room for the frame about
 * to be made has been found already, and is not looked for again; how much that is only newstack knows.
 *
 * When to look: growth leaves word; without a word nobody looks, so a program whose stacks never grow pays nothing, and
 * an idle one is at rest as soon as its stacks are small. A pass over all goroutines is cut into slices while anything
 * runs, since sysmon has other duties.
 *
 * Word left is not lost: growth enlarges the stack, fence, reads the word; a pass clears the word, fence, reads the
 * stacks' sizes. Either growth sees the word cleared and leaves it anew, or the pass sees the larger stack.
 *
 * Rejected: shrinking at stops of the world (the stop would last as long as the list of goroutines is long); shrinking
 * when a goroutine parks (it pays where it is in a hurry, and the next call may need the room again); giving pages of
 * small stacks back without moving them (a stack of 2 KiB shares its page).
 */
#include "fence.h"
#include "runtime.h"

#define LOOK_NS (INT64_C(1000) * 1000 * 1000)
#define SLICE 4096 /* goroutines, about 100 us */

/* Why look again. */
enum word {
  NO_WORD,
  BUSY,     /* large stacks of goroutines that could not be looked at: when something has run */
  WORTHWHILE
};
static _Atomic uint32_t word_left;

/* Only sysmon's. */
static struct { size_t next, end; int64_t due; uint32_t found; } pass;

/* ---- one stack; ours */

static bool isShrinkStackSafe(const G *gp) {
  uintptr_t pc = *(const uintptr_t *)(gp->sched.sp + GOBUF_PC);
  return gp->syscallsp == 0 && !gp->asyncSafePoint && !gp->parkingOnChan && pc != (uintptr_t)toy_yield_resume;
}

static bool is_at_prologue(const G *gp) {
  return *(const uintptr_t *)(gp->sched.sp + GOBUF_PC) == (uintptr_t)toy_morestack_resume;
}

static bool worthwhile(const G *gp) {
  size_t size = gp->stack.hi - gp->stack.lo;
  return size / 2 >= stackstart() && gp->stack.hi - gp->sched.sp + TOY_STACK_SMALL < size / 4;
}

bool shrinkstack(G *gp) {
  uint32_t s = readgstatus(gp);
  if (!(s & Gscan) && s != Gcopystack)
    throwf("bad status in shrinkstack: %s", gstatus_name(s));
  if (!gp->sched.sp || !isShrinkStackSafe(gp) || !worthwhile(gp))
    return false;
  size_t half = (gp->stack.hi - gp->stack.lo) / 2;
  STAT(stackshrink);
  if (debugvars.stackmove || !stacktrim(&gp->stack, half))
    movestack(gp, half);
  return true;
}

/* ---- one goroutine of the list */

static bool is_large(const G *gp) { /* a hint: others may be changing it */
  uintptr_t hi = __atomic_load_n(&gp->stack.hi, __ATOMIC_RELAXED), lo = __atomic_load_n(&gp->stack.lo, __ATOMIC_RELAXED);
  return hi - lo > stackstart();
}

/* The poison follows, behind a fence, when the pass ends. */
static void ask(G *gp) { atomic_store_explicit(&gp->preemptShrink, 1, memory_order_seq_cst); }

/* With an m it is "waiting" for show, or just about to let go of its thread: an M works for it (runtime.h). */
static uint32_t shrink_held(G *gp) {
  if (__atomic_load_n(&gp->m, __ATOMIC_RELAXED))
    return BUSY;
  if (isShrinkStackSafe(gp) && !is_at_prologue(gp))
    return shrinkstack(gp) ? WORTHWHILE : NO_WORD;
  ask(gp);
  return BUSY;
}

static uint32_t shrink_stopped(G *gp, uint32_t status) {
  if (!castogscanstatus(gp, status))
    return BUSY;
  uint32_t found = shrink_held(gp);
  casfrom_Gscanstatus(gp, status);
  return found;
}

static uint32_t look_at(G *gp) {
  uint32_t status = readgstatus(gp);
  if (!is_large(gp) || status == Gdead)
    return NO_WORD;
  if (status == Gwaiting || status == Grunnable)
    return shrink_stopped(gp, status);
  if (status == Grunning)
    ask(gp);
  return BUSY;
}

/* ---- a pass */

static void begin_pass(int64_t now) {
  pass.next = 0;
  pass.end = atomic_load_explicit(&allglen, memory_order_acquire);
  pass.due = now + (debugvars.shrinkstress ? 0 : LOOK_NS);
  pass.found = NO_WORD;
  atomic_store_explicit(&word_left, NO_WORD, memory_order_seq_cst);
  atomic_thread_fence(memory_order_seq_cst); /* partner: stackgrown */
}

/* Guards of goroutines that run and were asked. A poison that hits another one only makes it yield once. */
static void poison_asked(void) {
  fence_heavy(); /* between the wishes and the poison: partner of restoreguard */
  int32_t n = atomic_load_explicit(&gomaxprocs, memory_order_relaxed);
  for (int32_t i = 0; i < n; i++) {
    M *mp = atomic_load_explicit(&allp[i]->m, memory_order_acquire); /* pairs with wirep; Ms and Gs are never freed */
    G *gp = mp ? __atomic_load_n(&mp->curg, __ATOMIC_RELAXED) : NULL;
    if (gp && atomic_load_explicit(&gp->preemptShrink, memory_order_seq_cst))
      atomic_store_explicit(mp->guard, TOY_STACK_PREEMPT, memory_order_seq_cst);
  }
}

static void raise_word(uint32_t to) {
  uint32_t now = atomic_load_explicit(&word_left, memory_order_seq_cst);
  while (now < to &&
         !atomic_compare_exchange_weak_explicit(&word_left, &now, to, memory_order_seq_cst, memory_order_seq_cst))
    ;
}

static void end_pass(void) {
  pass.end = 0;
  poison_asked();
  raise_word(pass.found);
}

static void go_on(size_t n) {
  G **gs = atomic_load_explicit(&allgs, memory_order_acquire);
  for (; pass.next < pass.end && n; n--) {
    uint32_t found = look_at(gs[pass.next++]);
    if (found > pass.found)
      pass.found = found;
  }
  if (pass.next == pass.end)
    end_pass();
}

void stackgrown(void) {
  atomic_thread_fence(memory_order_seq_cst); /* partner: begin_pass */
  if (atomic_load_explicit(&word_left, memory_order_relaxed) != WORTHWHILE)
    raise_word(WORTHWHILE);
}

bool shrinkstacks(int64_t now) {
  bool idle = atomic_load(&sched.npidle) == atomic_load(&gomaxprocs);
  if (!pass.end && atomic_load_explicit(&word_left, memory_order_relaxed) != NO_WORD && now >= pass.due)
    begin_pass(now);
  if (pass.end)
    go_on(idle ? SIZE_MAX : SLICE);
  return pass.end || atomic_load_explicit(&word_left, memory_order_relaxed) == WORTHWHILE;
}
