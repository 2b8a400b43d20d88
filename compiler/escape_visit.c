/* escape_visit.c: all nodes of a function, in source order, for questions that need no data flow.
 *
 * Types are not entered: nothing in them runs.
 */
#include "escape_walk.h"

static void visit_exprs(const Visitor *v, ExprList list) {
  for (int i = 0; i < list.n; i++) visit_expr(v, list.v[i]);
}

static void visit_stmts(const Visitor *v, StmtList list) {
  for (int i = 0; i < list.n; i++) visit_stmt(v, list.v[i]);
}

void visit_expr(const Visitor *v, Expr *e) {
  if (!e || e->mode == MODE_TYPE) return;
  if (v->expr) v->expr(v->context, e);
  switch (e->kind) {
  case EXPR_COMPOSITE: visit_exprs(v, e->u.composite.elems); return;
  case EXPR_FUNC: visit_stmt(v, e->u.funclit.body); return;
  case EXPR_PAREN: case EXPR_STAR: case EXPR_ELLIPSIS: visit_expr(v, e->u.paren.x); return;
  case EXPR_SELECTOR: visit_expr(v, e->u.selector.x); return;
  case EXPR_INDEX: visit_expr(v, e->u.index.x), visit_expr(v, e->u.index.index); return;
  case EXPR_SLICE:
    visit_expr(v, e->u.slice.x), visit_expr(v, e->u.slice.lo);
    visit_expr(v, e->u.slice.hi), visit_expr(v, e->u.slice.max);
    return;
  case EXPR_TYPEASSERT: visit_expr(v, e->u.typeassert.x); return;
  case EXPR_CALL: visit_expr(v, e->u.call.fun), visit_exprs(v, e->u.call.args); return;
  case EXPR_UNARY: visit_expr(v, e->u.unary.x); return;
  case EXPR_BINARY: visit_expr(v, e->u.binary.x), visit_expr(v, e->u.binary.y); return;
  case EXPR_KEYVALUE: visit_expr(v, e->u.keyvalue.key), visit_expr(v, e->u.keyvalue.value); return;
  default: return; /* leaves and types */
  }
}

static void visit_clauses(const Visitor *v, ClauseList clauses, bool types) {
  for (int i = 0; i < clauses.n; i++) {
    Clause *c = clauses.v[i];
    if (!types) visit_exprs(v, c->exprs);
    visit_stmt(v, c->comm);
    visit_stmts(v, c->body);
  }
}

static void visit_for(const Visitor *v, Stmt *s) {
  visit_stmt(v, s->u.fors.init);
  visit_expr(v, s->u.fors.cond);
  visit_stmt(v, s->u.fors.post);
  visit_stmt(v, s->u.fors.body);
}

static void visit_if(const Visitor *v, Stmt *s) {
  visit_stmt(v, s->u.ifs.init);
  visit_expr(v, s->u.ifs.cond);
  visit_stmt(v, s->u.ifs.then);
  visit_stmt(v, s->u.ifs.els);
}

void visit_stmt(const Visitor *v, Stmt *s) {
  if (!s) return;
  if (v->stmt) v->stmt(v->context, s);
  switch (s->kind) {
  case STMT_EXPR: case STMT_GO: case STMT_DEFER: visit_expr(v, s->u.expr.x); return;
  case STMT_SEND: visit_expr(v, s->u.send.chan), visit_expr(v, s->u.send.value); return;
  case STMT_INCDEC: visit_expr(v, s->u.incdec.x); return;
  case STMT_ASSIGN: visit_exprs(v, s->u.assign.lhs), visit_exprs(v, s->u.assign.rhs); return;
  case STMT_RETURN: visit_exprs(v, s->u.ret.results); return;
  case STMT_BLOCK: visit_stmts(v, s->u.block.list); return;
  case STMT_IF: visit_if(v, s); return;
  case STMT_SWITCH:
    visit_stmt(v, s->u.switchs.init), visit_expr(v, s->u.switchs.tag), visit_clauses(v, s->u.switchs.clauses, false);
    return;
  case STMT_TYPESWITCH:
    visit_stmt(v, s->u.typeswitch.init), visit_expr(v, s->u.typeswitch.x);
    visit_clauses(v, s->u.typeswitch.clauses, true);
    return;
  case STMT_SELECT: visit_clauses(v, s->u.select.clauses, false); return;
  case STMT_FOR: visit_for(v, s); return;
  case STMT_RANGE:
    visit_expr(v, s->u.range.key), visit_expr(v, s->u.range.value), visit_expr(v, s->u.range.x);
    visit_stmt(v, s->u.range.body);
    return;
  case STMT_LABELED: visit_stmt(v, s->u.labeled.stmt); return;
  case STMT_DECL:
    if (s->u.decl.decl && s->u.decl.decl->kind == DECL_VAR) visit_exprs(v, s->u.decl.decl->u.var.values);
    return;
  case STMT_BAD: case STMT_EMPTY: case STMT_BRANCH: return;
  }
}

Func *static_callee(Expr *fun) {
  fun = expr_unparen(fun);
  if (fun->kind == EXPR_SELECTOR && fun->u.selector.sel == SEL_METHOD) return fun->u.selector.method->func;
  if (fun->kind == EXPR_SELECTOR && fun->u.selector.sel != SEL_PACKAGE) return NULL;
  if (fun->kind != EXPR_IDENT && fun->kind != EXPR_SELECTOR) return NULL;
  return fun->obj && fun->obj->kind == OBJ_FUNC ? fun->obj->func : NULL;
}

static void note_jump_back(void *context, Stmt *s) {
  if (s->kind != STMT_BRANCH || s->u.branch.branch != BRANCH_GOTO) return;
  Stmt *label = s->u.branch.target;
  if (label && label->pos <= s->pos) list_push((StmtList *)context, label);
}

/* A literal's own labels may be among them; they are never met while its outer function is walked. */
StmtList looping_labels(Stmt *body) {
  StmtList found = {0};
  Visitor v = {&found, note_jump_back, NULL};
  visit_stmt(&v, body);
  return found;
}

static void note_defer(void *context, Stmt *s) { *(bool *)context |= s->kind == STMT_DEFER; }

static bool contains_defer(Stmt *s) {
  bool found = false;
  Visitor v = {&found, note_defer, NULL};
  visit_stmt(&v, s);
  return found;
}

static void note_looped_defer(void *context, Stmt *s) {
  bool *found = context;
  if (*found) return;
  if (s->kind == STMT_FOR) *found = contains_defer(s->u.fors.body);
  if (s->kind == STMT_RANGE) *found = contains_defer(s->u.range.body);
}

/* What literals in it defer counts too: a loop that makes and calls them costs the function's other defers no more than
 * their places in the frame. */
bool loops_defer(Stmt *body, const StmtList *looping) {
  if (looping->n > 0) return contains_defer(body);
  bool found = false;
  Visitor v = {&found, note_looped_defer, NULL};
  visit_stmt(&v, body);
  return found;
}
