/* gen_stmt.c: statements but loops (gen_loop.c), switches (gen_switch.c) and select (gen_select.c).
 *
 * Behind a statement that ends its block (return, break, panic) the builder stands in a block that nothing jumps to, so
 * that what follows needs no special case; the optimiser drops it.
 */
#include "gen.h"

static void start_dead(Gen *g) { LLVMPositionBuilderAtEnd(g->b, add_block(g, "dead")); }

/* ---- variables */
static bool is_local_var(Object *o) { return o && o->kind == OBJ_VAR; }

static void define_var(Gen *g, Object *o, Value v) {
  if (!is_local_var(o)) return;
  value_store(g, v, declare_var(g, o));
}

/* One variable, one value: built in place when nothing can see the place yet. */
static void define_from(Gen *g, Object *o, Expr *e) {
  Expr *x = expr_unparen(e);
  bool in_place = x->kind == EXPR_COMPOSITE && type_info(g, o->type)->rep == REP_MEM && x->mode != MODE_CONST;
  if (!in_place) {
    define_var(g, o, gen_expr_as(g, e, o->type));
    return;
  }
  bool heap = heap_var(g, o);
  gen_composite_into(g, x, declare_var(g, o), heap);
}

static void gen_var_decl(Gen *g, Decl *d) {
  ObjectList *objs = &d->u.var.objs;
  if (d->u.var.values.n == 0) {
    for (int i = 0; i < objs->n; i++)
      if (is_local_var(objs->v[i])) store_zero(g, objs->v[i]->type, declare_var(g, objs->v[i]));
    return;
  }
  if (objs->n == 1 && objs->v[0]) {
    define_from(g, objs->v[0], d->u.var.values.v[0]);
    return;
  }
  TypeList types = {0};
  ValueList vals = {0};
  Type *declared = d->u.var.type_expr ? d->u.var.type_expr->type : NULL;
  for (int i = 0; i < d->u.var.names.n; i++)
    list_push(&types, i < objs->n && objs->v[i] ? objs->v[i]->type : declared);
  gen_values(g, &d->u.var.values, &types, &vals);
  for (int i = 0; i < objs->n; i++) define_var(g, objs->v[i], vals.v[i]);
}

/* ---- assignment */
static Object *defined_at(Stmt *s, int i) {
  return s->u.assign.op == OP_DEFINE && i < s->u.assign.defined.n ? s->u.assign.defined.v[i] : NULL;
}

static void gen_op_assign(Gen *g, Stmt *s) {
  Expr *lhs = s->u.assign.lhs.v[0], *rhs = s->u.assign.rhs.v[0];
  Op op = s->u.assign.op;
  bool shift = op == OP_SHL || op == OP_SHR;
  Dest d = gen_dest(g, lhs);
  Value y = shift ? gen_expr(g, rhs) : gen_expr_as(g, rhs, lhs->type);
  debug_at(g, s->pos);
  Ir addr = dest_addr(g, &d);
  Value x = value_load(g, d.type, addr);
  value_store(g, shift ? gen_shift(g, op, x, y) : gen_arith(g, op, x, y), addr);
}

static void gen_multi_assign(Gen *g, Stmt *s) {
  ExprList *lhs = &s->u.assign.lhs;
  Dest *dests = arena_alloc((size_t)lhs->n * sizeof *dests);
  TypeList types = {0};
  ValueList vals = {0};
  for (int i = 0; i < lhs->n; i++) {
    Object *o = defined_at(s, i);
    if (!o) dests[i] = gen_dest(g, lhs->v[i]);
    list_push(&types, o ? o->type : dests[i].check == DEST_BLANK ? NULL : dests[i].type);
  }
  gen_values(g, &s->u.assign.rhs, &types, &vals);
  debug_at(g, s->pos);
  for (int i = 0; i < lhs->n; i++) {
    Object *o = defined_at(s, i);
    if (o) define_var(g, o, vals.v[i]);
    else dest_store(g, &dests[i], vals.v[i]);
  }
}

static void gen_assign(Gen *g, Stmt *s) {
  Op op = s->u.assign.op;
  if (op != OP_ASSIGN && op != OP_DEFINE) {
    gen_op_assign(g, s);
    return;
  }
  if (s->u.assign.lhs.n > 1) {
    gen_multi_assign(g, s);
    return;
  }
  Object *o = defined_at(s, 0);
  if (o) {
    define_from(g, o, s->u.assign.rhs.v[0]);
    return;
  }
  Dest d = gen_dest(g, s->u.assign.lhs.v[0]);
  if (d.check == DEST_BLANK) {
    if (expr_unparen(s->u.assign.rhs.v[0])->mode != MODE_NIL) gen_expr(g, s->u.assign.rhs.v[0]);
    return;
  }
  Value v = gen_expr_as(g, s->u.assign.rhs.v[0], d.type);
  debug_at(g, s->pos);
  dest_store(g, &d, v);
}

static void gen_incdec(Gen *g, Stmt *s) {
  Dest d = gen_dest(g, s->u.incdec.x);
  debug_at(g, s->pos);
  Ir addr = dest_addr(g, &d);
  Value x = value_load(g, d.type, addr);
  LLVMTypeRef t = LLVMTypeOf(x.w[0]);
  Ir one = type_is_float(d.type) ? LLVMConstReal(t, 1) : LLVMConstInt(t, 1, false);
  value_store(g, gen_arith(g, s->u.incdec.op, x, value1(d.type, one)), addr);
}

