/* check_terminates.c: whether a statement can be passed through to its end, for functions that must return a value. */
#include "check.h"

/* Empty ones do not count; null: there is none. */
static Stmt *last_of(const StmtList *list) {
  int last = list->n - 1;
  while (last >= 0 && list->v[last]->kind == STMT_EMPTY) last--;
  return last >= 0 ? list->v[last] : NULL;
}

static bool list_terminates(const StmtList *list) {
  Stmt *s = last_of(list);
  return s && stmt_terminates(s);
}

static bool ends_in_fallthrough(const StmtList *list) {
  Stmt *s = last_of(list);
  while (s && s->kind == STMT_LABELED) s = s->u.labeled.stmt;
  return s && s->kind == STMT_BRANCH && s->u.branch.branch == BRANCH_FALLTHROUGH;
}

static bool clauses_terminate(Stmt *s, const ClauseList *clauses, bool needs_default) {
  bool has_default = !needs_default;
  if (s->broken) return false;
  for (int i = 0; i < clauses->n; i++) {
    if (clauses->v[i]->is_default) has_default = true;
    if (!list_terminates(&clauses->v[i]->body) && !ends_in_fallthrough(&clauses->v[i]->body)) return false;
  }
  return has_default;
}

static bool is_panic(Expr *x) {
  x = expr_unparen(x);
  return x->kind == EXPR_CALL && x->u.call.call == CALL_BUILTIN && x->u.call.builtin == BUILTIN_PANIC;
}

bool stmt_terminates(Stmt *s) {
  switch (s->kind) {
  case STMT_RETURN: return true;
  case STMT_BRANCH: return s->u.branch.branch == BRANCH_GOTO;
  case STMT_EXPR: return is_panic(s->u.expr.x);
  case STMT_BLOCK: return list_terminates(&s->u.block.list);
  case STMT_IF: return s->u.ifs.els && stmt_terminates(s->u.ifs.then) && stmt_terminates(s->u.ifs.els);
  case STMT_FOR: return !s->u.fors.cond && !s->broken;
  case STMT_SWITCH: return clauses_terminate(s, &s->u.switchs.clauses, true);
  case STMT_TYPESWITCH: return clauses_terminate(s, &s->u.typeswitch.clauses, true);
  case STMT_SELECT: return clauses_terminate(s, &s->u.select.clauses, false);
  case STMT_LABELED: return stmt_terminates(s->u.labeled.stmt);
  default: return false;
  }
}
