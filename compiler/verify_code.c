/* verify_code.c: one function's code against what the runtime relies on.
 *
 * The function is walked along every path from its entry, with the distance of rsp from the return address and where rbp
 * points. Where two paths meet the two must agree. That gives the depth at each instruction, and with it:
 *  - the guard check is the first thing, compares rsp less at least what the function goes down, and its slow path tells
 *    __morestack that depth; a function may lack it only if it never moves rsp and calls nothing (LLVM's own rule);
 *  - each call has a record under its return address, but for those that cannot grow, block or move anything;
 *  - the frame size of the stack map is the depth at each call, and each slot lies inside the frame;
 *  - a frame address is made by `leaq` of a recorded stack object's first byte and in no other way, but for copies of rsp
 *    by which words are passed on the stack (verify_copies.c);
 *  - nothing is taken from the thread but the guard, by the guard check, and G; other words only inside an unsafe range.
 *
 * Paths: branches; for a fault-mapped access its handler; for a jump through a table whatever no other path reaches. A call
 * may be to a function that never returns, so what lies behind it is walked only if nothing else leads there: calls stand in
 * bodies, where the depth is the same everywhere.
 */
#include "verify_parts.h"
#include "../runtime/abi/limits.h"

#include <string.h>

/* ---- what may be called */

static const struct Callee { const char *symbol; CallKind kind; } callees[] = {
#define KIND_LEAF CALL_LEAF
#define KIND_LEAFASM CALL_LEAF
#define KIND_G0 CALL_RUNTIME
#define KIND_PARK CALL_RUNTIME
#define KIND_ASM CALL_RUNTIME
#define KIND_NORET CALL_NORET
#define TOYRT(NAME, KIND, ...) {"toy_" #NAME, KIND_##KIND},
#define TOYPKG(PKG, NAME, KIND, ...) {#PKG "." #NAME, KIND_##KIND},
#include "../runtime/abi/runtime.def"
#undef TOYRT
#undef TOYPKG
    /* What the code generator calls by itself, with the same bound on depth as runtime/stackdepth.py has for them. */
    {"memcpy", CALL_LEAF}, {"memmove", CALL_LEAF}, {"memset", CALL_LEAF}, {"memcmp", CALL_LEAF}, {"bcmp", CALL_LEAF},
    {"__morestack", CALL_MORESTACK}};

/* A library package is a path in the symbol and one word in the table: math/rand.Int is rand.Int nowhere. */
static CallKind look_up(Verify *v, uint64_t target) {
  uint64_t code = image_through_plt(&v->image, target);
  for (size_t i = 0; i < sizeof callees / sizeof *callees; i++)
    if (image_is_named(&v->image, code, callees[i].symbol)) return callees[i].kind;
  return verify_leaf(v, target) ? CALL_LEAF : CALL_UNKNOWN;
}

/* Programs call few functions often. */
static CallKind kind_of_symbol(Verify *v, uint64_t target) {
  static struct { uint64_t target; CallKind kind; const Verify *of; } known[1024];
  size_t i = target / 16 % (sizeof known / sizeof *known);
  if (known[i].target != target || known[i].of != v) known[i].kind = look_up(v, target), known[i].target = target, known[i].of = v;
  return known[i].kind;
}

static CallKind find_kind(Verify *v, const Function *fn, const Inst *in) {
  if (in->kind == INST_CALL_INDIRECT) return CALL_TOY;
  if (!image_in(v->text, in->target, 1)) return kind_of_symbol(v, in->target);
  const Function *callee = verify_function_of(v, in->target);
  if (callee && callee->entry == in->target) return CALL_TOY;
  verify_finding(v, fn, in->at, "a call into the middle of %s", callee ? callee->name : "nothing");
  return CALL_TOY;
}

