/* check_builtin.c: calls of built-in functions: one table says how many arguments each takes and who checks them. */
#include "check.h"

typedef struct BuiltinCall {
  Expr *e;
  Builtin id;
  ExprList args;
} BuiltinCall;

static bool fail(Expr *e) {
  invalidate(e);
  return false;
}

/* ---- len, cap */

static Type *pointed_array(Type *u) {
  if (u->kind == T_POINTER) u = type_under(u->u.pointer.elem);
  return u->kind == T_ARRAY ? u : NULL;
}

static bool has_length(Type *u, Builtin id) {
  if (u->kind == T_SLICE || u->kind == T_CHAN) return true;
  return id == BUILTIN_LEN && (u->kind == T_MAP || type_is_string(u));
}

/* A constant, unless finding the array takes a call or a receive. */
static void array_length(BuiltinCall *b, Type *array, int calls_before) {
  if (ck.calls == calls_before) set_const(b->e, type_basic(T_INT), const_from_int64(array->u.array.len));
  else set_value(b->e, MODE_VALUE, type_basic(T_INT));
}

static bool check_length(BuiltinCall *b, int calls_before) {
  Expr *x = b->args.v[0];
  Type *u = type_under(x->type), *array = pointed_array(u);
  if (b->id == BUILTIN_LEN && x->mode == MODE_CONST && type_is_string(u)) {
    default_type(x);
    set_const(b->e, type_basic(T_INT), const_from_int64((int64_t)const_string_length(x->cval)));
  } else if (array) array_length(b, array, calls_before);
  else if (x->mode != MODE_NIL && has_length(u, b->id)) {
    default_type(x);
    set_value(b->e, MODE_VALUE, type_basic(T_INT));
  } else {
    error_at(expr_start(x), "invalid argument: %s for built-in %s", operand_text(x),
             b->id == BUILTIN_LEN ? "len" : "cap");
    return fail(b->e);
  }
  return true;
}

/* ---- append, copy, clear, close, delete */

static bool is_byte_slice(Type *u) { return u->kind == T_SLICE && type_under(u->u.slice.elem)->kind == T_UINT8; }

static bool check_append(BuiltinCall *b) {
  Expr *e = b->e, *x = b->args.v[0];
  Type *u = type_under(x->type);
  if (x->mode == MODE_NIL) {
    error_at(expr_start(x), "invalid append: argument must be a slice; have untyped nil");
    return fail(e);
  }
  if (u->kind != T_SLICE) {
    error_at(expr_start(x), "invalid append: argument must be a slice; have %s", operand_text(x));
    return fail(e);
  }
  set_value(e, MODE_VALUE, x->type);
  if (e->u.call.has_ellipsis) {
    if (b->args.n != 2) {
      error_at(expr_start(e), "can only use ... with final argument in list");
      return fail(e);
    }
    Expr *tail = b->args.v[1];
    if (is_byte_slice(u) && tail->mode != MODE_NIL && type_is_string(tail->type)) default_type(tail);
    else assign_to(tail, type_new_slice(u->u.slice.elem), "argument to append");
    return true;
  }
  for (int i = 1; i < b->args.n; i++) assign_to(b->args.v[i], u->u.slice.elem, "argument to append");
  return true;
}

static bool copy_operand(BuiltinCall *b, Expr *x, bool string_too, Type **elem) {
  Type *u = type_under(x->type);
  if (u->kind == T_SLICE) *elem = u->u.slice.elem;
  else if (string_too && type_is_string(u)) *elem = type_byte;
  else {
    error_at(expr_start(x), "invalid copy: argument must be a slice; have %s",
             x->mode == MODE_NIL ? "untyped nil" : operand_text(x));
    return fail(b->e);
  }
  return true;
}

static bool check_copy(BuiltinCall *b) {
  Expr *to = b->args.v[0], *from = b->args.v[1];
  Type *to_elem, *from_elem;
  if (!copy_operand(b, to, false, &to_elem)) return false;
  if (!copy_operand(b, from, true, &from_elem)) return false;
  if (!type_identical(to_elem, from_elem)) {
    error_at(expr_start(to), "invalid copy: arguments %s and %s have different element types %s and %s",
             operand_text(to), operand_text(from), type_text(to_elem), type_text(from_elem));
    return fail(b->e);
  }
  default_type(from);
  set_value(b->e, MODE_VALUE, type_basic(T_INT));
  return true;
}

static bool check_clear(BuiltinCall *b) {
  Expr *x = b->args.v[0];
  TypeKind kind = type_under(x->type)->kind;
  if (kind != T_MAP && kind != T_SLICE) {
    error_at(expr_start(x), "invalid argument: cannot clear %s: argument must be (or constrained by) map or slice",
             operand_text(x));
    return fail(b->e);
  }
  set_value(b->e, MODE_NOVALUE, type_new_tuple((TypeList){0}));
  return true;
}

