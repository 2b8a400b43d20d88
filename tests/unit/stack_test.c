/* stack_test: the stack copier and shrinkstack on fabricated stacks, against a model of its own: a shadow says of every word what it
 * is, and from that what it must be after the move. Frames, slots, objects, arguments and values are random but
 * reproducible.
 *
 * Both are included, so that their lookups can be answered from here, and the locks of channels be our own: when the
 * copier has let go of them, another goroutine's write into an element takes place.
 *
 * Rows: SK-1, SK-4, SK-5, SK-7, SP-14. */
#include "runtime.h"
#include "stackmap.h"

static const struct stackmap_record *test_stackmap_get(uintptr_t pc);
static const struct toy_func *test_findfunc(uintptr_t pc);
static bool test_in_toytext(uintptr_t pc);
static void test_chan_lock_waiting(G *gp);
static void test_chan_unlock_waiting(G *gp);
static uintptr_t test_sudog_stack_top(const G *gp);
#include "chan.h"
#include "symtab.h"
#define in_toytext test_in_toytext
#define chan_lock_waiting test_chan_lock_waiting
#define chan_unlock_waiting test_chan_unlock_waiting
#define sudog_stack_top test_sudog_stack_top
#define stackmap_get test_stackmap_get
#define findfunc test_findfunc
#include "../../runtime/stack.c"
#include "../../runtime/stackshrink.c"
#undef stackmap_get
#undef findfunc

#include "death.h"

#define NFRAMES 12
#define NSLOTS 6
#define SLOW_PC 0x500000u
#define FRAME_PC(i) (0x400000u + 16u * (unsigned)(i))

/* What a word of the old stack is. */
enum kind { NOISE, POINTER, DERIVED, FRAMEPTR };

static struct {
  struct stackmap_record rec[NFRAMES];
  struct stackmap_func func[NFRAMES];
  frameslot slots[NFRAMES][NSLOTS];
  struct stackmap_derived derived[NFRAMES];
  struct stackobject object[NFRAMES];
  uint64_t mask[NFRAMES];
  struct toy_func entered;
} tab;

static enum kind shadow[8192];
static uintptr_t base_of[8192]; /* DERIVED: the base's value */
static uint64_t seed;

static uint32_t rnd(uint32_t n) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(seed >> 33) % n;
}

static const struct stackmap_record *test_stackmap_get(uintptr_t pc) {
  size_t i = (pc - FRAME_PC(0)) / 16;
  CHECK(i < NFRAMES && FRAME_PC(i) == pc);
  return &tab.rec[i];
}

static bool test_in_toytext(uintptr_t pc) { return pc - FRAME_PC(0) < 16 * NFRAMES; }

static const struct toy_func *test_findfunc(uintptr_t pc) {
  CHECK_EQ(pc, SLOW_PC - 1);
  return &tab.entered;
}

/* The waiting goroutine's elements, one word each; who gets the lock after the copier writes there. */
enum { NWRITTEN = 3 };
static struct { bool held; uintptr_t value[NWRITTEN]; int n; } other;

static void test_chan_lock_waiting(G *gp) {
  CHECK(!other.held && gp->waiting);
  other.held = true;
}

static void test_chan_unlock_waiting(G *gp) {
  CHECK(other.held);
  other.held = false;
  int i = 0;
  for (const struct sudog *s = gp->waiting; s && i < other.n; s = s->waitlink)
    *(uintptr_t *)s->elem = other.value[i++];
}

static uintptr_t test_sudog_stack_top(const G *gp) {
  uintptr_t top = 0;
  CHECK(other.held);
  for (const struct sudog *s = gp->waiting; s; s = s->waitlink)
    if ((uintptr_t)s->elem >= gp->stack.lo && (uintptr_t)s->elem < gp->stack.hi && (uintptr_t)s->elem + 8 > top)
      top = (uintptr_t)s->elem + 8;
  return top;
}

static uintptr_t heap_value(void) { return 0x7000000000u + 8u * rnd(1000); }
static uintptr_t in_old(const G *gp) { return gp->stack.lo + rnd((uint32_t)(gp->stack.hi - gp->stack.lo)); }

static uintptr_t *old_word(uintptr_t a) { return (uintptr_t *)a; }
static frameslot slot(uintptr_t a, uintptr_t from, int is_bp) { return FRAMESLOT((int32_t)(a - from), is_bp); }
static size_t shadow_index(const G *gp, uintptr_t a) { return (a - gp->stack.lo) / 8; }