static void find_kinds(Verify *v, Function *fn) {
  for (int i = 0; i < fn->insts.n; i++) {
    Inst *in = &fn->insts.v[i];
    if (in->kind == INST_CALL || in->kind == INST_CALL_INDIRECT) in->callee = (int)find_kind(v, fn, in);
  }
}

/* ---- the walk */

DEFINE_LIST(IndexList, int);

typedef struct Walk {
  Verify *v;
  Function *fn;
  IndexList work;    /* indices of instructions whose successors have not been seen */
  int32_t deepest;
  uint32_t align;
  bool calls;
} Walk;

static bool same_depth(Depth a, Depth b) { return a.below == b.below && a.bp == b.bp && a.align == b.align; }

static void reach(Walk *w, uint64_t at, Depth depth, const Inst *from) {
  Inst *in = (Inst *)verify_inst(w->fn, at);
  if (!in) {
    const char *what = at >= w->fn->entry && at < w->fn->end ? "into the middle of an instruction" : "out of the function";
    verify_finding(w->v, w->fn, from->at, "control goes %s (%#llx)", what, (unsigned long long)at);
    return;
  }
  if (in->reached) {
    if (!same_depth(in->depth, depth))
      verify_finding(w->v, w->fn, in->at, "paths with %d and %d bytes of stack meet here", in->depth.below, depth.below);
    return;
  }
  in->reached = true, in->depth = depth;
  list_push(&w->work, (int)(in - w->fn->insts.v));
}

static bool apply(Walk *w, const Inst *in, Depth *d) {
  switch (in->effect) {
  case STACK_NONE: return true;
  case STACK_ADJUST: d->below += (int32_t)in->amount; break;
  case STACK_PUSH_BP: d->below += 8; break;
  case STACK_POP_BP: d->below -= 8, d->bp = -1; break;
  case STACK_SET_BP: d->bp = d->below; break;
  case STACK_ALIGN: d->align = (uint32_t)in->amount; break;
  case STACK_FROM_BP:
    if (d->bp < 0) return verify_finding(w->v, w->fn, in->at, "rsp from rbp before rbp is set: %s", in->text), false;
    d->below = d->bp - (int32_t)in->amount, d->align = 0;
    break;
  case STACK_UNKNOWN: verify_finding(w->v, w->fn, in->at, "rsp changes in a way that is not known: %s", in->text); return false;
  }
  if (d->below < 0) return verify_finding(w->v, w->fn, in->at, "rsp rises above the return address: %s", in->text), false;
  if (d->below > w->deepest) w->deepest = d->below;
  if (d->align > w->align) w->align = d->align;
  return true;
}

static void step_fault(Walk *w, const Inst *in, Depth d) {
  const struct FaultEdge *edge = verify_fault(w->fn, in->at);
  if (edge) reach(w, edge->to, d, in);
}

/* Strong successors only. */
static void step(Walk *w, Inst *in) {
  Depth d = in->depth;
  step_fault(w, in, d);
  if (!apply(w, in, &d)) return;
  switch (in->kind) {
  case INST_RETURN:
    if (d.below) verify_finding(w->v, w->fn, in->at, "returns with %d bytes still on the stack", d.below);
    return;
  case INST_BRANCH: reach(w, in->target, d, in); break;
  case INST_JUMP: reach(w, in->target, d, in); return;
  case INST_CALL: case INST_CALL_INDIRECT: w->calls = true; return;
  case INST_JUMP_INDIRECT: case INST_TRAP: return;
  case INST_FORBIDDEN: verify_finding(w->v, w->fn, in->at, "an instruction that compiled code never has: %s", in->text); break;
  default: break;
  }
  reach(w, in->at + in->size, d, in);
}

static void drain(Walk *w) {
  while (w->work.n) step(w, &w->fn->insts.v[w->work.v[--w->work.n]]);
}

