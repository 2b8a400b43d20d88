/* escape_stmt.c: statements → edges of the location graph.
 *
 * Walk.depth counts the loops around the point of the walk; what is declared or allocated there belongs to one
 * iteration of the innermost. A label that is jumped back to makes a loop of the rest of its function (the rest of
 * the loop's body would do, but where that ends is not worth finding out).
 */
#include "escape_walk.h"

Loc *declare_location(Walk *w, Object *obj, LocKind kind) {
  Loc *loc = graph_new(&w->graph, kind, w->fn, w->depth);
  loc->obj = obj;
  obj->number = w->graph.locs.n - 1;
  if (kind == LOC_VAR && type_size(obj->type) > ESCAPE_MAX_VARIABLE) graph_to_heap(loc, "too large for stack");
  return loc;
}

static Loc *declare_param(Walk *w, Func *f, Object *obj) {
  Loc *loc = declare_location(w, obj, LOC_PARAM);
  leaks_init(&loc->leaks, f->results.n);
  return loc;
}

void func_locations(Walk *w, Func *f) {
  if (!f->escape) f->escape = NEW(Summary);
  Summary *sum = f->escape;
  Func *fn = w->fn;
  int depth = w->depth;
  w->fn = f;
  w->depth = 1;
  if (f->recv) list_push(&sum->params, declare_param(w, f, f->recv));
  for (int i = 0; i < f->params.n; i++) list_push(&sum->params, declare_param(w, f, f->params.v[i]));
  for (int i = 0; i < f->results.n; i++) {
    Loc *loc = declare_location(w, f->results.v[i], LOC_RESULT);
    loc->result = i;
    list_push(&sum->results, loc);
  }
  sum->state = SUMMARY_ACTIVE;
  w->fn = fn;
  w->depth = depth;
}

void walk_func(Walk *w, Func *f) {
  Func *fn = w->fn;
  int depth = w->depth;
  bool heap_defers = w->heap_defers;
  StmtList looping = w->looping;
  w->fn = f;
  w->depth = 1;
  w->looping = looping_labels(f->body);
  w->heap_defers = f->has_defer && loops_defer(f->body, &w->looping);
  walk_stmt(w, f->body);
  w->fn = fn;
  w->depth = depth;
  w->looping = looping;
  w->heap_defers = heap_defers;
}

static void walk_stmts(Walk *w, StmtList list) {
  for (int i = 0; i < list.n; i++) walk_stmt(w, list.v[i]);
}

/* ---- assignment */

/* b.buf = b.buf[i:j], b a variable: nothing that *b did not hold before. Worth knowing because it is what buffers do.
 * Not for fields of what b points to through an embedded pointer: that may live longer than *b. */
static bool reslices_itself(Expr *lhs, Expr *rhs) {
  lhs = expr_unparen(lhs), rhs = expr_unparen(rhs);
  if (rhs->kind != EXPR_SLICE || lhs->kind != EXPR_SELECTOR || lhs->u.selector.sel != SEL_FIELD) return false;
  Expr *from = expr_unparen(rhs->u.slice.x);
  if (from->kind != EXPR_SELECTOR || from->u.selector.sel != SEL_FIELD) return false;
  if (type_under(from->type)->kind == T_ARRAY) return false;
  if (lhs->u.selector.npath != 1 || from->u.selector.npath != 1) return false;
  Expr *a = expr_unparen(lhs->u.selector.x), *b = expr_unparen(from->u.selector.x);
  if (a->kind != EXPR_IDENT || b->kind != EXPR_IDENT || !a->obj || a->obj != b->obj) return false;
  return !a->obj->captured && !a->obj->addr_taken;
}

static void walk_reslice(Walk *w, Expr *rhs) {
  rhs = expr_unparen(rhs);
  walk_expr(w, discard(), rhs->u.slice.x);
  walk_expr(w, discard(), rhs->u.slice.lo);
  walk_expr(w, discard(), rhs->u.slice.hi);
  walk_expr(w, discard(), rhs->u.slice.max);
}

/* Where the i-th value of an assignment goes: a variable that it defines, or an existing place. *type: its type, or
 * null for _ (the value keeps its own). */
