/* gen_loop.c: for and range.
 *
 * Loop variables are new in every iteration. A frame slot may serve all of them (escape analysis has seen to it that no
 * iteration can see another's); a heap variable of a three-clause loop is copied into a new one before the post
 * statement. Range loops count in a hidden variable and need no bounds checks.
 */
#include "gen.h"

typedef struct Loop { Flow flow; LLVMBasicBlockRef head, body, next, end; } Loop;

static void loop_open(Gen *g, Loop *loop, Stmt *s) {
  loop->head = add_block(g, "loop"), loop->body = add_block(g, "body");
  loop->next = add_block(g, "next"), loop->end = add_block(g, "end");
  loop->flow = (Flow){s, loop->end, loop->next, g->fn->flow};
  g->fn->flow = &loop->flow;
}

/* From the head's condition into the body. */
static void loop_body(Gen *g, Loop *loop) {
  LLVMMoveBasicBlockAfter(loop->body, LLVMGetInsertBlock(g->b));
  LLVMPositionBuilderAtEnd(g->b, loop->body);
}

static void loop_close(Gen *g, Loop *loop) {
  jump(g, loop->head);
  LLVMMoveBasicBlockAfter(loop->end, LLVMGetInsertBlock(g->b));
  LLVMPositionBuilderAtEnd(g->b, loop->end);
  g->fn->flow = loop->flow.outer;
}

/* ---- for */
static void init_loop_var(Gen *g, Object *o) {
  if (!o || !heap_var(g, o)) return;
  Value v = value_stable(g, value_load(g, o->type, var_addr(g, o)));
  declare_loop_var(g, o);
  value_store(g, v, var_addr(g, o));
}

static ObjectList *loop_vars(Stmt *s) {
  Stmt *init = s->u.fors.init;
  static ObjectList none;
  return init && init->kind == STMT_ASSIGN && init->u.assign.op == OP_DEFINE ? &init->u.assign.defined : &none;
}

void gen_for(Gen *g, Stmt *s) {
  Loop loop;
  if (s->u.fors.init) gen_stmt(g, s->u.fors.init);
  ObjectList *vars = loop_vars(s);
  for (int i = 0; i < vars->n; i++) init_loop_var(g, vars->v[i]);
  loop_open(g, &loop, s);
  start_block(g, loop.head);
  if (s->u.fors.cond) gen_cond_jump(g, s->u.fors.cond, loop.body, loop.end);
  else jump(g, loop.body);
  loop_body(g, &loop);
  gen_stmt(g, s->u.fors.body);
  start_block(g, loop.next);
  debug_at(g, s->pos);
  for (int i = 0; i < vars->n; i++)
    if (vars->v[i] && heap_var(g, vars->v[i])) renew_loop_var(g, vars->v[i]);
  if (s->u.fors.post) gen_stmt(g, s->u.fors.post);
  loop_close(g, &loop);
}

/* ---- range */
static bool is_blank_expr(Expr *e) { return !e || (e->kind == EXPR_IDENT && !e->obj); }

static bool wants_value(Stmt *s) {
  return s->u.range.op == OP_DEFINE ? s->u.range.value_obj != NULL : !is_blank_expr(s->u.range.value);
}

static void define_key_value(Gen *g, Stmt *s, Value key, const Value *value) {
  Object *k = s->u.range.key_obj, *v = s->u.range.value_obj;
  if (k) {
    key.type = k->type;
    value_store(g, key, declare_var(g, k));
  }
  if (value && v) value_store(g, *value, declare_var(g, v));
}

/* As in any assignment, what the second destination needs is evaluated before the first is assigned to. */
static void assign_key_value(Gen *g, Stmt *s, Value key, const Value *value) {
  Dest k = {.check = DEST_BLANK}, v = {.check = DEST_BLANK};
  if (!is_blank_expr(s->u.range.key)) k = gen_dest(g, s->u.range.key);
  if (value && !is_blank_expr(s->u.range.value)) v = gen_dest(g, s->u.range.value);
  Value second = v.check == DEST_BLANK ? (Value){0} : convert_assign(g, value_stable(g, *value), v.type, true);
  if (k.check != DEST_BLANK) dest_store(g, &k, convert_assign(g, key, k.type, true));
  if (v.check != DEST_BLANK) dest_store(g, &v, second);
}

