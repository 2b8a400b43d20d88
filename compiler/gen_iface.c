/* gen_iface.c: interface values: boxing, conversion between interfaces, assertions, equality, panic.
 *
 * A box never changes once made, so its address can stand for the value. Constants are boxed in static data.
 */
#include "gen.h"
#include "../runtime/abi/type.h"

static bool is_empty(Type *iface) { return type_under(iface)->u.iface.methods.n == 0; }

/* ---- boxing */
static Ir constant_box(Gen *g, Value v) {
  Ir words[MAX_BUNDLE];
  for (int i = 0; i < v.n; i++) {
    if (v.mem || !LLVMIsConstant(v.w[i])) return NULL;
    bool is_bool = LLVMTypeOf(v.w[i]) == g->i1;
    words[i] = is_bool ? LLVMConstInt(g->i8, LLVMConstIntGetZExtValue(v.w[i]), false) : v.w[i];
  }
  Ir init = v.n == 1 ? words[0] : LLVMConstStructInContext(g->cx, words, (unsigned)v.n, false);
  Ir box = static_object(g, LLVMTypeOf(init), init, true);
  LLVMSetAlignment(box, 8);
  return box;
}

static Ir box_value(Gen *g, Value v, bool heap) {
  if (type_direct(v.type)) return v.w[0];
  Ir box = constant_box(g, v);
  if (box) return box;
  box = alloc_object(g, v.type, heap);
  value_store(g, v, box);
  return box;
}

static Value to_iface(Gen *g, Value v, Type *iface, bool heap) {
  v.type = type_default(v.type);
  Ir word = is_empty(iface) ? type_desc(g, v.type) : itab_of(g, v.type, iface);
  return value2(iface, word, box_value(g, v, heap));
}

/* The dynamic type's descriptor; null in a nil interface. */
Ir iface_type_word(Gen *g, Value v) {
  if (is_empty(v.type)) return v.w[0];
  Ir null = LLVMConstNull(g->ptr), some = LLVMBuildICmp(g->b, LLVMIntNE, v.w[0], null, "");
  LLVMBasicBlockRef from = LLVMGetInsertBlock(g->b), load = add_block(g, ""), join = add_block(g, "");
  branch(g, some, load, join);
  LLVMPositionBuilderAtEnd(g->b, load);
  Ir type = LLVMBuildLoad2(g->b, g->ptr, byte_offset(g, v.w[0], offsetof(struct toy_itab, type)), "");
  start_block(g, join);
  return phi2(g, null, from, type, load);
}

/* The itab of a dynamic type for a non-empty interface; null for null and for types that do not implement it. */
static Ir find_itab(Gen *g, Ir type_word, Type *iface) {
  Ir null = LLVMConstNull(g->ptr), some = LLVMBuildICmp(g->b, LLVMIntNE, type_word, null, "");
  LLVMBasicBlockRef from = LLVMGetInsertBlock(g->b), ask = add_block(g, ""), join = add_block(g, "");
  branch(g, some, ask, join);
  LLVMPositionBuilderAtEnd(g->b, ask);
  Ir itab = RT(g, ifaceE2I, NULL, type_desc(g, iface), type_word);
  start_block(g, join);
  return phi2(g, null, from, itab, ask);
}

static Value iface_to_iface(Gen *g, Value v, Type *t) {
  if (type_identical(type_under(v.type), type_under(t))) return value2(t, v.w[0], v.w[1]);
  Ir type = iface_type_word(g, v);
  return value2(t, is_empty(t) ? type : find_itab(g, type, t), v.w[1]);
}

Value convert_assign(Gen *g, Value v, Type *t, bool heap) {
  if (!type_is_interface(t)) {
    v.type = t;
    return v;
  }
  return type_is_interface(v.type) ? iface_to_iface(g, v, t) : to_iface(g, v, t, heap);
}

/* ---- assertions */
Value iface_unbox(Gen *g, Value x, Type *t) {
  if (type_direct(t)) return value1(t, x.w[1]);
  Value v = value_load(g, t, x.w[1]);
  v.fresh = v.mem;
  return v;
}