/* A managed pointer: null, heap, stack, the stack's first byte, the byte behind it. */
static uintptr_t pointer_value(const G *gp) {
  switch (rnd(5)) {
  case 0: return 0;
  case 1: return gp->stack.lo;
  case 2: return gp->stack.hi;
  case 3: return heap_value();
  default: return in_old(gp);
  }
}

static void set(const G *gp, uintptr_t a, enum kind k, uintptr_t v) {
  shadow[shadow_index(gp, a)] = k;
  *old_word(a) = v;
}

/* Frame i: sp at the call it makes, bp its frame pointer; the words between are random noise so far. Slots are
 * counted from sp and from bp in turn; one slot is listed twice; the derived word has slot 0 as its base; the object
 * takes two words. */
static void fill_frame(const G *gp, int i, uintptr_t sp, uintptr_t bp) {
  for (int s = 0; s < NSLOTS - 1; s++) {
    uintptr_t a = sp + 8u * (unsigned)s;
    tab.slots[i][s] = s % 2 ? slot(a, bp, 1) : slot(a, sp, 0);
    set(gp, a, POINTER, pointer_value(gp));
  }
  tab.slots[i][NSLOTS - 1] = tab.slots[i][1];
  uintptr_t d = sp + 8u * NSLOTS;
  base_of[shadow_index(gp, d)] = *old_word(sp);
  tab.derived[i] = (struct stackmap_derived){tab.slots[i][0], slot(d, sp, 0)};
  set(gp, d, DERIVED, *old_word(sp) - 8u * rnd(100000)); /* may lie far outside the object and the stack */
  uintptr_t o = d + 8;
  tab.mask[i] = 2;
  tab.object[i] = (struct stackobject){.at = slot(o, bp, 1), .size = 16, .ptrmask = &tab.mask[i], .has_pointers = true};
  set(gp, o, NOISE, in_old(gp)); /* looks like a pointer, is none */
  set(gp, o + 8, POINTER, pointer_value(gp));
  tab.func[i] = (struct stackmap_func){.nobjects = 1, .nptrobjects = 1, .objects = &tab.object[i]};
  tab.rec[i] = (struct stackmap_record){.func = &tab.func[i], .slots = tab.slots[i], .nslots = NSLOTS,
                                        .derived = &tab.derived[i], .nderived = 1};
}

/* From the outermost frame down to the innermost call; its SP, the address of its return address. */
static uintptr_t build_frames(G *gp, uintptr_t *innermost_bp) {
  uintptr_t sp = gp->stack.hi - 16, bp = 0;
  for (uintptr_t a = gp->stack.lo; a < gp->stack.hi; a += 8)
    set(gp, a, NOISE, rnd(2) ? heap_value() : in_old(gp));
  set(gp, sp - 8, NOISE, (uintptr_t)toy_gostart_ret);
  sp -= 8;
  for (int i = NFRAMES - 1; i >= 0; i--) {
    set(gp, sp - 8, bp ? FRAMEPTR : NOISE, bp);
    bp = sp - 8;
    sp = bp - 8u * (NSLOTS + 3 + rnd(6));
    fill_frame(gp, i, sp, bp);
    sp -= 8;
    set(gp, sp, NOISE, FRAME_PC(i));
  }
  *innermost_bp = bp;
  return sp;
}

/* Parked in a runtime call: the context's last two words are the call's frame. */
static void build_parked(G *gp) {
  uintptr_t bp, sp = build_frames(gp, &bp), ctx = sp - GOBUF_PC;
  for (uintptr_t a = ctx; a < sp; a += 8)
    set(gp, a, NOISE, in_old(gp));
  set(gp, ctx + GOBUF_RBP, FRAMEPTR, bp);
  gp->sched = (struct gobuf){ctx, 0};
}

/* In the prologue of a function, which called __morestack. */
static void build(G *gp) {
  uintptr_t bp, sp = build_frames(gp, &bp), ctx = sp - ENTRY_SP;
  for (uintptr_t a = ctx; a < sp; a += 8)
    set(gp, a, NOISE, in_old(gp));
  set(gp, ctx + GOBUF_RBP, FRAMEPTR, bp);
  set(gp, ctx + GOBUF_PC, NOISE, (uintptr_t)toy_morestack_resume);
  set(gp, ctx + SLOW_RET, NOISE, SLOW_PC);
  tab.entered = (struct toy_func){.argmask = rnd(128), .stackargs = rnd(2)};
  for (unsigned i = 0; i < AREA_ARGS; i++)
    if (tab.entered.argmask >> i & 1)
      set(gp, ctx + GOBUF_SIZE + 8 * i, POINTER, pointer_value(gp));
  if (tab.entered.stackargs)
    set(gp, sp + 8, POINTER, *old_word(sp + 8)); /* is a slot of frame 0 as well: rewritten once in effect */
  gp->sched = (struct gobuf){ctx, 0};
}

