/* escape_call.c: calls, conversions and built-in functions → edges of the location graph.
 *
 * What happens to an argument is known in three degrees: the callee was analysed before (its leaks), it is being
 * analysed now (its parameters' and results' locations: functions that call each other, and literals), or nothing is
 * known (function values, methods of interfaces, functions without a body): then arguments go to the heap and results
 * come from there.
 */
#include "constant.h"
#include "escape_walk.h"

typedef struct Callee {
  Func *func;           /* null: unknown */
  Summary *sum;
  Type *sig;
  Hole *results;
} Callee;

static bool is_literal(Expr *fun) { return expr_unparen(fun)->kind == EXPR_FUNC; }

static Hole leaks_hole(Walk *w, const Leaks *leaks, Hole *results) {
  Hole k = leaks->heap == LEAK_NONE ? discard() : hole_deref(to_heap(w), leaks->heap);
  for (int i = 0; i < leaks->nresults; i++)
    if (leaks->result[i] != LEAK_NONE && results[i].dst) k = tee(w, k, hole_deref(results[i], leaks->result[i]));
  return k;
}

/* i counts from the receiver, if there is one. */
static Hole param_hole(Walk *w, const Callee *c, int i) {
  if (!c->sum || c->sum->state == SUMMARY_NEW) return to_heap(w);
  if (c->sum->state == SUMMARY_ACTIVE) return hole_of(c->sum->params.v[i]);
  return leaks_hole(w, &c->sum->leaks[i], c->results);
}

static void flow_results(const Callee *c) {
  if (!c->sum || c->sum->state != SUMMARY_ACTIVE) return;
  for (int i = 0; i < c->sum->results.n; i++)
    if (holds_pointers(c->sum->results.v[i]->obj->type)) graph_flow(c->results[i], c->sum->results.v[i]);
}

/* ---- arguments */

static Type *param_type(Type *sig, int i) {
  int n = sig->u.func.params.n;
  return sig->u.func.params.v[i < n ? i : n - 1];
}

/* Where the i-th of the arguments goes: a parameter, or an element of the slice made for the variadic ones. *type:
 * what it is converted to. */
static Hole arg_hole(Walk *w, const Callee *c, Expr *call, int i, Loc **rest, Type **type) {
  int first = c->func && c->func->recv ? 1 : 0, n = c->sig->u.func.params.n;
  *type = param_type(c->sig, i);
  if (!c->sig->u.func.variadic || call->u.call.has_ellipsis || i < n - 1) return param_hole(w, c, first + i);
  Type *elem = type_under(*type)->u.slice.elem;
  if (!*rest) {
    int count = call->u.call.args.n - (n - 1);
    *rest = spill(w, param_hole(w, c, first + n - 1), call, type_new_array(elem, count)).dst;
  }
  *type = elem;
  return hole_of(*rest);
}

/* f(g()) */
static void walk_tuple_arg(Walk *w, const Callee *c, Expr *call) {
  Expr *arg = call->u.call.args.v[0];
  TypeList types = arg->type->u.tuple.types;
  Hole *holes = arena_alloc(sizeof(Hole) * (size_t)(types.n + 1));
  Loc *rest = NULL;
  for (int i = 0; i < types.n; i++) {
    Type *to;
    holes[i] = arg_hole(w, c, call, i, &rest, &to);
    holes[i] = holds_pointers(to) ? boxed(w, holes[i], arg, types.v[i], to) : discard();
  }
  walk_call(w, holes, types.n, expr_unparen(arg));
}

static void walk_args(Walk *w, const Callee *c, Expr *call) {
  ExprList args = call->u.call.args;
  Loc *rest = NULL;
  if (args.n == 1 && args.v[0]->type && args.v[0]->type->kind == T_TUPLE) {
    walk_tuple_arg(w, c, call);
    return;
  }
  for (int i = 0; i < args.n; i++) {
    Type *to;
    Hole k = arg_hole(w, c, call, i, &rest, &to);
    walk_assigned(w, k, args.v[i], to);
  }
}

/* ---- callees */

Hole receiver_hole(Expr *e, Hole k) {
  Type *end;
  k = hole_deref(k, path_derefs(e, &end));
  if (e->u.selector.recv_addr) k = hole_addr(k);
  return hole_deref(k, e->u.selector.recv_deref);
}

static void use_literal(Callee *c, Func *literal) {
  c->func = literal;
  c->sum = literal->escape;
}

void track_results(Func *literal) {
  LocList results = ((Summary *)literal->escape)->results;
  for (int i = 0; i < results.n; i++) results.v[i]->tracked = true;
}

static Func *known_literal(Walk *w, Expr *fun) {
  bool local = fun->kind == EXPR_IDENT && fun->obj && fun->obj->kind == OBJ_VAR && !fun->obj->global;
  return local ? location_of(w, fun->obj)->known : NULL;
}