/* Whether a dynamic type is `want`, or implements it. */
Ir type_matches(Gen *g, Ir type_word, Type *want, Ir *word) {
  *word = type_word;
  if (!type_is_interface(want)) return LLVMBuildICmp(g->b, LLVMIntEQ, type_word, type_desc(g, want), "");
  if (!is_empty(want)) *word = find_itab(g, type_word, want);
  return LLVMBuildICmp(g->b, LLVMIntNE, *word, LLVMConstNull(g->ptr), "");
}

Value match_value(Gen *g, Value x, Type *want, Ir word) {
  return type_is_interface(want) ? value2(want, word, x.w[1]) : iface_unbox(g, x, want);
}

static Value assert_or_panic(Gen *g, Value x, Type *want) {
  Ir word, type = iface_type_word(g, x);
  LLVMBasicBlockRef go_on = check_begin(g, type_matches(g, type, want, &word));
  RT(g, panicdottype, NULL, type, type_desc(g, want), type_desc(g, x.type));
  check_end(g, go_on);
  return match_value(g, x, want, word);
}

/* v, ok: v is the zero value where it does not match. */
static Value assert_or_zero(Gen *g, Value x, Type *want, Ir *ok) {
  Ir word;
  *ok = type_matches(g, iface_type_word(g, x), want, &word);
  Ir slot = new_temp(g, want);
  LLVMBasicBlockRef yes = add_block(g, ""), no = add_block(g, ""), join = add_block(g, "");
  branch(g, *ok, yes, no);
  LLVMPositionBuilderAtEnd(g->b, no);
  store_zero(g, want, slot);
  jump(g, join);
  start_block(g, yes);
  value_store(g, match_value(g, x, want, word), slot);
  start_block(g, join);
  Value v = value_load(g, want, slot);
  v.fresh = v.mem;
  return v;
}

void gen_assert(Gen *g, Expr *e, bool comma_ok, ValueList *out) {
  Value x = gen_expr(g, e->u.typeassert.x);
  Type *want = e->u.typeassert.type_expr->type;
  debug_at(g, e->pos);
  if (!comma_ok) {
    list_push(out, assert_or_panic(g, x, want));
    return;
  }
  Ir ok;
  list_push(out, assert_or_zero(g, x, want, &ok));
  list_push(out, value1(type_basic(T_BOOL), ok));
}

/* ---- equality */
Ir iface_equal(Gen *g, Value x, Value y) {
  Ir tx = iface_type_word(g, x), ty = iface_type_word(g, y);
  Ir same = LLVMBuildICmp(g->b, LLVMIntEQ, tx, ty, "");
  LLVMBasicBlockRef from = LLVMGetInsertBlock(g->b), deep = add_block(g, ""), join = add_block(g, "");
  branch(g, same, deep, join);
  LLVMPositionBuilderAtEnd(g->b, deep);
  Ir eq = RT(g, efaceeq, NULL, tx, x.w[1], ty, y.w[1]);
  start_block(g, join);
  return phi2(g, LLVMConstInt(g->i1, 0, false), from, eq, deep);
}

/* ---- panic and recover */

/* Toy code of package runtime, so that its frames can be walked. */
static Ir gopanic_func(Gen *g, LLVMTypeRef *type) {
  *type = LLVMFunctionType(g->voidt, (LLVMTypeRef[]){g->ptr, g->ref}, 2, false);
  Ir fn = runtime_func(g, "runtime.gopanic", *type);
  add_fn_attr(g, fn, "noreturn");
  add_fn_attr(g, fn, "cold");
  return fn;
}

void panic_value(Gen *g, Value v) {
  LLVMTypeRef type;
  Ir fn = gopanic_func(g, &type), call = LLVMBuildCall2(g->b, type, fn, v.w, 2, "");
  LLVMSetInstructionCallConv(call, LLVMSwiftCallConv);
  LLVMBuildUnreachable(g->b);
  LLVMPositionBuilderAtEnd(g->b, add_block(g, "dead"));
}

void gen_panic(Gen *g, Expr *e) {
  Value v = gen_expr_as(g, e->u.call.args.v[0], type_any);
  debug_at(g, e->pos);
  panic_value(g, v);
}

Value gen_recover(Gen *g) {
  Ir data, type = rt_call(g, RT_gorecover, &data, NULL, 0);
  return value2(type_any, type, data);
}