static void bind_key_value(Gen *g, Stmt *s, Value key, const Value *value) {
  debug_at(g, s->pos);
  if (s->u.range.op == OP_DEFINE) define_key_value(g, s, key, value);
  else assign_key_value(g, s, key, value);
}

/* Counts a hidden variable of n's type from 0 to n; in the body, *i is its value. */
static void count_open(Gen *g, Loop *loop, Stmt *s, Ir n, bool uns, Ir *slot, Ir *i) {
  *slot = new_alloca(g, LLVMTypeOf(n), "");
  LLVMBuildStore(g->b, const_int_like(g, n, 0), *slot);
  loop_open(g, loop, s);
  start_block(g, loop->head);
  *i = LLVMBuildLoad2(g->b, LLVMTypeOf(n), *slot, "");
  branch(g, LLVMBuildICmp(g->b, uns ? LLVMIntULT : LLVMIntSLT, *i, n, ""), loop->body, loop->end);
  loop_body(g, loop);
}

static void count_close(Gen *g, Loop *loop, Stmt *s, Ir slot, Ir i) {
  start_block(g, loop->next);
  debug_at(g, s->pos);
  LLVMBuildStore(g->b, LLVMBuildAdd(g->b, i, const_int_like(g, i, 1), ""), slot);
  loop_close(g, loop);
}

static void range_int(Gen *g, Stmt *s) {
  Type *t = type_default(s->u.range.x->type);
  if (s->u.range.key_obj) t = s->u.range.key_obj->type;
  Value n = gen_expr_as(g, s->u.range.x, t);
  Loop loop;
  Ir slot, i;
  count_open(g, &loop, s, n.w[0], type_is_unsigned(t), &slot, &i);
  bind_key_value(g, s, value1(t, i), NULL);
  gen_stmt(g, s->u.range.body);
  count_close(g, &loop, s, slot, i);
}

static void range_elems(Gen *g, Stmt *s, Ir base, Ir len, Type *elem, bool may_be_nil) {
  Loop loop;
  Ir slot, i;
  count_open(g, &loop, s, len, false, &slot, &i);
  Value v;
  bool value = wants_value(s);
  if (value) {
    if (may_be_nil) check_nil(g, base);
    v = value_load(g, elem, elem_addr(g, elem, base, i));
  }
  bind_key_value(g, s, value1(type_basic(T_INT), i), value ? &v : NULL);
  gen_stmt(g, s->u.range.body);
  count_close(g, &loop, s, slot, i);
}

/* The body may change an array that is ranged over by value; it must not be seen. */
static void range_array(Gen *g, Stmt *s, Type *u) {
  Value a = gen_expr(g, s->u.range.x);
  if (wants_value(s)) a = value_stable(g, a);
  range_elems(g, s, a.w[0], const_i64(g, u->u.array.len), u->u.array.elem, false);
}

static void range_string(Gen *g, Stmt *s) {
  Value str = gen_expr(g, s->u.range.x);
  Ir slot = new_alloca(g, g->i64, ""), after = new_alloca(g, g->i64, ""), rune_slot = new_alloca(g, g->i32, "");
  LLVMBuildStore(g->b, const_i64(g, 0), slot);
  Loop loop;
  loop_open(g, &loop, s);
  start_block(g, loop.head);
  Ir i = LLVMBuildLoad2(g->b, g->i64, slot, "");
  branch(g, LLVMBuildICmp(g->b, LLVMIntSLT, i, str.w[1], ""), loop.body, loop.end);
  loop_body(g, &loop);
  LLVMBasicBlockRef many = add_block(g, ""), join = add_block(g, "");
  Ir byte = LLVMBuildLoad2(g->b, g->i8, elem_addr(g, type_basic(T_UINT8), str.w[0], i), "");
  LLVMBuildStore(g->b, LLVMBuildZExt(g->b, byte, g->i32, ""), rune_slot);
  LLVMBuildStore(g->b, LLVMBuildAdd(g->b, i, const_i64(g, 1), ""), after);
  branch(g, LLVMBuildICmp(g->b, LLVMIntSLT, byte, LLVMConstInt(g->i8, 0, false), ""), many, join);
  LLVMPositionBuilderAtEnd(g->b, many);
  Ir next, rune = RT(g, decoderune, &next, str.w[0], str.w[1], i);
  LLVMBuildStore(g->b, rune, rune_slot);
  LLVMBuildStore(g->b, next, after);
  start_block(g, join);
  Value v = value1(type_rune, LLVMBuildLoad2(g->b, g->i32, rune_slot, ""));
  next = LLVMBuildLoad2(g->b, g->i64, after, "");
  bind_key_value(g, s, value1(type_basic(T_INT), i), wants_value(s) ? &v : NULL);
  gen_stmt(g, s->u.range.body);
  start_block(g, loop.next);
  LLVMBuildStore(g->b, next, slot);
  loop_close(g, &loop);
}