/* Behind a call that returns, if nothing else leads there. */
static bool follow_call(Walk *w, const Inst *in) {
  const Inst *next = in + 1, *end = w->fn->insts.v + w->fn->insts.n;
  if (in->callee == CALL_MORESTACK) next++; /* back past the retq */
  while (next < end && next->kind == INST_NOP && !next->reached) next++; /* a loop's head may be aligned */
  if (next >= end || next->reached) return false;
  reach(w, next->at, in->depth, in);
  drain(w);
  return true;
}

static void follow_calls(Walk *w) {
  for (bool more = true; more;) {
    more = false;
    for (int i = 0; i < w->fn->insts.n; i++) {
      const Inst *in = &w->fn->insts.v[i];
      if (in->reached && (in->kind == INST_CALL || in->kind == INST_CALL_INDIRECT)) more |= follow_call(w, in);
    }
  }
}

/* Jump tables: whatever begins behind code that ends, and nothing else leads to. */
static void follow_tables(Walk *w) {
  const Inst *jump = NULL;
  for (int i = 0; i < w->fn->insts.n && !jump; i++)
    if (w->fn->insts.v[i].reached && w->fn->insts.v[i].kind == INST_JUMP_INDIRECT) jump = &w->fn->insts.v[i];
  for (int i = 0; jump && i < w->fn->insts.n; i++) {
    Inst *in = &w->fn->insts.v[i];
    if (in->reached || in->kind == INST_NOP || in->kind == INST_TRAP || in->kind == INST_RETURN) continue;
    reach(w, in->at, jump->depth, jump);
    drain(w);
  }
}

static void find_unreached(Walk *w) {
  for (int i = 0; i < w->fn->insts.n; i++) {
    const Inst *in = &w->fn->insts.v[i];
    bool harmless = in->kind == INST_NOP || in->kind == INST_TRAP || in->kind == INST_RETURN;
    if (in->reached || harmless) continue;
    verify_finding(w->v, w->fn, in->at, "code that no path reaches: %s", in->text);
    return;
  }
}

/* ---- the guard check */

/* The slow path in its one order; false: it is not one. */
static bool read_slow_path(Function *fn, const Inst *branch) {
  const Inst *in = verify_inst(fn, branch->target), *end = fn->insts.v + fn->insts.n;
  if (in && in->role == ROLE_SAVE_CONTEXT) in++;
  if (!in || end - in < 4 || in->role != ROLE_FRAME_SIZE || in[1].role != ROLE_STACKARGS) return false;
  fn->slow_frame = (uint32_t)in->amount, fn->slow_args = (uint32_t)in[1].amount;
  return in[2].kind == INST_CALL && in[2].callee == CALL_MORESTACK && in[3].kind == INST_RETURN &&
         in[3].size == 1;
}

static void read_check(Function *fn) {
  const Inst *in = fn->insts.v;
  int first = fn->insts.n > 1 && in[0].role == ROLE_GUARD_SIZE && in[1].role == ROLE_GUARD_LARGE ? 1 : 0;
  bool compares = first == 1 || in[0].role == ROLE_GUARD_SMALL;
  if (!compares || fn->insts.n <= first + 1) return;
  const Inst *branch = &in[first + 1];
  fn->check_bytes = first ? (uint64_t)in[0].amount : 0;
  fn->has_check = branch->kind == INST_BRANCH && strncmp(branch->text, "jbe", 3) == 0 && read_slow_path(fn, branch);
}

enum { MAX_ALIGN = 64 };

static void check_guard(Walk *w) {
  Function *fn = w->fn;
  uint64_t deepest = (uint64_t)w->deepest;
  if (!fn->has_check) {
    if (deepest || w->calls)
      verify_finding(w->v, fn, fn->entry, "no guard check, but the function needs %llu bytes%s", (unsigned long long)deepest,
                     w->calls ? " and calls" : "");
    return;
  }
  if (w->align > MAX_ALIGN) verify_finding(w->v, fn, fn->entry, "the frame is aligned to %u bytes", w->align);
  if (fn->slow_frame < deepest)
    verify_finding(w->v, fn, fn->entry, "the slow path asks for %llu bytes, the function needs %llu",
                   (unsigned long long)fn->slow_frame, (unsigned long long)deepest);
  uint64_t allowed = fn->check_bytes ? fn->check_bytes : TOY_STACK_SMALL - 1;
  if (deepest > allowed)
    verify_finding(w->v, fn, fn->entry, "the guard check is for %llu bytes, the function needs %llu",
                   (unsigned long long)allowed, (unsigned long long)deepest);
}