/* Walks what is evaluated to find the callee, the receiver excepted. */
static Callee find_callee(Walk *w, Expr *call, Hole *results) {
  Expr *fun = expr_unparen(call->u.call.fun);
  Callee c = {.results = results, .sig = type_under(fun->type)};
  Func *func = static_callee(fun);
  if (func) {
    c.func = func;
    c.sum = func->escape;
    c.sig = func->sig;
  } else if (is_literal(fun)) {
    walk_expr(w, discard(), call->u.call.fun);
    use_literal(&c, fun->u.funclit.func);
    track_results(fun->u.funclit.func);
  } else if (fun->kind != EXPR_SELECTOR || fun->u.selector.sel != SEL_IFACEMETHOD) {
    Func *literal = known_literal(w, fun);
    if (literal) use_literal(&c, literal);
    else walk_expr(w, discard(), call->u.call.fun);
  }
  return c;
}

static void walk_receiver(Walk *w, const Callee *c, Expr *call) {
  Expr *fun = expr_unparen(call->u.call.fun);
  if (fun->kind != EXPR_SELECTOR) return;
  if (fun->u.selector.sel == SEL_METHOD) walk_expr(w, receiver_hole(fun, param_hole(w, c, 0)), fun->u.selector.x);
  if (fun->u.selector.sel == SEL_IFACEMETHOD) walk_expr(w, receiver_hole(fun, to_heap(w)), fun->u.selector.x);
}

Hole method_value_hole(Walk *w, Func *method) {
  int n = method->results.n;
  Hole *results = arena_alloc(sizeof(Hole) * (size_t)(n + 1));
  for (int i = 0; i < n; i++) results[i] = to_heap(w);
  Callee c = {.func = method, .sum = method->escape, .sig = method->sig, .results = results};
  return param_hole(w, &c, 0);
}

static void walk_func_call(Walk *w, Hole *results, int nresults, Expr *call) {
  Type *sig = type_under(expr_unparen(call->u.call.fun)->type);
  int n = sig->u.func.results.n;
  Hole *all = arena_alloc(sizeof(Hole) * (size_t)(n + 1));
  for (int i = 0; i < n && n == nresults; i++)
    if (holds_pointers(sig->u.func.results.v[i])) all[i] = results[i];
  Callee c = find_callee(w, call, all);
  walk_receiver(w, &c, call);
  walk_args(w, &c, call);
  flow_results(&c);
}

/* ---- conversions */

static void walk_conversion(Walk *w, Hole k, Expr *call) {
  Expr *arg = call->u.call.args.v[0];
  Type *to = type_under(call->type), *from = arg->type ? type_under(arg->type) : to;
  bool to_text = type_is_string(to) && !type_is_string(from), from_text = to->kind == T_SLICE && type_is_string(from);
  if (to->kind == T_INTERFACE) {
    if (arg->mode != MODE_NIL && is_boxed(from)) mark(w, call, site_location(w, arg, from));
    walk_assigned(w, k, arg, to);
  } else if (to_text || from_text) {
    spill(w, k, call, NULL);
    walk_expr(w, discard(), arg);
  } else if (to->kind == T_ARRAY && from->kind == T_SLICE) {
    walk_expr(w, hole_deref(k, 1), arg);
  } else {
    walk_expr(w, k, arg);
  }
}

/* ---- built-in functions */

static Type *elem_of(Type *slice) {
  slice = type_under(slice);
  return slice->kind == T_SLICE ? slice->u.slice.elem : NULL;
}

/* The array may be a new one on the heap, to which the old one's elements and the appended ones are copied. */
static void walk_append(Walk *w, Hole k, Expr *call) {
  ExprList args = call->u.call.args;
  Type *elem = elem_of(call->type);
  bool pointers = elem && holds_pointers(elem);
  walk_expr(w, pointers ? tee(w, k, hole_deref(to_heap(w), 1)) : k, args.v[0]);
  for (int i = 1; i < args.n; i++) {
    Hole to = pointers ? to_heap(w) : discard();
    if (call->u.call.has_ellipsis) walk_expr(w, hole_deref(to, 1), args.v[i]);
    else walk_assigned(w, to, args.v[i], elem);
  }
}

static void walk_copy(Walk *w, Expr *call) {
  ExprList args = call->u.call.args;
  Type *elem = elem_of(args.v[0]->type);
  walk_expr(w, discard(), args.v[0]);
  walk_expr(w, elem && holds_pointers(elem) ? hole_deref(to_heap(w), 1) : discard(), args.v[1]);
}

static bool constant_length(Expr *e, int64_t *n) {
  const Const *c = e->mode == MODE_CONST ? e->cval : NULL;
  if (!c || const_kind(c) != CONST_INT || !const_fits_int64(c)) return false;
  *n = const_int64(c);
  return *n >= 0 && *n <= ESCAPE_MAX_IMPLICIT;
}

