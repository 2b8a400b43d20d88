/* check_assign.c: values into variables: declarations, definitions, assignments, returns.
 *
 * All four pair n variables with n values, or with one call that has n results, or two with `v, ok`. check_assigned()
 * does the pairing; the second value of `v, ok` and the results of a call are stand-in nodes that no later pass sees.
 */
#include "check.h"

Expr *value_of_type(Expr *like, Type *t) {
  Expr *x = NEW(Expr);
  *x = *like;
  set_value(x, MODE_VALUE, t);
  return x;
}

/* ---- pairing */

static bool is_blank_ident(Expr *e) { return e->kind == EXPR_IDENT && is_blank(e->u.ident.name); }
static bool gives_ok(Expr *x) { return x->mode == MODE_COMMAOK || x->mode == MODE_MAPINDEX; }

static void report_assigned(int n, const ExprList *values, int have) {
  Expr *first = values->v[0], *call = expr_unparen(first);
  const char *vars = n == 1 ? "variable" : "variables", *vals = have == 1 ? "value" : "values";
  if (values->n == 1 && call->kind == EXPR_CALL)
    error_at(expr_start(first), "assignment mismatch: %d %s but %s returns %d %s", n, vars,
             expr_text(call->u.call.fun), have, vals);
  else error_at(expr_start(first), "assignment mismatch: %d %s but %d %s", n, vars, have, vals);
}

static void report_returned(int n, const ExprList *values, Stmt *ret) {
  TypeList have = {0};
  for (int i = 0; i < values->n; i++) list_push(&have, values->v[i]->type);
  Pos at = values->n == 0 ? ret->pos : expr_start(values->v[values->n > n ? n : values->n - 1]);
  error_at(at, "%s return values\n\thave %s\n\twant %s", values->n > n ? "too many" : "not enough",
           types_text(&have, false, false), types_text(&ck.func->sig->u.func.results, false, false));
}

static ExprList check_all(const ExprList *values) {
  for (int i = 0; i < values->n; i++) check_expr(values->v[i]);
  return *values;
}

static bool any_invalid(const ExprList *list) {
  for (int i = 0; i < list->n; i++)
    if (list->v[i]->mode == MODE_INVALID) return true;
  return false;
}

static bool any_invalid_target(const ExprList *lhs) {
  for (int i = 0; i < lhs->n; i++)
    if (!is_blank_ident(expr_unparen(lhs->v[i])) && lhs->v[i]->mode == MODE_INVALID) return true;
  return false;
}

static ExprList mismatched(int n, const ExprList *list, const ExprList *values, Stmt *ret, bool *ok) {
  *ok = false;
  if (!any_invalid(list)) {
    if (ret) report_returned(n, list, ret);
    else report_assigned(n, values, list->n);
  }
  for (int i = 0; i < list->n; i++)
    if (list->v[i]->mode != MODE_NIL) default_type(list->v[i]);
  return *list;
}

ExprList check_assigned(int n, const ExprList *values, Stmt *ret, bool *ok) {
  *ok = true;
  if (values->n == n && n != 1) return check_all(values);
  if (values->n != 1) {
    for (int i = 0; i < values->n; i++) check_multi(values->v[i]);
    ExprList list = *values;
    return mismatched(n, &list, values, ret, ok);
  }
  Expr *x = values->v[0];
  if (n == 2 && !ret) {
    check_multi(x);
    if (gives_ok(x)) {
      ExprList pair = {0};
      list_push(&pair, x);
      list_push(&pair, value_of_type(x, type_basic(T_UNTYPED_BOOL)));
      pair.v[1]->kind = EXPR_IDENT; /* nothing below it to give a type to */
      pair.v[1]->u.ident.name = expr_text(x);
      return pair;
    }
  }
  bool valid;
  ExprList list = check_values(values, &valid);
  if (list.n == n) return list;
  if (valid) return mismatched(n, &list, values, ret, ok);
  *ok = false;
  return list;
}

/* ---- declared variables */

void init_var(Object *var, Expr *x, const char *context) {
  if (x->mode == MODE_INVALID) {
    if (!var->type) var->type = type_basic(T_INVALID);
    return;
  }
  bool ok = assign_to(x, var->type, context);
  if (!var->type) var->type = ok ? x->type : type_basic(T_INVALID);
}

void init_vars(const ObjectList *vars, const ExprList *values, const char *context) {
  bool ok;
  ExprList list = check_assigned(vars->n, values, NULL, &ok);
  for (int i = 0; i < vars->n; i++) {
    Object *var = vars->v[i];
    if (!ok) {
      if (!var->type) var->type = type_basic(T_INVALID);
    } else init_var(var, list.v[i], context);
  }
}