/* ---- calls and records */

static bool in_frame(const Depth *d, Place p, uint64_t bytes) {
  int64_t top = p.off_bp ? (int64_t)d->bp : (int64_t)d->below; /* distance from the return address to the register */
  if (p.off_bp && d->bp < 0) return false;
  int64_t low = top - p.offset, high = low - (int64_t)bytes;   /* both counted down from the return address */
  return low <= d->below && high >= 0;
}

static void check_record(Walk *w, const Inst *in, Record *r) {
  r->used = true;
  if (w->fn->frame_size != UINT64_MAX && w->fn->frame_size != (uint64_t)in->depth.below)
    verify_finding(w->v, w->fn, in->at, "%d bytes of frame at this call, %llu by the stack map", in->depth.below,
                   (unsigned long long)w->fn->frame_size);
  if (in->depth.bp != 8) verify_finding(w->v, w->fn, in->at, "a call without a frame pointer: the frame cannot be walked");
  for (int i = 0; i < r->slots.n; i++)
    if (!in_frame(&in->depth, r->slots.v[i], 8))
      verify_finding(w->v, w->fn, in->at, "a live pointer outside the frame: %lld(%s)", (long long)r->slots.v[i].offset,
                     r->slots.v[i].off_bp ? "rbp" : "rsp");
}

static void check_call(Walk *w, const Inst *in) {
  CallKind kind = (CallKind)in->callee;
  Record *r = verify_record(w->fn, in->at + in->size);
  if (kind == CALL_MORESTACK && (!w->fn->has_check || in->depth.below))
    verify_finding(w->v, w->fn, in->at, "a call of __morestack outside a guard check");
  if (kind == CALL_UNKNOWN)
    verify_finding(w->v, w->fn, in->at, "a call of code that is neither compiled nor the runtime's nor declared: %s", in->text);
  if (r) check_record(w, in, r);
  else if (kind <= CALL_NORET)
    verify_finding(w->v, w->fn, in->at, "no stack-map record for the return address of this call");
}

/* ---- frame addresses */

static int64_t from_return_address(const Depth *d, Place p) { return (p.off_bp ? d->bp : d->below) - p.offset; }

static bool is_object(const Function *fn, const Inst *in, const Depth *body) {
  for (int i = 0; i < fn->objects.n; i++) {
    Place at = fn->objects.v[i].at;
    if (at.off_bp == in->place.off_bp && at.offset == in->place.offset) return true;
    if (body->align == 0 && from_return_address(body, at) == from_return_address(&in->depth, in->place)) return true;
  }
  return false;
}

static void check_frame_use(Walk *w, const Inst *in) {
  bool check_size = in == w->fn->insts.v && in->role == ROLE_GUARD_SIZE && w->fn->has_check;
  if (in->use == FRAME_NONE || check_size) return;
  if (in->use == FRAME_LEA && is_object(w->fn, in, &in->depth)) return;
  if (in->use == FRAME_COPY && verify_is_for_arguments(w->v, w->fn, in)) return;
  verify_finding(w->v, w->fn, in->at, "a frame address that no stack object stands for: %s", in->text);
}

