/* gen_go.c: calls that are made later: go statements, and what they share with defer (gen_defer.c).
 *
 * Function, receiver and arguments are evaluated at the statement and kept in a closure {thunk, kept…}; the thunk, a
 * function without parameters and results, loads them and makes the call. A function value that needs no arguments and
 * has no results is such a closure already.
 */
#include "gen.h"
#include <string.h>

/* What is called: everything evaluated, so that the thunk only has to load and call. The first field is the
 * function value (FIELD_FUNC), the interface (FIELD_IFACE) or the receiver; the others are the arguments. */
typedef struct GoCall {
  enum { GO_STATIC, GO_METHOD, GO_IFACE, GO_VALUE, GO_BUILTIN } kind;
  Builtin builtin;
  Func *func;
  Type *type;
  int method_index;
  ValueList fields;
} GoCall;

static GoCall go_callee(Gen *g, Expr *call) {
  Expr *fun = expr_unparen(call->u.call.fun);
  SelKind sel = fun->kind == EXPR_SELECTOR ? fun->u.selector.sel : SEL_NONE;
  GoCall c = {.kind = GO_VALUE, .type = fun->type};
  bool named = fun->obj && fun->obj->kind == OBJ_FUNC && (fun->kind == EXPR_IDENT || sel == SEL_PACKAGE);
  if (named) {
    c.kind = GO_STATIC, c.func = fun->obj->func;
  } else if (sel == SEL_METHOD || sel == SEL_IFACEMETHOD) {
    Value recv = value_stable(g, gen_receiver(g, fun));
    list_push(&c.fields, recv);
    c.kind = sel == SEL_METHOD ? GO_METHOD : GO_IFACE;
    if (sel == SEL_METHOD) c.func = fun->u.selector.method->func;
    c.method_index = fun->u.selector.method_index;
  } else {
    list_push(&c.fields, gen_expr(g, fun));
  }
  if (c.func) c.type = c.func->sig;
  return c;
}

/* Built-ins that Go allows as statements. */
static bool go_builtin(Gen *g, Expr *call, GoCall *c) {
  call = builtin_call(g, call);
  Builtin id = c->builtin = call->u.call.builtin;
  Expr *first = call->u.call.args.n ? call->u.call.args.v[0] : NULL;
  c->kind = GO_BUILTIN;
  if (id == BUILTIN_PRINT || id == BUILTIN_PRINTLN) print_args(g, call, &c->fields);
  else if (id == BUILTIN_CLOSE || id == BUILTIN_CLEAR || id == BUILTIN_COPY)
    for (int i = 0; i < call->u.call.args.n; i++) list_push(&c->fields, gen_expr(g, call->u.call.args.v[i]));
  else if (id == BUILTIN_DELETE) {
    list_push(&c->fields, gen_expr(g, first));
    list_push(&c->fields, gen_expr_as(g, call->u.call.args.v[1], type_under(first->type)->u.map.key));
  } else if (id == BUILTIN_RECOVER) return true;
  else if (id == BUILTIN_PANIC) list_push(&c->fields, gen_expr_as(g, first, type_any));
  else return false;
  return true;
}

static void go_builtin_body(Gen *g, const GoCall *c, const ValueList *v) {
  if (c->builtin == BUILTIN_CLOSE) RT(g, closechan, NULL, v->v[0].w[0]);
  else if (c->builtin == BUILTIN_CLEAR) clear_value(g, v->v[0]);
  else if (c->builtin == BUILTIN_COPY) copy_values(g, v->v[0], v->v[1]);
  else if (c->builtin == BUILTIN_DELETE) map_delete(g, v->v[0], v->v[1]);
  else if (c->builtin == BUILTIN_RECOVER) gen_recover(g);
  else if (c->builtin == BUILTIN_PANIC) panic_value(g, v->v[0]);
  else print_values(g, v, c->builtin == BUILTIN_PRINTLN);
  LLVMBuildRetVoid(g->b);
}