/* ---- return */
void load_results(Gen *g, Func *f, ValueList *vals) {
  for (int i = 0; i < f->results.n; i++) {
    Object *o = f->results.v[i];
    list_push(vals, value_load(g, o->type, var_addr(g, o)));
  }
}

/* Named results are assigned first: a closure may still see them after the return. */
static void gen_return(Gen *g, Stmt *s) {
  Func *f = g->fn->func;
  ValueList vals = {0};
  TypeList types = {0};
  for (int i = 0; i < f->results.n; i++) list_push(&types, f->results.v[i]->type);
  if (s->u.ret.results.n > 0) gen_values(g, &s->u.ret.results, &types, &vals);
  debug_at(g, s->pos);
  if (f->named_results || g->fn->defers)
    for (int i = 0; i < vals.n; i++) value_store(g, vals.v[i], var_addr(g, f->results.v[i]));
  if (g->fn->defers) {
    defer_return(g);
    start_dead(g);
    return;
  }
  if (f->named_results) {
    vals = (ValueList){0};
    load_results(g, f, &vals);
  }
  return_values(g, &vals);
  start_dead(g);
}

/* ---- jumps */
static LLVMBasicBlockRef label_block(Gen *g, Stmt *labeled) {
  LabelList *labels = &g->fn->labels;
  for (int i = 0; i < labels->n; i++)
    if (labels->v[i].stmt == labeled) return labels->v[i].block;
  list_push(labels, ((LabelBlock){labeled, add_block(g, labeled->u.labeled.label)}));
  return labels->v[labels->n - 1].block;
}

static Flow *find_flow(Gen *g, Stmt *target) {
  for (Flow *f = g->fn->flow; f; f = f->outer)
    if (f->stmt == target) return f;
  unreachable_case("branch to a statement that is not around");
}

static void gen_branch(Gen *g, Stmt *s) {
  LLVMBasicBlockRef to = NULL;
  switch (s->u.branch.branch) {
  case BRANCH_BREAK: to = find_flow(g, s->u.branch.target)->on_break; break;
  case BRANCH_CONTINUE: to = find_flow(g, s->u.branch.target)->on_continue; break;
  case BRANCH_FALLTHROUGH: to = g->fn->fallthrough; break;
  case BRANCH_GOTO: to = label_block(g, s->u.branch.target); break;
  }
  check_that(to != NULL);
  jump(g, to);
  start_dead(g);
}

static void gen_labeled(Gen *g, Stmt *s) {
  start_block(g, label_block(g, s));
  gen_stmt(g, s->u.labeled.stmt);
}

/* ---- the rest */
static void gen_if(Gen *g, Stmt *s) {
  if (s->u.ifs.init) gen_stmt(g, s->u.ifs.init);
  LLVMBasicBlockRef yes = add_block(g, "then"), join = add_block(g, "join");
  LLVMBasicBlockRef no = s->u.ifs.els ? add_block(g, "else") : join;
  gen_cond_jump(g, s->u.ifs.cond, yes, no);
  LLVMMoveBasicBlockAfter(yes, LLVMGetInsertBlock(g->b));
  LLVMPositionBuilderAtEnd(g->b, yes);
  gen_stmt(g, s->u.ifs.then);
  jump(g, join);
  if (s->u.ifs.els) {
    LLVMMoveBasicBlockAfter(no, LLVMGetInsertBlock(g->b));
    LLVMPositionBuilderAtEnd(g->b, no);
    gen_stmt(g, s->u.ifs.els);
  }
  start_block(g, join);
}

static void gen_expr_stmt(Gen *g, Expr *e) {
  e = expr_unparen(e);
  ValueList out = {0};
  if (e->kind == EXPR_CALL) gen_call_results(g, e, &out);
  else gen_expr(g, e);
}

static void gen_send_stmt(Gen *g, Stmt *s) {
  Value ch = gen_expr(g, s->u.send.chan);
  Value v = gen_expr_as(g, s->u.send.value, type_under(ch.type)->u.chan.elem);
  debug_at(g, s->pos);
  gen_send(g, ch, v);
}

void gen_stmt(Gen *g, Stmt *s) {
  debug_at(g, s->pos);
  switch (s->kind) {
  case STMT_EMPTY: break;
  case STMT_EXPR: gen_expr_stmt(g, s->u.expr.x); break;
  case STMT_SEND: gen_send_stmt(g, s); break;
  case STMT_INCDEC: gen_incdec(g, s); break;
  case STMT_ASSIGN: gen_assign(g, s); break;
  case STMT_GO: gen_go(g, s->u.expr.x); break;
  case STMT_RETURN: gen_return(g, s); break;
  case STMT_BRANCH: gen_branch(g, s); break;
  case STMT_BLOCK: gen_stmts(g, &s->u.block.list); break;
  case STMT_IF: gen_if(g, s); break;
  case STMT_SWITCH: gen_switch(g, s); break;
  case STMT_TYPESWITCH: gen_typeswitch(g, s); break;
  case STMT_FOR: gen_for(g, s); break;
  case STMT_RANGE: gen_range(g, s); break;
  case STMT_LABELED: gen_labeled(g, s); break;
  case STMT_DECL:
    if (s->u.decl.decl->kind == DECL_VAR) gen_var_decl(g, s->u.decl.decl);
    break;
  case STMT_DEFER: gen_defer(g, s); break;
  case STMT_SELECT: gen_select(g, s); break;
  case STMT_BAD: unreachable_case("statement with errors");
  }
}

void gen_stmts(Gen *g, StmtList *list) {
  for (int i = 0; i < list->n; i++) gen_stmt(g, list->v[i]);
}