/* A stop may hand the goroutine to another thread: what it took from the first is then somebody else's. But its G is its own. */
static void check_thread_use(Walk *w, const Inst *in) {
  bool own = in->thread == THREAD_WORD && w->v->image.toy_g && in->word == w->v->image.toy_g;
  if (in->thread == THREAD_NONE || own || verify_in_range(w->v, in->at)) return;
  verify_finding(w->v, w->fn, in->at, "takes from its thread what is not the goroutine's, outside an unsafe range: %s", in->text);
}

/* Where the frame is complete: at any call of the body. */
static void check_objects(Walk *w) {
  const Inst *body = NULL;
  for (int i = 0; i < w->fn->insts.n && !body; i++)
    if (w->fn->insts.v[i].reached && w->fn->insts.v[i].depth.below == w->deepest) body = &w->fn->insts.v[i];
  for (int i = 0; body && i < w->fn->objects.n; i++) {
    const Object *o = &w->fn->objects.v[i];
    if (!in_frame(&body->depth, o->at, o->size))
      verify_finding(w->v, w->fn, w->fn->entry, "a stack object of %llu bytes at %lld(%s) lies outside the frame",
                     (unsigned long long)o->size, (long long)o->at.offset, o->at.off_bp ? "rbp" : "rsp");
  }
}

static void check_records_used(Walk *w) {
  for (int i = 0; i < w->fn->records.n; i++)
    if (!w->fn->records.v[i]->used)
      verify_finding(w->v, w->fn, w->fn->records.v[i]->pc, "a stack-map record where no call returns to");
}

static bool walk(Walk *w) {
  Function *fn = w->fn;
  if (!fn->insts.n || fn->insts.v[fn->insts.n - 1].kind == INST_UNKNOWN) return false;
  find_kinds(w->v, fn);
  reach(w, fn->entry, (Depth){0, -1, 0}, fn->insts.v);
  drain(w);
  follow_calls(w);
  follow_tables(w);
  follow_calls(w);
  find_unreached(w);
  return true;
}

void verify_code(Verify *v, Function *fn) {
  Walk w = {.v = v, .fn = fn};
  if (!walk(&w)) return;
  read_check(fn);
  check_guard(&w);
  for (int i = 0; i < fn->insts.n; i++) {
    const Inst *in = &fn->insts.v[i];
    if (!in->reached) continue;
    if (in->kind == INST_CALL || in->kind == INST_CALL_INDIRECT) check_call(&w, in);
    check_frame_use(&w, in);
    check_thread_use(&w, in);
  }
  check_objects(&w);
  check_records_used(&w);
}

/* ---- leaves of assembly files: no frame that anybody walks, but a depth that fits what the guard leaves */

void verify_leaf_code(Verify *v, Leaf *leaf) {
  Walk w = {.v = v, .fn = &leaf->fn};
  Function *fn = &leaf->fn;
  if (leaf->depth > TOY_LEAF_MAX)
    verify_finding(v, fn, fn->entry, "a leaf of %llu bytes, %d fit below the guard", (unsigned long long)leaf->depth, TOY_LEAF_MAX);
  if (!walk(&w)) return;
  uint64_t deepest = (uint64_t)w.deepest;
  for (int i = 0; i < fn->insts.n; i++) {
    const Inst *in = &fn->insts.v[i];
    if (!in->reached || (in->kind != INST_CALL && in->kind != INST_CALL_INDIRECT)) continue;
    const Leaf *callee = in->kind == INST_CALL ? verify_leaf(v, in->target) : NULL;
    uint64_t need = callee ? (uint64_t)in->depth.below + 8 + callee->depth : 0;
    if (!callee) verify_finding(v, fn, in->at, "a leaf calls what is no declared leaf: %s", in->text);
    else if (callee->fn.entry == fn->entry) verify_finding(v, fn, in->at, "a leaf calls itself");
    if (need > deepest) deepest = need;
  }
  if (deepest > leaf->depth)
    verify_finding(v, fn, fn->entry, "the leaf is declared with a depth of %llu bytes and needs %llu",
                   (unsigned long long)leaf->depth, (unsigned long long)deepest);
}
