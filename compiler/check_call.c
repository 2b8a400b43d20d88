/* check_call.c: calls of functions and methods, and conversions, which are written as calls. */
#include "check.h"

static Expr *stand_in(Expr *call, Type *t) {
  Expr *x = NEW(Expr);
  *x = *call;
  set_value(x, MODE_VALUE, t);
  return x;
}

static ExprList spread(Expr *call) {
  ExprList list = {0};
  const TypeList *types = &call->type->u.tuple.types;
  for (int i = 0; i < types->n; i++) list_push(&list, stand_in(call, types->v[i]));
  return list;
}

ExprList check_values(const ExprList *values, bool *ok) {
  *ok = true;
  if (values->n == 1) {
    Expr *x = values->v[0];
    check_multi(x);
    if (x->mode == MODE_VALUE && x->type->kind == T_TUPLE) return spread(x);
    *ok = x->mode != MODE_INVALID;
    return *values;
  }
  for (int i = 0; i < values->n; i++) {
    check_expr(values->v[i]);
    if (values->v[i]->mode == MODE_INVALID) *ok = false;
  }
  return *values;
}

/* ---- arguments */

/* A call of several results among others is wrong already, and shown all the same. */
static Type *shown_type(const Expr *x) {
  if (x->mode != MODE_INVALID || x->kind != EXPR_CALL || x->u.call.call != CALL_FUNC) return x->type;
  Type *sig = type_under(x->u.call.fun->type);
  return sig->kind == T_FUNC && sig->u.func.results.n > 1 ? type_new_tuple(sig->u.func.results) : x->type;
}

static TypeList types_of(const ExprList *exprs) {
  TypeList types = {0};
  for (int i = 0; i < exprs->n; i++) list_push(&types, shown_type(exprs->v[i]));
  return types;
}

static void report_count(Expr *e, const ExprList *args, Type *sig, bool too_many) {
  TypeList have = types_of(args);
  int want = sig->u.func.params.n;
  Pos at = args->n == 0 ? expr_start(e) : expr_start(args->v[too_many && want < args->n ? want : args->n - 1]);
  error_at(at, "%s arguments in call to %s\n\thave %s\n\twant %s", too_many ? "too many" : "not enough",
           expr_text(e->u.call.fun), types_text(&have, false, e->u.call.has_ellipsis),
           types_text(&sig->u.func.params, sig->u.func.variadic, false));
}

static bool spread_slice_fits(Expr *e, const ExprList *args, Type *sig) {
  if (!e->u.call.has_ellipsis) return true;
  if (e->u.call.args.n == 1 && args->n > 1) {
    error_at(expr_start(e), "cannot use ... with %d-valued %s", args->n, expr_text(e->u.call.args.v[0]));
    return false;
  }
  if (sig->u.func.variadic) return true;
  error_at(expr_start(e), "cannot use ... in call to non-variadic %s",
           expr_text(e->u.call.fun));
  return false;
}

static Type *param_type(Type *sig, int i, bool whole_slice) {
  int last = sig->u.func.params.n - 1;
  if (!sig->u.func.variadic || i < last || whole_slice) return sig->u.func.params.v[i];
  return sig->u.func.params.v[last]->u.slice.elem;
}

static void default_all(const ExprList *args) {
  for (int i = 0; i < args->n; i++)
    if (args->v[i]->mode != MODE_NIL) default_type(args->v[i]);
}

static void check_args(Expr *e, Type *sig) {
  bool ok;
  ExprList args = check_values(&e->u.call.args, &ok);
  bool whole = e->u.call.has_ellipsis;
  int want = sig->u.func.params.n, fixed = sig->u.func.variadic && !whole ? want - 1 : want;
  bool open = sig->u.func.variadic && !whole;
  if (!spread_slice_fits(e, &args, sig)) return;
  if (args.n < fixed || (args.n > want && !open)) {
    if (ok || args.n != 1) report_count(e, &args, sig, args.n > want);
    default_all(&args);
    return;
  }
  const char *context = format("argument to %s", expr_text(e->u.call.fun));
  for (int i = 0; i < args.n; i++)
    if (args.v[i]->mode != MODE_INVALID) assign_to(args.v[i], param_type(sig, i, whole), context);
}

/* ---- the call */

static Type *results_tuple(Type *sig) {
  Type *t = type_new_tuple(sig->u.func.results);
  if (sig->u.func.names) t->u.tuple.names = sig->u.func.names + sig->u.func.params.n;
  return t;
}

static void take_results(Expr *e, Type *sig) {
  TypeList *results = &sig->u.func.results;
  if (results->n == 1) set_value(e, MODE_VALUE, results->v[0]);
  else set_value(e, results->n ? MODE_VALUE : MODE_NOVALUE, results_tuple(sig));
  if (results->n == 1 && results->v[0]->kind == T_INVALID) invalidate(e);
}

static void check_conversion_call(Expr *e) {
  Type *t = e->u.call.fun->type;
  ExprList *args = &e->u.call.args;
  e->u.call.call = CALL_CONVERSION;
  if (args->n != 1) {
    if (args->n == 0) error_at(expr_start(e), "missing argument in conversion to %s", type_text(t));
    else error_at(expr_start(args->v[args->n - 1]), "too many arguments in conversion to %s", type_text(t));
    use_exprs(args);
    invalidate(e);
    return;
  }
  check_expr(args->v[0]);
  if (e->u.call.has_ellipsis) {
    error_at(expr_start(args->v[0]), "invalid use of ... in conversion to %s", type_text(t));
    invalidate(e);
    return;
  }
  check_conversion(e, args->v[0], t);
}

static void check_function_call(Expr *e) {
  Expr *fun = e->u.call.fun;
  e->u.call.call = CALL_FUNC;
  ck.calls++;
  Type *sig = type_under(fun->type);
  if (fun->mode == MODE_NIL || sig->kind != T_FUNC) {
    error_at(expr_start(e), "invalid operation: cannot call %s: %s is not a function", operand_text(fun),
             type_text(fun->type));
    use_exprs(&e->u.call.args);
    invalidate(e);
    return;
  }
  check_args(e, sig);
  take_results(e, sig);
}

void check_call(Expr *e) {
  Expr *fun = e->u.call.fun, *callee = expr_unparen(fun);
  if (callee->kind == EXPR_SELECTOR && !callee->type) check_selector(callee, true);
  check_any(fun);
  single_value(fun);
  switch (fun->mode) {
  case MODE_TYPE: check_conversion_call(e); break;
  case MODE_BUILTIN:
    e->u.call.call = CALL_BUILTIN;
    e->u.call.builtin = callee->obj->builtin;
    check_builtin(e, callee->obj->builtin);
    break;
  case MODE_INVALID:
    use_exprs(&e->u.call.args);
    invalidate(e);
    break;
  case MODE_NOVALUE:
    error_at(expr_start(fun), "%s used as value or type", operand_text(fun));
    use_exprs(&e->u.call.args);
    invalidate(e);
    break;
  default: check_function_call(e);
  }
}