static void go_thunk_body(Gen *g, const GoCall *c) {
  ValueList v = {0}, results = {0};
  int64_t end = 8;
  for (int i = 0; i < c->fields.n; i++) {
    Type *t = c->fields.v[i].type;
    Value f = value_load(g, t, byte_offset(g, g->fn->ctx, closure_field(&end, t)));
    f.fresh = f.mem; /* the object never changes */
    list_push(&v, f);
  }
  if (c->kind == GO_BUILTIN) {
    go_builtin_body(g, c, &v);
    return;
  }
  CallArgs args = {0};
  if (c->kind == GO_IFACE) args_push(&args, v.v[0].w[1]);
  for (int i = c->kind == GO_IFACE || c->kind == GO_VALUE; i < v.n; i++) args_add(g, &args, v.v[i]);
  if (c->func) {
    emit_call(g, func_sig(g, c->func), called_func(g, c->func), NULL, &args, &results);
  } else if (c->kind == GO_IFACE) {
    Type *type = iface_method_type(v.v[0].type, c->method_index);
    Sig *sig = sig_make(g, type_basic(T_UNSAFEPOINTER), type, false);
    emit_call(g, sig, iface_method_code(g, v.v[0], c->method_index), NULL, &args, &results);
  } else {
    Ir ctx = v.v[0].w[0];
    check_nil(g, ctx);
    Ir code = LLVMBuildLoad2(g->b, g->ptr, ctx, "");
    emit_call(g, sig_make(g, NULL, c->type, true), code, ctx, &args, &results);
  }
  LLVMBuildRetVoid(g->b);
}

static const char *thunk_symbol(Gen *g, const char *what) {
  const char *outer = g->fn->func ? g->fn->func->symbol : format("%s.init", g->pkg->path);
  return format("%s.%swrap%d", outer, what, ++g->fn->nwraps);
}

static Ir go_thunk(Gen *g, const GoCall *c, Pos pos, const char *symbol) {
  Fn fn;
  Ir ll;
  /* It exists when the function around is generated a second time (unroll_recursion), with the same statements. */
  if (!begin_wrapper(g, &fn, &ll, symbol, sig_make(g, NULL, type_new(T_FUNC), true), pos)) return ll;
  go_thunk_body(g, c);
  fn_end(g);
  return ll;
}

/* The code of a function value that is a literal, else null. */
static Ir known_code(Gen *g, Expr *fun) {
  fun = expr_unparen(fun);
  return fun->kind == EXPR_FUNC ? declare_func(g, fun->u.funclit.func) : NULL;
}

/* A nil function value is not looked at before it is called. */
Ir later_call(Gen *g, Expr *call, const char *what, bool heap, Ir *code) {
  call = expr_unparen(call);
  GoCall c = {0};
  if (call->u.call.call != CALL_FUNC) {
    if (call->u.call.call == CALL_CONVERSION || !go_builtin(g, call, &c)) {
      not_yet(call->pos, format("%s with this built-in function", what));
      *code = NULL;
      return null_ref(g);
    }
  } else {
    c = go_callee(g, call);
    gen_args(g, call, c.type, &c.fields);
  }
  debug_at(g, call->pos);
  Type *u = c.type ? type_under(c.type) : NULL;
  if (c.kind == GO_VALUE && u->u.func.params.n + u->u.func.results.n == 0) {
    *code = known_code(g, call->u.call.fun);
    return c.fields.v[0].w[0];
  }
  if (c.kind == GO_IFACE) check_nil(g, c.fields.v[0].w[0]);
  const char *symbol = thunk_symbol(g, what);
  *code = go_thunk(g, &c, call->pos, symbol);
  return make_closure(g, *code, &c.fields, heap, symbol);
}

void gen_go(Gen *g, Expr *call) {
  Ir code, closure = later_call(g, call, "go", true, &code);
  RT(g, newproc, NULL, closure);
}
