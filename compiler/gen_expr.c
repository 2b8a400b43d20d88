/* gen_expr.c: expressions: the dispatch, names, constants, conditions.
 *
 * Operands are generated left to right, which is Go's order for calls and receives; when a variable is read relative to
 * a call beside it is left open by Go too.
 */
#include "gen.h"

/* Whether what e allocates goes to the heap (escape.h). */
bool heap_expr(Gen *g, Expr *e) { return g->fn->heap_all || e->escapes; }

/* ---- variables */
bool heap_var(Gen *g, Object *o) {
  if (o->escapes) return true;
  return g->fn->heap_all && (o->addr_taken || (o->captured && !escape_captured_by_value(o)));
}

void bind_var(Object *o, Ir addr) { o->gen = addr, o->number = 0; }

Ir declare_var(Gen *g, Object *o) {
  Ir addr = alloc_object(g, o->type, heap_var(g, o));
  LLVMSetValueName2(addr, o->name, __builtin_strlen(o->name));
  bind_var(o, addr);
  return addr;
}

/* Object.number says that Object.gen is a slot holding the address of this iteration's variable. */
void declare_loop_var(Gen *g, Object *o) {
  Ir slot = new_alloca(g, g->ref, o->name), box = RT(g, newobject, NULL, type_desc(g, o->type));
  LLVMBuildStore(g->b, box, slot);
  o->gen = slot, o->number = 1;
}

void renew_loop_var(Gen *g, Object *o) {
  Value v = value_load(g, o->type, var_addr(g, o));
  Ir box = RT(g, newobject, NULL, type_desc(g, o->type));
  value_store(g, v, box);
  LLVMBuildStore(g->b, box, o->gen);
}

static Ir captured_addr(Gen *g, Object *o) {
  ObjectList *list = &g->fn->func->captures;
  for (int i = 0; i < list->n; i++)
    if (list->v[i] == o) return g->fn->captures[i];
  unreachable_case("%s is used in %s but not captured", o->name, g->fn->func->symbol);
}

Ir var_addr(Gen *g, Object *o) {
  if (o->global) return global_addr(g, o);
  if (o->func != g->fn->func) return captured_addr(g, o);
  check_that(o->gen != NULL);
  return o->number ? LLVMBuildLoad2(g->b, g->ref, o->gen, "") : o->gen;
}

static Value gen_name(Gen *g, Expr *e) {
  Object *o = e->obj;
  if (o->kind == OBJ_FUNC) return func_value(g, o->func);
  if (o->kind != OBJ_VAR) unreachable_case("%s is no value", o->name);
  return value_load(g, o->type, var_addr(g, o));
}

/* ---- constants */
static Value const_of_string(Gen *g, Type *t, const Const *c) {
  size_t n;
  const char *text = const_string(c, &n);
  return value2(t, string_data(g, text, n), const_i64(g, (int64_t)n));
}

Value const_value(Gen *g, Type *t, const Const *c) {
  Type *u = type_under(type_default(t));
  if (u->kind == T_STRING) return const_of_string(g, t, c);
  LLVMTypeRef s = scalar_type(g, t);
  if (u->kind == T_BOOL) return value1(t, LLVMConstInt(s, const_bool(c), false));
  if (u->kind == T_FLOAT32) return value1(t, LLVMConstReal(s, (double)const_float(c)));
  if (u->kind == T_FLOAT64) return value1(t, LLVMConstReal(s, const_double(c)));
  return value1(t, LLVMConstInt(s, (unsigned long long)const_int64(c), true));
}

/* ---- conditions */
static bool is_logic(Expr *e, Op op) { return e->kind == EXPR_BINARY && e->u.binary.op == op && e->mode != MODE_CONST; }

void gen_cond_jump(Gen *g, Expr *e, LLVMBasicBlockRef yes, LLVMBasicBlockRef no) {
  e = expr_unparen(e);
  bool land = is_logic(e, OP_LAND);
  if (e->kind == EXPR_UNARY && e->u.unary.op == OP_NOT && e->mode != MODE_CONST) {
    gen_cond_jump(g, e->u.unary.x, no, yes);
  } else if (land || is_logic(e, OP_LOR)) {
    LLVMBasicBlockRef rest = add_block(g, "");
    gen_cond_jump(g, e->u.binary.x, land ? rest : yes, land ? no : rest);
    LLVMMoveBasicBlockAfter(rest, LLVMGetInsertBlock(g->b));
    LLVMPositionBuilderAtEnd(g->b, rest);
    gen_cond_jump(g, e->u.binary.y, yes, no);
  } else {
    Ir cond = gen_expr(g, e).w[0];
    debug_at(g, e->pos);
    branch(g, cond, yes, no);
  }
}