/* ---- assignment */

/* x = … does not use x. */
static void check_without_use(Expr *e, bool value) {
  Expr *name = expr_unparen(e);
  Object *obj = name->kind == EXPR_IDENT ? scope_lookup_up(ck.scope, name->u.ident.name, NULL) : NULL;
  bool used = obj && obj->used;
  if (value) check_expr(e);
  else if (!is_blank_ident(name)) check_any(e);
  if (obj && obj->kind == OBJ_VAR) obj->used = used;
}

void use_lhs(Expr *e) { check_without_use(e, false); }

bool check_assignable(Expr *e) {
  if (e->mode == MODE_VAR || e->mode == MODE_MAPINDEX) return true;
  Expr *x = expr_unparen(e);
  if (x->kind == EXPR_SELECTOR && x->u.selector.x->mode == MODE_MAPINDEX)
    error_at(expr_start(e), "cannot assign to struct field %s in map", expr_text(e));
  else error_at(expr_start(e), "cannot assign to %s (neither addressable nor a map index expression)", expr_text(e));
  return false;
}

Type *check_lhs(Expr *e) {
  if (is_blank_ident(expr_unparen(e))) return NULL;
  check_without_use(e, true);
  if (e->mode == MODE_INVALID || !check_assignable(e)) return type_basic(T_INVALID);
  mark_reassigned(e);
  return e->type;
}

static void check_op_assign(Stmt *s) {
  if (s->u.assign.lhs.n != 1 || s->u.assign.rhs.n != 1) {
    error_at(s->pos, "assignment operation %s= requires single-valued expressions", op_text(s->u.assign.op));
    use_exprs(&s->u.assign.lhs);
    use_exprs(&s->u.assign.rhs);
    return;
  }
  Expr *x = s->u.assign.lhs.v[0], *y = s->u.assign.rhs.v[0], *result = NEW(Expr);
  result->kind = EXPR_BINARY;
  result->pos = s->pos;
  result->u.binary.op = s->u.assign.op;
  result->u.binary.x = x;
  result->u.binary.y = y;
  check_binary_op(result, x, y, s->u.assign.op, true);
  if (x->mode == MODE_INVALID || result->mode == MODE_INVALID) return;
  if (!check_assignable(x)) return;
  mark_reassigned(x);
  if (type_is_untyped(result->type)) convert_untyped(result, x->type);
}

/* A wrong number is told only where nothing else is. */
static void use_miscounted(const ExprList *lhs, const ExprList *rhs) {
  bool ok;
  for (int i = 0; i < lhs->n; i++) use_lhs(lhs->v[i]);
  if (!any_invalid_target(lhs)) check_assigned(lhs->n, rhs, NULL, &ok);
  else use_exprs(rhs);
}

void check_assign(Stmt *s) {
  Op op = s->u.assign.op;
  if (op != OP_ASSIGN) {
    check_op_assign(s);
    return;
  }
  const ExprList *lhs = &s->u.assign.lhs, *rhs = &s->u.assign.rhs;
  TypeList types = {0};
  bool ok;
  if (rhs->n != lhs->n && rhs->n != 1) {
    use_miscounted(lhs, rhs);
    return;
  }
  for (int i = 0; i < lhs->n; i++) list_push(&types, check_lhs(lhs->v[i]));
  ExprList values = check_assigned(lhs->n, rhs, NULL, &ok);
  for (int i = 0; ok && i < lhs->n; i++)
    if (values.v[i]->mode != MODE_INVALID)
      assign_to(values.v[i], types.v[i], types.v[i] ? "assignment" : "assignment to _ identifier");
}

/* ---- return */

static void check_shadowed_results(Stmt *s) {
  for (int i = 0; i < ck.func->results.n; i++) {
    Object *result = ck.func->results.v[i], *seen = scope_lookup_up(ck.scope, result->name, NULL);
    if (is_blank(result->name) || !seen || seen == result) continue;
    error_at(s->pos, "result parameter %s not in scope at return", result->name);
    note_at(seen->pos, "inner declaration of var %s %s", seen->name, seen->type ? type_text(seen->type) : "");
  }
}

void check_return(Stmt *s) {
  const ExprList *values = &s->u.ret.results;
  ObjectList *results = &ck.func->results;
  if (values->n == 0 && (results->n == 0 || ck.func->named_results)) {
    check_shadowed_results(s);
    return;
  }
  bool ok;
  ExprList list = check_assigned(results->n, values, s, &ok);
  for (int i = 0; ok && i < results->n; i++) {
    if (list.v[i]->mode != MODE_INVALID) assign_to(list.v[i], results->v[i]->type, "return statement");
    results->v[i]->reassigned = true;
  }
}