static Hole assign_hole(Walk *w, Stmt *s, int i, Type **type) {
  Object *defined = s->u.assign.op == OP_DEFINE && i < s->u.assign.defined.n ? s->u.assign.defined.v[i] : NULL;
  if (defined) {
    *type = defined->type;
    return hole_of(declare_location(w, defined, LOC_VAR));
  }
  Expr *lhs = expr_unparen(s->u.assign.lhs.v[i]);
  bool blank = lhs->kind == EXPR_IDENT && (!lhs->obj || lhs->obj->kind != OBJ_VAR);
  *type = blank ? NULL : lhs->obj && lhs->kind == EXPR_IDENT ? lhs->obj->type : lhs->type;
  return blank ? discard() : destination(w, lhs);
}

/* x := func… that is never assigned again: calls of x are calls of the literal. */
static void note_known_literal(Walk *w, Object *var, Expr *value) {
  value = value ? expr_unparen(value) : NULL;
  if (var && value && value->kind == EXPR_FUNC && !var->reassigned && !var->stepped && !var->addr_taken)
    location_of(w, var)->known = value->u.funclit.func;
}

/* Several places from one call, or from v, ok = …. */
void walk_tuple(Walk *w, Hole *holes, Type **types, int n, Expr *rhs) {
  Expr *x = expr_unparen(rhs);
  bool call = x->kind == EXPR_CALL && x->u.call.call == CALL_FUNC;
  if (!call) { /* comma-ok: only the first can hold pointers; a box for ok holds none */
    Type *from = x->kind == EXPR_TYPEASSERT ? x->u.typeassert.type_expr->type : x->type;
    if (from && from->kind == T_TUPLE) from = from->u.tuple.types.v[0];
    Hole k = types[0] && from ? boxed(w, holes[0], rhs, from, types[0]) : holes[0];
    if (n > 1 && types[1] && type_is_interface(types[1])) graph_to_heap(site_location(w, rhs, types[1]), "");
    walk_expr(w, k, rhs);
    return;
  }
  for (int i = 0; i < n; i++)
    if (types[i]) holes[i] = boxed(w, holes[i], rhs, x->type->u.tuple.types.v[i], types[i]);
  walk_call(w, holes, n, x);
}

static void walk_assign_tuple(Walk *w, Stmt *s) {
  int n = s->u.assign.lhs.n;
  Hole *holes = arena_alloc(sizeof(Hole) * (size_t)n);
  Type **types = arena_alloc(sizeof(Type *) * (size_t)n);
  for (int i = 0; i < n; i++) holes[i] = assign_hole(w, s, i, &types[i]);
  walk_tuple(w, holes, types, n, s->u.assign.rhs.v[0]);
}

static void walk_assign_one(Walk *w, Stmt *s, int i) {
  Expr *lhs = s->u.assign.lhs.v[i], *rhs = s->u.assign.rhs.v[i];
  Type *type;
  Hole k = assign_hole(w, s, i, &type);
  if (s->u.assign.op == OP_ASSIGN && reslices_itself(lhs, rhs)) {
    walk_reslice(w, rhs);
    return;
  }
  walk_assigned(w, k, rhs, type ? type : rhs->type);
  if (s->u.assign.op == OP_DEFINE && i < s->u.assign.defined.n) note_known_literal(w, s->u.assign.defined.v[i], rhs);
}

static void walk_assign(Walk *w, Stmt *s) {
  bool plain = s->u.assign.op == OP_ASSIGN || s->u.assign.op == OP_DEFINE;
  if (!plain) { /* x op= y: numbers, or strings, whose bytes are made anew */
    destination(w, s->u.assign.lhs.v[0]);
    walk_expr(w, discard(), s->u.assign.rhs.v[0]);
  } else if (s->u.assign.rhs.n == s->u.assign.lhs.n) {
    for (int i = 0; i < s->u.assign.lhs.n; i++) walk_assign_one(w, s, i);
  } else {
    walk_assign_tuple(w, s);
  }
}