static Value gen_logic(Gen *g, Expr *e) {
  LLVMBasicBlockRef yes = add_block(g, ""), no = add_block(g, ""), join = add_block(g, "");
  gen_cond_jump(g, e, yes, no);
  LLVMPositionBuilderAtEnd(g->b, yes);
  LLVMBuildBr(g->b, join);
  LLVMPositionBuilderAtEnd(g->b, no);
  LLVMBuildBr(g->b, join);
  LLVMMoveBasicBlockAfter(join, no);
  LLVMPositionBuilderAtEnd(g->b, join);
  return value1(e->type, phi2(g, LLVMConstInt(g->i1, 1, false), yes, LLVMConstInt(g->i1, 0, false), no));
}

/* ---- operators */
static bool is_nil(Expr *e) { return expr_unparen(e)->mode == MODE_NIL; }

/* An interface against a value of another type: equal types, then equal values; nothing is boxed. */
static Ir compare_mixed(Gen *g, Value iface, Value v) {
  LLVMBasicBlockRef same = add_block(g, ""), join = add_block(g, "");
  Ir is_type = LLVMBuildICmp(g->b, LLVMIntEQ, iface_type_word(g, iface), type_desc(g, v.type), "");
  LLVMBasicBlockRef from = LLVMGetInsertBlock(g->b);
  branch(g, is_type, same, join);
  LLVMPositionBuilderAtEnd(g->b, same);
  Ir eq = gen_equal(g, iface_unbox(g, iface, v.type), v);
  same = LLVMGetInsertBlock(g->b);
  start_block(g, join);
  return phi2(g, LLVMConstInt(g->i1, 0, false), from, eq, same);
}

Ir compare_values(Gen *g, Op op, Value x, Value y) {
  bool xi = type_is_interface(x.type), yi = type_is_interface(y.type);
  if (xi == yi) return gen_compare(g, op, x, y);
  Ir eq = xi ? compare_mixed(g, x, y) : compare_mixed(g, y, x);
  return op == OP_EQ ? eq : LLVMBuildNot(g->b, eq, "");
}

static Value gen_comparison(Gen *g, Expr *e) {
  Expr *x = e->u.binary.x, *y = e->u.binary.y;
  Op op = e->u.binary.op;
  if (is_nil(x) || is_nil(y)) {
    Value v = gen_expr(g, is_nil(x) ? y : x);
    debug_at(g, e->pos);
    return value1(e->type, LLVMBuildICmp(g->b, op == OP_EQ ? LLVMIntEQ : LLVMIntNE, v.w[0],
                                         LLVMConstNull(LLVMTypeOf(v.w[0])), ""));
  }
  Value a = value_stable(g, gen_expr(g, x)), b = gen_expr(g, y);
  debug_at(g, e->pos);
  return value1(e->type, compare_values(g, op, a, b));
}

static Value gen_binary(Gen *g, Expr *e) {
  Op op = e->u.binary.op;
  if (op == OP_LAND || op == OP_LOR) return gen_logic(g, e);
  if (op >= OP_EQ && op <= OP_GE) return gen_comparison(g, e);
  if (op == OP_ADD && type_is_string(e->type)) return gen_concat(g, e);
  Value x = gen_expr_as(g, e->u.binary.x, e->type);
  if (op == OP_SHL || op == OP_SHR) {
    Value count = gen_expr(g, e->u.binary.y);
    debug_at(g, e->pos);
    return gen_shift(g, op, x, count);
  }
  Value y = gen_expr_as(g, e->u.binary.y, e->type);
  debug_at(g, e->pos);
  return gen_arith(g, op, x, y);
}

static Value gen_address(Gen *g, Expr *e) {
  Expr *x = expr_unparen(e->u.unary.x);
  if (x->kind == EXPR_COMPOSITE) return value1(e->type, gen_addr_of_composite(g, x, x->type, heap_expr(g, e)));
  return value1(e->type, gen_addr(g, x));
}

static Value gen_unary(Gen *g, Expr *e) {
  if (e->u.unary.op == OP_ADDR) return gen_address(g, e);
  if (e->u.unary.op == OP_RECV) return gen_receive(g, e, NULL);
  Value x = gen_expr(g, e->u.unary.x);
  debug_at(g, e->pos);
  switch (e->u.unary.op) {
  case OP_ADD: return x;
  case OP_SUB: return gen_unary_minus(g, x);
  case OP_XOR: case OP_NOT: return value1(e->type, LLVMBuildNot(g->b, x.w[0], ""));
  default: unreachable_case("unary %s", op_text(e->u.unary.op));
  }
}

static Value gen_star(Gen *g, Expr *e) {
  Value p = gen_expr(g, e->u.star.x);
  debug_at(g, e->pos);
  check_nil(g, p.w[0]);
  return value_load(g, e->type, p.w[0]);
}