static bool check_close(BuiltinCall *b) {
  Expr *x = b->args.v[0];
  Type *u = type_under(x->type);
  const char *why = u->kind != T_CHAN ? "non-channel" : u->u.chan.dir == CHAN_RECV ? "receive-only channel" : NULL;
  if (why) {
    error_at(expr_start(x), "invalid operation: cannot close %s %s", why, operand_text(x));
    return fail(b->e);
  }
  set_value(b->e, MODE_NOVALUE, type_new_tuple((TypeList){0}));
  return true;
}

static bool check_delete(BuiltinCall *b) {
  Expr *x = b->args.v[0];
  Type *u = type_under(x->type);
  if (u->kind != T_MAP) {
    error_at(expr_start(x), "invalid argument: %s is not a map", operand_text(x));
    return fail(b->e);
  }
  assign_to(b->args.v[1], u->u.map.key, "argument to delete");
  set_value(b->e, MODE_NOVALUE, type_new_tuple((TypeList){0}));
  return true;
}

/* ---- make, new: the first argument is a type */

static bool check_sizes(Expr *e) {
  int64_t sizes[2] = {-1, -1};
  bool ok = true;
  for (int i = 1; i < e->u.call.args.n && i <= 2; i++)
    if (!check_index_value(e->u.call.args.v[i], -1, &sizes[i - 1], "index")) ok = false;
  if (!ok || sizes[0] < 0 || sizes[1] < 0 || sizes[0] <= sizes[1]) return ok;
  error_at(expr_start(e->u.call.args.v[1]), "invalid argument: length and capacity swapped");
  return false;
}

static void check_make(Expr *e) {
  ExprList *args = &e->u.call.args;
  Type *t = check_type(args->v[0]), *u = type_under(t);
  int least = u->kind == T_SLICE ? 2 : 1;
  if (u->kind != T_SLICE && u->kind != T_MAP && u->kind != T_CHAN) {
    if (u->kind != T_INVALID)
      error_at(expr_start(args->v[0]), "invalid argument: cannot make %s: type must be slice, map, or channel",
               expr_text(args->v[0]));
    for (int i = 1; i < args->n; i++) use_expr(args->v[i]);
    invalidate(e);
    return;
  }
  if (args->n < least || args->n > least + 1) {
    error_at(expr_start(e), "invalid operation: %s expects %d or %d arguments; found %d", expr_text(e), least,
             least + 1, args->n);
    for (int i = 1; i < args->n; i++) use_expr(args->v[i]);
    invalidate(e);
    return;
  }
  check_sizes(e);
  set_value(e, MODE_VALUE, t);
}

static void check_new(Expr *e) {
  Expr *x = e->u.call.args.v[0];
  check_expr_or_type(x);
  if (x->mode == MODE_BUILTIN) check_expr(x); /* which says what is wrong */
  if (x->mode != MODE_TYPE) assign_to(x, NULL, "argument to new");
  if (x->mode == MODE_INVALID) invalidate(e);
  else set_value(e, MODE_VALUE, type_new_pointer(x->type));
}

/* ---- min, max */

static bool orderable(Type *t) { return type_is_string(t) || type_is_integer(t) || type_is_float(t); }

static bool fold_extreme(BuiltinCall *b, Expr *best, Expr *x) {
  if (!orderable(x->type)) {
    error_at(expr_start(x), "invalid argument: %s cannot be ordered", operand_text(x));
    return false;
  }
  if (type_is_string(best->type) == type_is_string(x->type) && !match_operands(best, x)) return false;
  if (!type_identical(best->type, x->type)) {
    error_at(expr_start(x), "invalid argument: mismatched types %s (previous argument) and %s (type of %s)",
             type_text(best->type), type_text(x->type), expr_text(x));
    return false;
  }
  if (best->mode != MODE_CONST || x->mode != MODE_CONST) best->mode = MODE_VALUE;
  else if (const_compare(b->id == BUILTIN_MIN ? OP_LT : OP_GT, x->cval, best->cval)) best->cval = x->cval;
  return true;
}

static bool check_extreme(BuiltinCall *b) {
  Expr *first = b->args.v[0];
  if (!orderable(first->type)) {
    error_at(expr_start(first), "invalid argument: %s cannot be ordered", operand_text(first));
    return fail(b->e);
  }
  Expr best = *first;
  for (int i = 1; i < b->args.n; i++)
    if (!fold_extreme(b, &best, b->args.v[i])) return fail(b->e);
  if (best.mode != MODE_CONST) {
    default_type(&best); /* of untyped arguments one can only be a shift by a variable */
    best.mode = MODE_VALUE;
  }
  for (int i = 0; i < b->args.n; i++) convert_untyped(b->args.v[i], best.type);
  if (best.mode == MODE_CONST) set_const(b->e, best.type, best.cval);
  else set_value(b->e, MODE_VALUE, best.type);
  return true;
}

/* ---- panic, print, recover */

static bool check_panic(BuiltinCall *b) {
  assign_to(b->args.v[0], type_any, "argument to panic");
  set_value(b->e, MODE_NOVALUE, type_new_tuple((TypeList){0}));
  return true;
}

