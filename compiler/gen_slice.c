/* gen_slice.c: slices and their built-ins: slicing with Go's checks, append, copy, make, len, cap, clear. */
#include "gen.h"
#include "../runtime/abi/type.h"

/* ---- slicing */

/* What is sliced: base address, length, capacity, and whether the upper bound is a length or a capacity. */
typedef struct Sliced { Ir base, len, cap; Type *elem; bool is_slice, is_string; } Sliced;

static Sliced sliced(Gen *g, Expr *x) {
  Type *u = type_under(type_default(x->type));
  Sliced s = {.elem = type_basic(T_UINT8)};
  if (u->kind == T_ARRAY) {
    s.base = gen_addr(g, x);
  } else {
    Value v = gen_expr(g, x);
    s.base = v.w[0], s.len = v.w[1], s.cap = v.n == 3 ? v.w[2] : v.w[1];
    s.is_slice = u->kind == T_SLICE, s.is_string = u->kind == T_STRING;
    if (s.is_slice) s.elem = u->u.slice.elem;
    if (u->kind == T_POINTER) {
      debug_at(g, x->pos);
      check_nil(g, s.base);
      u = type_under(u->u.pointer.elem);
    }
  }
  if (u->kind == T_ARRAY) s.elem = u->u.array.elem, s.len = s.cap = const_i64(g, u->u.array.len);
  return s;
}

static void check_slice(Gen *g, Ir small, Ir large, enum toy_slice_panic code) {
  Ir ok = LLVMBuildICmp(g->b, LLVMIntULE, small, large, "");
  if (LLVMIsAConstantInt(ok) && LLVMConstIntGetZExtValue(ok) == 1) return;
  LLVMBasicBlockRef go_on = check_begin(g, ok);
  RT(g, panicslice, NULL, const_i64(g, code), small, large);
  check_end(g, go_on);
}

/* The address of the first element left; of the object's start where nothing is left, so that no pointer points past
 * its object into the next one. */
static Ir sliced_base(Gen *g, Sliced *s, Ir lo, Ir room) {
  if (LLVMIsAConstantInt(lo) && LLVMConstIntGetZExtValue(lo) == 0) return s->base;
  Ir empty = LLVMBuildICmp(g->b, LLVMIntEQ, room, const_i64(g, 0), "");
  Ir index = LLVMBuildSelect(g->b, empty, const_i64(g, 0), lo, "");
  return elem_addr(g, s->elem, s->base, index);
}

static Ir opt_int(Gen *g, Expr *e, Ir otherwise) { return e ? gen_int(g, e, NULL) : otherwise; }

Value gen_slice(Gen *g, Expr *e) {
  Sliced s = sliced(g, e->u.slice.x);
  bool three = e->u.slice.max != NULL;
  Ir lo = opt_int(g, e->u.slice.lo, const_i64(g, 0));
  Ir hi = opt_int(g, e->u.slice.hi, s.len), max = opt_int(g, e->u.slice.max, s.cap);
  debug_at(g, e->pos);
  if (three) {
    check_slice(g, max, s.cap, s.is_slice ? TOY_SLICE3_ACAP : TOY_SLICE3_ALEN);
    check_slice(g, hi, max, TOY_SLICE3_B);
  } else if (e->u.slice.hi) {
    check_slice(g, hi, s.cap, s.is_slice ? TOY_SLICE_ACAP : TOY_SLICE_ALEN);
  }
  check_slice(g, lo, hi, three ? TOY_SLICE3_C : TOY_SLICE_B);
  Ir len = LLVMBuildSub(g->b, hi, lo, "");
  if (s.is_string) return value2(e->type, sliced_base(g, &s, lo, len), len);
  Ir cap = LLVMBuildSub(g->b, max, lo, "");
  return value3(e->type, sliced_base(g, &s, lo, cap), len, cap);
}

/* ---- append */

/* The slice with room for n more elements, its length already grown. */
static Value append_grow(Gen *g, Value s, Ir n) {
  Type *elem = type_under(s.type)->u.slice.elem;
  Ir len = LLVMBuildAdd(g->b, s.w[1], n, "");
  Ir fits = LLVMBuildICmp(g->b, LLVMIntULE, len, s.w[2], "");
  LLVMBasicBlockRef from = LLVMGetInsertBlock(g->b), grow = add_block(g, "grow"), join = add_block(g, "");
  branch(g, fits, join, grow);
  LLVMPositionBuilderAtEnd(g->b, grow);
  Ir cap, ptr = RT(g, growslice, &cap, type_desc(g, elem), s.w[0], len, s.w[2], n);
  start_block(g, join);
  Ir base = phi2(g, s.w[0], from, ptr, grow);
  return value3(s.type, base, len, phi2(g, s.w[2], from, cap, grow));
}

static Value append_spread(Gen *g, Value s, Expr *arg) {
  Type *elem = type_under(s.type)->u.slice.elem;
  Value t = gen_expr_as(g, arg, arg->mode == MODE_NIL ? s.type : arg->type);
  Value r = append_grow(g, s, t.w[1]);
  Ir bytes = LLVMBuildMul(g->b, t.w[1], const_i64(g, type_size(elem)), "");
  unsigned align = (unsigned)type_align(elem);
  LLVMBuildMemMove(g->b, elem_addr(g, elem, r.w[0], s.w[1]), align, t.w[0], align, bytes);
  return r;
}