static bool inside(const struct stack *s, uintptr_t v) { return v >= s->lo && v < s->hi; }

static void verify(const struct stack *old, const uintptr_t *image, const G *gp, uintptr_t ctx) {
  uintptr_t delta = gp->stack.hi - old->hi;
  CHECK_EQ(gp->sched.sp, ctx + delta);
  for (uintptr_t a = ctx; a < old->hi; a += 8) {
    size_t i = (a - old->lo) / 8;
    uintptr_t v = image[i], decide = shadow[i] == DERIVED ? base_of[i] : v;
    uintptr_t want = shadow[i] != NOISE && inside(old, decide) ? v + delta : v;
    CHECK_EQ(*old_word(a + delta), want);
  }
}

static void one(uint64_t s, size_t size, size_t newsize) {
  G gp = {.goid = 1};
  static uintptr_t image[8192];
  seed = s;
  gp.stack = stackalloc(size);
  build(&gp);
  struct stack old = gp.stack;
  uintptr_t ctx = gp.sched.sp;
  memcpy(image, (void *)old.lo, size);
  struct sudog sg[2] = {{.elem = (void *)(old.hi - 64), .waitlink = &sg[1]}, {.elem = (void *)heap_value()}};
  gp.waiting = &sg[0];
  gp.activeStackChans = true;
  uintptr_t elem1 = (uintptr_t)sg[1].elem;
  gp._defer = (void *)(old.hi - 72);
  gp._panic = (void *)(old.hi - 80);
  copystack(&gp, newsize);
  CHECK_EQ(gp.stack.hi - gp.stack.lo, newsize);
  CHECK_EQ((uintptr_t)sg[0].elem, gp.stack.hi - 64);
  CHECK_EQ((uintptr_t)sg[1].elem, elem1);
  CHECK_EQ((uintptr_t)gp._defer, gp.stack.hi - 72);
  CHECK_EQ((uintptr_t)gp._panic, gp.stack.hi - 80);
  CHECK(!memcmp(image, (void *)old.lo, size)); /* the old copy is read only */
  verify(&old, image, &gp, ctx);
  stackfree(old);
  stackfree(gp.stack);
}

static void bad_pointer(void) {
  G gp = {.stack = stackalloc(8192)};
  seed = 1;
  build(&gp);
  *old_word(gp.sched.sp + ENTRY_SP + 8) = 42; /* slot 0 of the innermost frame */
  tab.entered.stackargs = 0;
  CHECK_DEATH(copystack(&gp, 8192), "invalid pointer 0x2a found on stack");
}

static void bad_chain(void) {
  G gp = {.stack = stackalloc(8192)};
  seed = 2;
  build(&gp);
  uintptr_t bp = *old_word(gp.sched.sp + GOBUF_RBP);
  *old_word(bp) = gp.stack.hi + 8;
  CHECK_DEATH(copystack(&gp, 8192), "frame pointer");
  *old_word(bp) = gp.stack.lo; /* downwards: would loop */
  CHECK_DEATH(copystack(&gp, 8192), "frame pointer");
}

static void not_movable(void) {
  G gp = {.stack = stackalloc(8192)};
  seed = 3;
  build(&gp);
  gp.asyncSafePoint = true;
  CHECK_DEATH(copystack(&gp, 8192), "asynchronous stop");
  gp.asyncSafePoint = false;
  gp.syscallsp = 1;
  CHECK_DEATH(copystack(&gp, 8192), "system call");
}

/* ---- a goroutine that waits on channels, with elements in its innermost frame */