static bool check_print(BuiltinCall *b) {
  const char *context = format("argument to built-in %s", b->id == BUILTIN_PRINT ? "print" : "println");
  for (int i = 0; i < b->args.n; i++) assign_to(b->args.v[i], NULL, context);
  set_value(b->e, MODE_NOVALUE, type_new_tuple((TypeList){0}));
  return true;
}

static bool check_recover(BuiltinCall *b) {
  if (ck.func) ck.func->has_recover = true;
  set_value(b->e, MODE_VALUE, type_any);
  return true;
}

static bool check_complex(BuiltinCall *b) {
  not_yet(expr_start(b->e), "complex numbers");
  return fail(b->e);
}

/* ---- the table */

static const struct {
  const char *name;
  int args;
  bool more, statement;
  bool (*check)(BuiltinCall *b); /* null: takes a type, or needs more */
} builtins[] = {
  [BUILTIN_APPEND] = {"append", 1, true, false, check_append},
  [BUILTIN_CAP] = {"cap", 1, false, false, NULL},
  [BUILTIN_CLEAR] = {"clear", 1, false, true, check_clear},
  [BUILTIN_CLOSE] = {"close", 1, false, true, check_close},
  [BUILTIN_COMPLEX] = {"complex", 2, false, false, check_complex},
  [BUILTIN_COPY] = {"copy", 2, false, true, check_copy},
  [BUILTIN_DELETE] = {"delete", 2, false, true, check_delete},
  [BUILTIN_IMAG] = {"imag", 1, false, false, check_complex},
  [BUILTIN_LEN] = {"len", 1, false, false, NULL},
  [BUILTIN_MAKE] = {"make", 1, true, false, NULL},
  [BUILTIN_MAX] = {"max", 1, true, false, check_extreme},
  [BUILTIN_MIN] = {"min", 1, true, false, check_extreme},
  [BUILTIN_NEW] = {"new", 1, false, false, NULL},
  [BUILTIN_PANIC] = {"panic", 1, false, true, check_panic},
  [BUILTIN_PRINT] = {"print", 0, true, true, check_print},
  [BUILTIN_PRINTLN] = {"println", 0, true, true, check_print},
  [BUILTIN_REAL] = {"real", 1, false, false, check_complex},
  [BUILTIN_RECOVER] = {"recover", 0, false, true, check_recover},
};

/* ---- f(g()) with several results of g */

/* What was checked in place of g's results becomes the names of variables: each built-in function is generated in its own
 * way, from arguments that it evaluates itself, and need not know where they come from. */
static Expr *call_by_names(Expr *e, const ExprList *results) {
  Expr *by_names = NEW(Expr);
  *by_names = *e;
  by_names->u.call.args = *results;
  for (int i = 0; i < results->n; i++) {
    Expr *x = results->v[i];
    const char *name = format("result %d of %s", i + 1, expr_text(e->u.call.args.v[0]));
    x->kind = EXPR_IDENT;
    x->u.ident.name = name;
    x->obj = new_local_var(name, x->pos, e->u.call.args.v[0]->type->u.tuple.types.v[i]);
  }
  return by_names;
}

bool builtin_is_statement(Builtin id) { return builtins[id].statement; }

static bool count_fits(Expr *e, Builtin id, int n) {
  int want = builtins[id].args;
  const char *fault = n < want ? "not enough" : n > want && !builtins[id].more ? "too many" : NULL;
  if (!fault) return true;
  error_at(expr_start(e), "invalid operation: %s arguments for %s (expected %d, found %d)", fault, expr_text(e), want,
           n);
  return fail(e);
}

static bool takes_type(Builtin id) { return id == BUILTIN_MAKE || id == BUILTIN_NEW; }

void check_builtin(Expr *e, Builtin id) {
  int calls_before = ck.calls;
  if (e->u.call.has_ellipsis && id != BUILTIN_APPEND) {
    error_at(expr_start(e), "invalid operation: invalid use of ... with built-in %s", builtins[id].name);
    if (!takes_type(id)) use_exprs(&e->u.call.args);
    invalidate(e);
    return;
  }
  if (takes_type(id)) {
    if (!count_fits(e, id, e->u.call.args.n)) return;
    if (id == BUILTIN_MAKE) check_make(e);
    else check_new(e);
    return;
  }
  bool ok;
  BuiltinCall b = {.e = e, .id = id, .args = check_values(&e->u.call.args, &ok)};
  if (!ok) {
    for (int i = 0; i < b.args.n; i++)
      if (b.args.v[i]->mode != MODE_NIL) default_type(b.args.v[i]);
    fail(e);
    return;
  }
  if (!count_fits(e, id, b.args.n)) return;
  bool sound = builtins[id].check ? builtins[id].check(&b) : check_length(&b, calls_before);
  if (sound && b.args.v != e->u.call.args.v) e->u.call.by_names = call_by_names(e, &b.args);
  if (e->mode != MODE_CONST) ck.calls++;
}