Value gen_append(Gen *g, Expr *e) {
  ExprList *args = &e->u.call.args;
  Value s = gen_expr_as(g, args->v[0], e->type);
  s.type = e->type;
  Type *elem = type_under(e->type)->u.slice.elem;
  if (e->u.call.has_ellipsis) return append_spread(g, s, args->v[1]);
  ValueList v = {0};
  for (int i = 1; i < args->n; i++) list_push(&v, value_stable(g, gen_expr_as(g, args->v[i], elem)));
  if (v.n == 0) return s;
  debug_at(g, e->pos);
  Value r = append_grow(g, s, const_i64(g, v.n));
  for (int i = 0; i < v.n; i++) {
    Ir index = LLVMBuildAdd(g->b, s.w[1], const_i64(g, i), "");
    value_store(g, v.v[i], elem_addr(g, elem, r.w[0], index));
  }
  return r;
}

/* ---- copy, clear */
Ir copy_values(Gen *g, Value to, Value from) {
  Type *elem = type_under(to.type)->u.slice.elem;
  unsigned align = (unsigned)type_align(elem);
  Ir n = intrinsic_call(g, "llvm.umin", g->i64, (Ir[]){to.w[1], from.w[1]}, 2);
  Ir bytes = LLVMBuildMul(g->b, n, const_i64(g, type_size(elem)), "");
  LLVMBuildMemMove(g->b, to.w[0], align, from.w[0], align, bytes);
  return n;
}

Value gen_copy(Gen *g, Expr *e) {
  Value to = gen_expr(g, e->u.call.args.v[0]), from = gen_expr(g, e->u.call.args.v[1]);
  debug_at(g, e->pos);
  return value1(type_basic(T_INT), copy_values(g, to, from));
}

void clear_value(Gen *g, Value s) {
  if (type_under(s.type)->kind == T_MAP) {
    RT(g, mapclear, NULL, s.w[0]);
    return;
  }
  Type *elem = type_under(s.type)->u.slice.elem;
  Ir bytes = LLVMBuildMul(g->b, s.w[1], const_i64(g, type_size(elem)), "");
  LLVMBuildMemSet(g->b, s.w[0], LLVMConstInt(g->i8, 0, false), bytes, (unsigned)type_align(elem));
}

void gen_clear(Gen *g, Expr *e) {
  Value s = gen_expr(g, e->u.call.args.v[0]);
  debug_at(g, e->pos);
  clear_value(g, s);
}

/* ---- make, len, cap */

/* Not escaping: constant length and capacity, an array in the frame. */
static Ir stack_array(Gen *g, Type *elem, int64_t n) {
  Type *array = type_new_array(elem, n);
  Ir addr = new_temp(g, array);
  store_zero(g, array, addr);
  return addr;
}

static Value make_slice(Gen *g, Expr *e) {
  ExprList *args = &e->u.call.args;
  Type *elem = type_under(e->type)->u.slice.elem;
  Ir len = gen_int(g, args->v[1], NULL), cap = args->n > 2 ? gen_int(g, args->v[2], NULL) : len;
  debug_at(g, e->pos);
  if (!heap_expr(g, e) && LLVMIsAConstantInt(cap))
    return value3(e->type, stack_array(g, elem, LLVMConstIntGetSExtValue(cap)), len, cap);
  return value3(e->type, RT(g, makeslice, NULL, type_desc(g, elem), len, cap), len, cap);
}

Value gen_make(Gen *g, Expr *e) {
  Type *u = type_under(e->type);
  if (u->kind == T_SLICE) return make_slice(g, e);
  Ir size = e->u.call.args.n > 1 ? gen_int(g, e->u.call.args.v[1], NULL) : const_i64(g, 0);
  debug_at(g, e->pos);
  if (u->kind == T_MAP) return make_map(g, e->type, size);
  check_that(u->kind == T_CHAN);
  return value1(e->type, RT(g, makechan, NULL, type_desc(g, u->u.chan.elem), size));
}

Value gen_len(Gen *g, Expr *x, bool cap) {
  Type *u = type_under(type_default(x->type)), *t = type_basic(T_INT);
  Value v = gen_expr(g, x);
  switch (u->kind) {
  case T_STRING: return value1(t, v.w[1]);
  case T_SLICE: return value1(t, v.w[cap ? 2 : 1]);
  case T_ARRAY: return value1(t, const_i64(g, u->u.array.len));
  case T_POINTER: return value1(t, const_i64(g, type_under(u->u.pointer.elem)->u.array.len));
  case T_MAP: return value1(t, map_len(g, v));
  case T_CHAN: return value1(t, cap ? RT(g, chancap, NULL, v.w[0]) : RT(g, chanlen, NULL, v.w[0]));
  default: unreachable_case("len of %s", type_string(x->type));
  }
}