static void range_chan(Gen *g, Stmt *s) {
  Value ch = gen_expr(g, s->u.range.x);
  Loop loop;
  loop_open(g, &loop, s);
  start_block(g, loop.head);
  debug_at(g, s->pos);
  Ir ok;
  Value v = gen_recv(g, ch, &ok);
  branch(g, ok, loop.body, loop.end);
  loop_body(g, &loop);
  bind_key_value(g, s, v, NULL);
  gen_stmt(g, s->u.range.body);
  start_block(g, loop.next);
  loop_close(g, &loop);
}

/* for k := range m { delete(m, k) } where every key can be found again (it is no NaN): as clear(m). */
static bool clears_map(Stmt *s, Type *u) {
  StmtList *body = &s->u.range.body->u.block.list;
  Expr *m = expr_unparen(s->u.range.x);
  if (s->u.range.op != OP_DEFINE || s->u.range.value_obj || body->n != 1 || body->v[0]->kind != STMT_EXPR) return false;
  Expr *call = expr_unparen(body->v[0]->u.expr.x);
  if (call->kind != EXPR_CALL || call->u.call.call != CALL_BUILTIN || call->u.call.builtin != BUILTIN_DELETE) return false;
  if (call->u.call.by_names) return false;
  Expr *from = expr_unparen(call->u.call.args.v[0]), *key = expr_unparen(call->u.call.args.v[1]);
  bool same = m->kind == EXPR_IDENT && from->kind == EXPR_IDENT && m->obj == from->obj && key->kind == EXPR_IDENT &&
              key->obj && key->obj == s->u.range.key_obj;
  return same && (type_memequal(u->u.map.key) || type_is_string(u->u.map.key));
}

static void range_map(Gen *g, Stmt *s) {
  Value m = gen_expr(g, s->u.range.x);
  debug_at(g, s->pos);
  if (clears_map(s, type_under(m.type))) {
    clear_value(g, m);
    return;
  }
  MapIter it = map_iter_begin(g, m);
  Loop loop;
  loop_open(g, &loop, s);
  start_block(g, loop.head);
  branch(g, map_iter_at_entry(g, &it), loop.body, loop.end);
  loop_body(g, &loop);
  Value k = value_stable(g, map_iter_key(g, &it)), v;
  bool value = wants_value(s);
  if (value) v = map_iter_elem(g, &it);
  bind_key_value(g, s, k, value ? &v : NULL);
  gen_stmt(g, s->u.range.body);
  start_block(g, loop.next);
  debug_at(g, s->pos);
  map_iter_next(g, &it);
  loop_close(g, &loop);
}

void gen_range(Gen *g, Stmt *s) {
  Type *u = type_under(type_default(s->u.range.x->type));
  if (type_is_integer(u)) {
    range_int(g, s);
    return;
  }
  switch (u->kind) {
  case T_STRING: range_string(g, s); return;
  case T_CHAN: range_chan(g, s); return;
  case T_MAP: range_map(g, s); return;
  case T_ARRAY: range_array(g, s, u); return;
  case T_SLICE: {
    Value v = gen_expr(g, s->u.range.x);
    range_elems(g, s, v.w[0], v.w[1], u->u.slice.elem, false);
    return;
  }
  case T_POINTER: {
    Type *array = type_under(u->u.pointer.elem);
    Ir p = gen_expr(g, s->u.range.x).w[0];
    range_elems(g, s, p, const_i64(g, array->u.array.len), array->u.array.elem, true);
    return;
  }
  default: not_yet(s->pos, "this kind of range");
  }
}