/* Slot 2 of frame 0 is an element, slot 0 and 4 as well; others write into them as soon as they may. */
static void one_waiting(uint64_t s, int written) {
  G gp = {.goid = 2, .stack = stackalloc(16384)};
  struct sudog sg[NWRITTEN];
  seed = s;
  build_parked(&gp);
  uintptr_t ctx = gp.sched.sp, frame = ctx + GOBUF_SIZE, delta;
  for (int i = 0; i < NWRITTEN; i++) {
    set(&gp, frame + 16u * (unsigned)i, POINTER, rnd(2) ? in_old(&gp) : heap_value());
    sg[i] = (struct sudog){.elem = (void *)(frame + 16u * (unsigned)i), .waitlink = i + 1 < NWRITTEN ? &sg[i + 1] : NULL};
    other.value[i] = heap_value() | 1;
  }
  base_of[shadow_index(&gp, frame + 8 * NSLOTS)] = *old_word(frame);
  other.n = written;
  gp.waiting = sg;
  gp.activeStackChans = true;
  static uintptr_t image[2048];
  memcpy(image, (void *)gp.stack.lo, 16384);
  struct stack old = gp.stack;
  copystack(&gp, 8192);
  delta = gp.stack.hi - old.hi;
  for (int i = 0; i < written; i++) { /* newer than the copy: kept as it is */
    CHECK_EQ(*old_word(frame + 16u * (unsigned)i + delta), other.value[i]);
    *old_word(frame + 16u * (unsigned)i + delta) = image[(frame + 16u * (unsigned)i - old.lo) / 8] + (
      inside(&old, image[(frame + 16u * (unsigned)i - old.lo) / 8]) ? delta : 0);
  }
  for (int i = 0; i < NWRITTEN; i++)
    CHECK_EQ((uintptr_t)sg[i].elem, frame + 16u * (unsigned)i + delta);
  verify(&old, image, &gp, ctx);
  stackfree(old);
  stackfree(gp.stack);
}

static void test_waiting(void) {
  unit_case = "elements written meanwhile";
  for (uint64_t s = 1; s <= 500; s++)
    one_waiting(s, (int)(s % (NWRITTEN + 1)));
}

/* ---- shrinkstack */

static bool shrink(G *gp, size_t size, size_t used) {
  static uintptr_t ctx[GOBUF_SIZE / 8];
  gp->stack = stackalloc(size);
  memcpy((void *)(gp->stack.hi - used), ctx, GOBUF_SIZE);
  *old_word(gp->stack.hi - used + GOBUF_PC) = (uintptr_t)toy_gostart;
  gp->sched.sp = gp->stack.hi - used;
  return shrinkstack(gp);
}

/* Halved when less than a quarter is used, the slack included; never below what goroutines begin with. */
static void test_shrinkstack(void) {
  static const struct { size_t size, used, want; } rows[] = {
    {2048, 64, 2048}, {4096, 768, 4096}, {4096, 760, 2048}, {8192, 1800, 8192}, {8192, 1784, 4096},
    {32768, 64, 16384}, {65536, 64, 32768}, {65536, 16128, 65536}, {1 << 20, 64, 1 << 19},
  };
  for (size_t i = 0; i < nelem(rows); i++) {
    unit_case = "shrinkstack";
    G gp = {.goid = 3};
    atomic_store(&gp.atomicstatus, Gwaiting | Gscan);
    CHECK_EQ(shrink(&gp, rows[i].size, rows[i].used), rows[i].want < rows[i].size);
    CHECK_EQ(gp.stack.hi - gp.stack.lo, rows[i].want);
    CHECK_EQ(gp.stack.hi - gp.sched.sp, rows[i].used);
    CHECK_EQ(*old_word(gp.sched.sp + GOBUF_PC), (uintptr_t)toy_gostart);
    stackfree(gp.stack);
  }
}

/* Ten rounds bring a stack of 1 MiB down to the least, and then nothing changes. */
static void test_ten_rounds(void) {
  unit_case = "ten rounds";
  G gp = {.goid = 4};
  int times = 0;
  atomic_store(&gp.atomicstatus, Gwaiting | Gscan);
  CHECK(shrink(&gp, 1 << 20, 64));
  for (int i = 1; i < 10; i++)
    times += shrinkstack(&gp);
  CHECK_EQ(times, 8);
  CHECK_EQ(gp.stack.hi - gp.stack.lo, TOY_STACK_MIN);
  stackfree(gp.stack);
}

