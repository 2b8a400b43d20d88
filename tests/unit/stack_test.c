/* stack_test: the stack copier on fabricated stacks, against a model of its own: a shadow says of every word what it
 * is, and from that what it must be after the move. Frames, slots, objects, arguments and values are random but
 * reproducible.
 *
 * The copier is included, so that its lookups can be answered from here.
 *
 * Rows: SK-1, SK-4, SP-14. */
#include "runtime.h"
#include "stackmap.h"

static const struct stackmap_record *test_stackmap_get(uintptr_t pc);
static const struct toy_func *test_findfunc(uintptr_t pc);
#include "symtab.h"
#define stackmap_get test_stackmap_get
#define findfunc test_findfunc
#include "../../runtime/stack.c"
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

static const struct toy_func *test_findfunc(uintptr_t pc) {
  CHECK_EQ(pc, SLOW_PC - 1);
  return &tab.entered;
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

/* From the outermost frame down to the function whose prologue called __morestack. */
static void build(G *gp) {
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
  uintptr_t ctx = sp - ENTRY_SP;
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
  uintptr_t elem1 = (uintptr_t)sg[1].elem;
  copystack(&gp, newsize);
  CHECK_EQ(gp.stack.hi - gp.stack.lo, newsize);
  CHECK_EQ((uintptr_t)sg[0].elem, gp.stack.hi - 64);
  CHECK_EQ((uintptr_t)sg[1].elem, elem1);
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
  return unit_end();
}