static Value gen_selector(Gen *g, Expr *e) {
  switch (e->u.selector.sel) {
  case SEL_PACKAGE: return gen_name(g, e);
  case SEL_FIELD: return gen_field(g, e);
  case SEL_METHOD: case SEL_IFACEMETHOD: return gen_method_value(g, e);
  case SEL_METHODEXPR: return gen_method_expr(g, e);
  case SEL_NONE: break;
  }
  unreachable_case("selector .%s selects nothing", e->u.selector.name);
}

static Value gen_assert_value(Gen *g, Expr *e) {
  ValueList out = {0};
  gen_assert(g, e, false, &out);
  return out.v[0];
}

static Value gen_node(Gen *g, Expr *e) {
  switch (e->kind) {
  case EXPR_IDENT: return gen_name(g, e);
  case EXPR_COMPOSITE: return gen_composite(g, e);
  case EXPR_FUNC: return gen_funclit(g, e);
  case EXPR_PAREN: return gen_expr(g, e->u.paren.x);
  case EXPR_SELECTOR: return gen_selector(g, e);
  case EXPR_INDEX: return gen_index(g, e);
  case EXPR_SLICE: return gen_slice(g, e);
  case EXPR_TYPEASSERT: return gen_assert_value(g, e);
  case EXPR_CALL: return gen_call(g, e);
  case EXPR_STAR: return gen_star(g, e);
  case EXPR_UNARY: return gen_unary(g, e);
  case EXPR_BINARY: return gen_binary(g, e);
  default: unreachable_case("expression kind %d", e->kind);
  }
}

Value gen_expr(Gen *g, Expr *e) {
  debug_at(g, e->pos);
  if (e->mode == MODE_CONST) return const_value(g, e->type, e->cval);
  if (e->mode == MODE_NIL) return value_zero(g, e->type);
  return gen_node(g, e);
}

/* As assigned to a variable of type t. */
Value gen_expr_as(Gen *g, Expr *e, Type *t) {
  if (is_nil(e)) return value_zero(g, t);
  if (e->mode == MODE_CONST && !type_is_interface(t)) return const_value(g, t, e->cval);
  Value v = gen_expr(g, e);
  return convert_assign(g, v, t, heap_expr(g, e));
}

void gen_expr_into(Gen *g, Expr *e, Type *t, Ir addr) {
  Expr *x = expr_unparen(e);
  if (x->kind == EXPR_COMPOSITE && type_info(g, t)->rep == REP_MEM) gen_composite_into(g, x, addr, false);
  else value_store(g, gen_expr_as(g, e, t), addr);
}

Ir gen_int(Gen *g, Expr *e, bool *is_unsigned) {
  bool uns = type_is_unsigned(e->type);
  if (is_unsigned) *is_unsigned = uns;
  if (e->mode == MODE_CONST) return const_i64(g, const_int64(e->cval));
  Ir v = gen_expr(g, e).w[0];
  return LLVMBuildIntCast2(g->b, v, g->i64, !uns, "");
}

/* ---- right-hand sides */
static void gen_spread(Gen *g, Expr *e, int want, ValueList *out) {
  Expr *x = expr_unparen(e);
  if (x->kind == EXPR_TYPEASSERT && want == 2) {
    gen_assert(g, x, true, out);
  } else if (x->kind == EXPR_INDEX && want == 2) {
    Ir ok;
    list_push(out, gen_map_index(g, x, &ok));
    list_push(out, value1(type_basic(T_BOOL), ok));
  } else if (x->kind == EXPR_UNARY && x->u.unary.op == OP_RECV && want == 2) {
    Ir ok;
    list_push(out, gen_receive(g, x, &ok));
    list_push(out, value1(type_basic(T_BOOL), ok));
  } else {
    check_that(x->kind == EXPR_CALL);
    gen_call_results(g, x, out);
  }
}

void gen_values(Gen *g, const ExprList *exprs, const TypeList *types, ValueList *out) {
  if (exprs->n == types->n) {
    for (int i = 0; i < exprs->n; i++) {
      Type *t = types->v[i];
      Value v = t ? gen_expr_as(g, exprs->v[i], t) : gen_expr(g, exprs->v[i]);
      list_push(out, exprs->n > 1 ? value_stable(g, v) : v);
    }
    return;
  }
  gen_spread(g, exprs->v[0], types->n, out);
  check_that(out->n == types->n);
  bool heap = heap_expr(g, exprs->v[0]) || expr_unparen(exprs->v[0])->kind == EXPR_UNARY; /* received: always */
  for (int i = 0; i < out->n; i++)
    if (types->v[i]) out->v[i] = convert_assign(g, out->v[i], types->v[i], heap);
}