static void test_not_shrunk(void) {
  unit_case = "not safe";
  G gp = {.goid = 5};
  atomic_store(&gp.atomicstatus, Gwaiting | Gscan);
  gp.asyncSafePoint = true;
  CHECK(!shrink(&gp, 8192, 64));
  gp.asyncSafePoint = false;
  gp.syscallsp = 1;
  CHECK(!shrinkstack(&gp));
  gp.syscallsp = 0;
  gp.parkingOnChan = true;
  CHECK(!shrinkstack(&gp));
  gp.parkingOnChan = false;
  *old_word(gp.sched.sp + GOBUF_PC) = (uintptr_t)toy_yield_resume;
  CHECK(!shrinkstack(&gp));
  CHECK_DEATH(copystack(&gp, 4096), "about to return a result");
  *old_word(gp.sched.sp + GOBUF_PC) = (uintptr_t)toy_gostart;
  atomic_store(&gp.atomicstatus, Gwaiting);
  CHECK_DEATH(shrinkstack(&gp), "bad status in shrinkstack: waiting");
  atomic_store(&gp.atomicstatus, Grunning);
  CHECK_DEATH(shrinkstack(&gp), "bad status in shrinkstack: running");
  stackfree(gp.stack);
}

/* What a pass finds: the waiting one is shrunk, the running one asked, the one whose M works for it left alone; the word
 * is kept as long as there is something to do. */
static void test_pass(void) {
  unit_case = "a pass";
  static G gs[3], *list[] = {&gs[0], &gs[1], &gs[2]};
  static const uint32_t status[] = {Gwaiting, Grunning, Gwaiting};
  atomic_store(&allgs, list);
  atomic_store(&allglen, nelem(gs));
  for (int i = 0; i < 3; i++) {
    atomic_store(&gs[i].atomicstatus, Gwaiting | Gscan);
    shrink(&gs[i], 16384, 64);
    atomic_store(&gs[i].atomicstatus, status[i]);
  }
  gs[2].m = &m0;
  static P p0; /* where the running one runs */
  allp[0] = &p0;
  atomic_store(&p0.m, &m0);
  m0.curg = &gs[1];
  atomic_store(&gomaxprocs, 1);
  atomic_store(m0.guard, 1);
  CHECK(!shrinkstacks(1)); /* no word was left */
  CHECK_EQ(gs[0].stack.hi - gs[0].stack.lo, 8192);
  stackgrown();
  CHECK(shrinkstacks(1));
  CHECK_EQ(gs[0].stack.hi - gs[0].stack.lo, 4096);
  CHECK_EQ(gs[1].stack.hi - gs[1].stack.lo, 8192);
  CHECK_EQ(gs[2].stack.hi - gs[2].stack.lo, 8192);
  CHECK(atomic_load(&gs[1].preemptShrink) && !atomic_load(&gs[2].preemptShrink));
  CHECK_EQ(atomic_load(m0.guard), TOY_STACK_PREEMPT);
  CHECK(shrinkstacks(LOOK_NS)); /* too early */
  CHECK_EQ(gs[0].stack.hi - gs[0].stack.lo, 4096);
  CHECK(shrinkstacks(1 + LOOK_NS));
  CHECK_EQ(gs[0].stack.hi - gs[0].stack.lo, 2048);
  CHECK(!shrinkstacks(2 + 2 * LOOK_NS)); /* nothing but those that are busy: no reason to wake up */
  atomic_store(&gs[1].atomicstatus, Gwaiting);
  CHECK(shrinkstacks(3 + 3 * LOOK_NS));
  CHECK_EQ(gs[1].stack.hi - gs[1].stack.lo, 4096);
}

/* LLVM's comparison: frames below TOY_STACK_SMALL compare SP itself. */
static void test_frame_fits(void) {
  G gp = {.stack = {.lo = 0x10000, .hi = 0x12000}};
  uintptr_t guard = 0x10000 + TOY_STACK_GUARD;
  CHECK(frame_fits(&gp, guard + 8, 0));
  CHECK(frame_fits(&gp, guard + 8, TOY_STACK_SMALL - 1));
  CHECK(!frame_fits(&gp, guard, 0));
  CHECK(!frame_fits(&gp, guard + 8, TOY_STACK_SMALL));
  CHECK(!frame_fits(&gp, guard + TOY_STACK_SMALL, TOY_STACK_SMALL));
  CHECK(frame_fits(&gp, guard + TOY_STACK_SMALL + 8, TOY_STACK_SMALL));
  CHECK(!frame_fits(&gp, guard - 64, 16));
  CHECK(!frame_fits(&gp, guard + 4096, 1 << 20));
}

int main(void) {
  m0_init();
  for (uint64_t s = 1; s <= 2000; s++)
    one(s, s % 2 ? 8192 : 16384, s % 3 ? 16384 : 65536);
  bad_pointer();
  bad_chain();
  not_movable();
  test_frame_fits();
  test_waiting();
  test_shrinkstack();
  test_ten_rounds();
  test_not_shrunk();
  test_pass();
  return unit_end();
}