static void walk_var_decl(Walk *w, Decl *d) {
  ObjectList objs = d->u.var.objs;
  ExprList values = d->u.var.values;
  int n = d->u.var.names.n;
  Hole *holes = arena_alloc(sizeof(Hole) * (size_t)n);
  Type **types = arena_alloc(sizeof(Type *) * (size_t)n);
  for (int i = 0; i < n; i++) {
    Object *obj = i < objs.n ? objs.v[i] : NULL;
    types[i] = obj ? obj->type : d->u.var.type_expr ? d->u.var.type_expr->type : NULL;
    if (obj) holes[i] = hole_of(declare_location(w, obj, LOC_VAR));
  }
  if (values.n == 1 && n > 1) walk_tuple(w, holes, types, n, values.v[0]);
  if (values.n != n) return;
  for (int i = 0; i < n; i++) {
    walk_assigned(w, holes[i], values.v[i], types[i] ? types[i] : values.v[i]->type);
    note_known_literal(w, i < objs.n ? objs.v[i] : NULL, values.v[i]);
  }
}

/* ---- the others */

static void walk_return(Walk *w, Stmt *s) {
  ExprList results = s->u.ret.results;
  LocList locs = ((Summary *)w->fn->escape)->results;
  if (results.n == locs.n) {
    for (int i = 0; i < results.n; i++) walk_assigned(w, hole_of(locs.v[i]), results.v[i], locs.v[i]->obj->type);
  } else if (results.n == 1) {
    Hole *holes = arena_alloc(sizeof(Hole) * (size_t)locs.n);
    Type **types = arena_alloc(sizeof(Type *) * (size_t)locs.n);
    for (int i = 0; i < locs.n; i++) holes[i] = hole_of(locs.v[i]), types[i] = locs.v[i]->obj->type;
    walk_tuple(w, holes, types, locs.n, results.v[0]);
  }
}

static void walk_switch(Walk *w, Stmt *s) {
  walk_stmt(w, s->u.switchs.init);
  walk_expr(w, discard(), s->u.switchs.tag);
  for (int i = 0; i < s->u.switchs.clauses.n; i++) {
    Clause *c = s->u.switchs.clauses.v[i];
    for (int j = 0; j < c->exprs.n; j++) walk_expr(w, discard(), c->exprs.v[j]);
    walk_stmts(w, c->body);
  }
}

/* The clause's variable is the interface's value, or what is unboxed from it. */
static void walk_typeswitch(Walk *w, Stmt *s) {
  walk_stmt(w, s->u.typeswitch.init);
  Loc *value = graph_new(&w->graph, LOC_TEMP, w->fn, w->depth);
  walk_expr(w, hole_of(value), s->u.typeswitch.x);
  for (int i = 0; i < s->u.typeswitch.clauses.n; i++) {
    Clause *c = s->u.typeswitch.clauses.v[i];
    if (c->var) {
      Loc *var = declare_location(w, c->var, LOC_VAR);
      if (holds_pointers(c->var->type)) graph_flow(hole_deref(hole_of(var), is_boxed(c->var->type)), value);
    }
    walk_stmts(w, c->body);
  }
}

static void walk_select(Walk *w, Stmt *s) {
  for (int i = 0; i < s->u.select.clauses.n; i++) {
    walk_stmt(w, s->u.select.clauses.v[i]->comm);
    walk_stmts(w, s->u.select.clauses.v[i]->body);
  }
}

/* The variables of `for i := …` are new in every iteration, which begins with a copy of the last one's. What is
 * copied has a location of its own outside: a pointer in it to a variable of the last iteration outlives that. */
static void renew_loop_vars(Walk *w, Stmt *init) {
  if (!init || init->kind != STMT_ASSIGN || init->u.assign.op != OP_DEFINE) return;
  for (int i = 0; i < init->u.assign.defined.n; i++) {
    Object *var = init->u.assign.defined.v[i];
    if (!var) continue;
    Loc *carried = location_of(w, var), *mine = carried;
    if (var->addr_taken || var->captured) {
      carried->kind = LOC_TEMP;
      mine = declare_location(w, var, LOC_VAR);
      mine->known = carried->known;
    }
    if (mine == carried || !holds_pointers(var->type)) continue;
    graph_flow(hole_of(mine), carried);
    graph_flow(hole_of(carried), mine);
  }
}