/* The array that make([]T, …) makes, or null when its length is not constant or senseless. */
static Type *make_array(Expr *call) {
  ExprList args = call->u.call.args;
  Type *elem = elem_of(call->type);
  int64_t n = 0;
  for (int i = 1; i < args.n; i++)
    if (!constant_length(args.v[i], &n)) return NULL;
  if (!elem || args.n < 2 || type_size(elem) > ESCAPE_MAX_IMPLICIT) return NULL;
  return type_new_array(elem, n);
}

static void walk_make(Walk *w, Hole k, Expr *call) {
  ExprList args = call->u.call.args;
  Type *array = make_array(call);
  Loc *loc = spill(w, k, call, array).dst;
  if (!array) graph_to_heap(loc, elem_of(call->type) ? "non-constant size" : "");
  for (int i = 1; i < args.n; i++) walk_expr(w, discard(), args.v[i]);
}

static void walk_builtin_args(Walk *w, Hole k, Expr *call) {
  for (int i = 0; i < call->u.call.args.n; i++) walk_expr(w, k, call->u.call.args.v[i]);
}

static void walk_new(Walk *w, Hole k, Expr *call) {
  Type *t = type_under(call->type)->u.pointer.elem;
  Expr *arg = call->u.call.args.v[0];
  k = spill(w, k, call, t);
  if (arg->mode != MODE_TYPE) walk_assigned(w, k, arg, t);
}

/* Of f(g()) with a built-in f: what becomes of g's results first. */
static Expr *builtin_call(Walk *w, Expr *call) {
  Expr *by_names = call->u.call.by_names;
  if (!by_names) return call;
  ExprList names = by_names->u.call.args;
  Hole *holes = arena_alloc(sizeof(Hole) * (size_t)names.n);
  for (int i = 0; i < names.n; i++) holes[i] = hole_of(declare_location(w, names.v[i]->obj, LOC_VAR));
  walk_call(w, holes, names.n, expr_unparen(call->u.call.args.v[0]));
  return by_names;
}

static void walk_builtin(Walk *w, Hole k, Expr *call) {
  call = builtin_call(w, call);
  switch (call->u.call.builtin) {
  case BUILTIN_APPEND: walk_append(w, k, call); return;
  case BUILTIN_COPY: walk_copy(w, call); return;
  case BUILTIN_MAKE: walk_make(w, k, call); return;
  case BUILTIN_NEW: walk_new(w, k, call); return;
  case BUILTIN_MAX: case BUILTIN_MIN: walk_builtin_args(w, k, call); return;
  case BUILTIN_PANIC: walk_assigned(w, to_heap(w), call->u.call.args.v[0], type_any); return;
  case BUILTIN_DELETE: {
    Type *map = type_under(call->u.call.args.v[0]->type);
    walk_expr(w, discard(), call->u.call.args.v[0]);
    walk_assigned(w, discard(), call->u.call.args.v[1], map->u.map.key);
    return;
  }
  default: walk_builtin_args(w, discard(), call); return;
  }
}

void walk_call(Walk *w, Hole *results, int nresults, Expr *call) {
  switch (call->u.call.call) {
  case CALL_FUNC: walk_func_call(w, results, nresults, call); return;
  case CALL_CONVERSION: walk_conversion(w, results[0], call); return;
  case CALL_BUILTIN: walk_builtin(w, results[0], call); return;
  }
}

/* ---- go and defer */

/* Function, receiver and arguments are kept where nothing is known of their lifetime. */
static void walk_kept_call(Walk *w, Expr *call) {
  if (call->kind != EXPR_CALL) return;
  if (call->u.call.call != CALL_FUNC) {
    if (call->u.call.call == CALL_BUILTIN) walk_builtin_args(w, to_heap(w), builtin_call(w, call));
    mark(w, call, w->graph.heap);
    return;
  }
  Expr *fun = expr_unparen(call->u.call.fun);
  Func *func = static_callee(fun);
  Callee c = {.sig = func ? func->sig : type_under(fun->type)};
  SelKind sel = fun->kind == EXPR_SELECTOR ? fun->u.selector.sel : SEL_NONE;
  bool method = sel == SEL_METHOD || sel == SEL_IFACEMETHOD;
  if (method) walk_expr(w, receiver_hole(fun, to_heap(w)), fun->u.selector.x);
  else walk_expr(w, to_heap(w), call->u.call.fun);
  walk_args(w, &c, call);
  mark(w, call, w->graph.heap);
  mark(w, call->u.call.fun, w->graph.heap);
}

void walk_go(Walk *w, Expr *call) {
  walk_kept_call(w, expr_unparen(call));
}

/* Outside loops its record, with what it holds, is in the frame; but where others of the function are made in loops, and so
 * on the heap, all are: one on the heap that linked to one in the frame would not know it any more when the stack moves. */
void walk_defer(Walk *w, Stmt *s) {
  Expr *call = expr_unparen(s->u.expr.x);
  s->u.expr.on_heap = w->depth > 1 || w->heap_defers;
  if (s->u.expr.on_heap) walk_kept_call(w, call);
  else walk_expr(w, discard(), call);
}