static void walk_for(Walk *w, Stmt *s) {
  walk_stmt(w, s->u.fors.init);
  w->depth++;
  renew_loop_vars(w, s->u.fors.init);
  walk_expr(w, discard(), s->u.fors.cond);
  walk_stmt(w, s->u.fors.body);
  walk_stmt(w, s->u.fors.post);
  w->depth--;
}

/* From a range expression's value to its elements; discarded where elements come from the heap (maps, channels). */
static Hole range_element_hole(Type *x, Hole k) {
  Type *t = type_under(x);
  switch (t->kind) {
  case T_ARRAY: return k;
  case T_SLICE: case T_POINTER: return hole_deref(k, 1);
  default: return discard();
  }
}

static void walk_range_var(Walk *w, Stmt *s, Expr *lhs, Object *var, Loc *value, bool element) {
  if (!lhs || s->u.range.op == OP_NONE) return;
  if (s->u.range.op == OP_DEFINE && !var) return;
  bool blank = !var && lhs->kind == EXPR_IDENT && (!lhs->obj || lhs->obj->kind != OBJ_VAR);
  if (blank) return;
  Hole k = var ? hole_of(declare_location(w, var, LOC_VAR)) : destination(w, lhs);
  Type *to = var ? var->type : lhs->type;
  mark(w, lhs, w->graph.heap); /* a box for it, should it need one */
  if (!element || !holds_pointers(to)) return;
  k = range_element_hole(s->u.range.x->type, k);
  graph_flow(k, value);
  if (!var && type_is_interface(to)) graph_flow(range_element_hole(s->u.range.x->type, to_heap(w)), value);
}

static void walk_range(Walk *w, Stmt *s) {
  Loc *value = graph_new(&w->graph, LOC_TEMP, w->fn, w->depth);
  walk_expr(w, hole_of(value), s->u.range.x);
  w->depth++;
  walk_range_var(w, s, s->u.range.key, s->u.range.key_obj, value, false);
  walk_range_var(w, s, s->u.range.value, s->u.range.value_obj, value, true);
  walk_stmt(w, s->u.range.body);
  w->depth--;
}

static void walk_labeled(Walk *w, Stmt *s) {
  for (int i = 0; i < w->looping.n; i++)
    if (w->looping.v[i] == s) {
      w->depth++;
      break;
    }
  walk_stmt(w, s->u.labeled.stmt);
}

static void walk_send(Walk *w, Stmt *s) {
  walk_expr(w, discard(), s->u.send.chan);
  Type *chan = type_under(s->u.send.chan->type);
  walk_assigned(w, to_heap(w), s->u.send.value, chan->kind == T_CHAN ? chan->u.chan.elem : s->u.send.value->type);
}

static void walk_if(Walk *w, Stmt *s) {
  walk_stmt(w, s->u.ifs.init);
  walk_expr(w, discard(), s->u.ifs.cond);
  walk_stmt(w, s->u.ifs.then);
  walk_stmt(w, s->u.ifs.els);
}

void walk_stmt(Walk *w, Stmt *s) {
  if (!s) return;
  switch (s->kind) {
  case STMT_EXPR: walk_expr(w, discard(), s->u.expr.x); return;
  case STMT_SEND: walk_send(w, s); return;
  case STMT_INCDEC: destination(w, s->u.incdec.x); return;
  case STMT_ASSIGN: walk_assign(w, s); return;
  case STMT_GO: walk_go(w, s->u.expr.x); return;
  case STMT_DEFER: walk_defer(w, s); return;
  case STMT_RETURN: walk_return(w, s); return;
  case STMT_BLOCK: walk_stmts(w, s->u.block.list); return;
  case STMT_IF: walk_if(w, s); return;
  case STMT_SWITCH: walk_switch(w, s); return;
  case STMT_TYPESWITCH: walk_typeswitch(w, s); return;
  case STMT_SELECT: walk_select(w, s); return;
  case STMT_FOR: walk_for(w, s); return;
  case STMT_RANGE: walk_range(w, s); return;
  case STMT_LABELED: walk_labeled(w, s); return;
  case STMT_DECL:
    if (s->u.decl.decl && s->u.decl.decl->kind == DECL_VAR) walk_var_decl(w, s->u.decl.decl);
    return;
  case STMT_BAD: case STMT_EMPTY: case STMT_BRANCH: return;
  }
}
