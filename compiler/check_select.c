/* check_select.c: x.f: members of packages, fields, methods, method values and method expressions. */
#include <string.h>

#include "check.h"

/* ---- pkg.Name */

static Object *package_named(Expr *x) {
  if (x->kind != EXPR_IDENT) return NULL;
  Object *obj = scope_lookup_up(ck.scope, x->u.ident.name, NULL);
  return obj && obj->kind == OBJ_PACKAGE ? obj : NULL;
}

/* Go looks for another spelling if that is exported. */
static void report_no_member(Expr *e, const Package *imported) {
  const ObjectList *objs = &imported->scope->objs;
  for (int i = 0; i < objs->n; i++) {
    const char *name = objs->v[i]->name;
    if (strcasecmp(name, e->u.selector.name) != 0 || !name_is_exported(name)) continue;
    error_at(e->u.selector.name_pos, "undefined: %s (but have %s)", expr_text(e), name);
    return;
  }
  error_at(e->u.selector.name_pos, "undefined: %s", expr_text(e));
}

static void check_member(Expr *e, Object *pkg_obj) {
  Expr *x = e->u.selector.x;
  const char *name = e->u.selector.name;
  Package *imported = pkg_obj->imported;
  pkg_obj->used = true;
  x->obj = pkg_obj;
  set_value(x, MODE_PACKAGE, type_basic(T_INVALID));
  invalidate(e);
  if (!imported || !imported->scope) return; /* reported by whoever loads packages */
  Object *member = scope_lookup(imported->scope, name);
  if (!member) report_no_member(e, imported);
  else if (!name_is_exported(name))
    error_at(e->u.selector.name_pos, "name %s not exported by package %s", name, imported->name);
  else {
    e->obj = member;
    e->u.selector.sel = SEL_PACKAGE;
    member->used = true;
    if (member->kind == OBJ_CONST) set_const(e, member->type, member->cval);
    else
      set_value(e,
                member->kind == OBJ_TYPE  ? MODE_TYPE
                : member->kind == OBJ_VAR ? MODE_VAR
                                          : MODE_VALUE,
                member->type);
    if (!member->type || member->type->kind == T_INVALID) invalidate(e);
  }
}

/* ---- what is missing */

static bool pointer_method(const Lookup *l) {
  return l->kind == LOOKUP_METHOD && l->method->recv_type->kind == T_POINTER;
}

const char *spelling_hint(const char *name, const char *found, const Package *pkg) {
  bool same_rest = strcmp(found + 1, name + 1) == 0;
  if (pkg == ck.pkg || (name_is_exported(found) && (same_rest || name_is_exported(name)))) return "";
  return name_is_exported(name) && same_rest ? "unexported " : NULL;
}

/* What of another spelling was found: what follows "has no field or method", or all that is said; null: nothing that
 * helps. */
static const char *other_spelling(const char *name, const Lookup *l, bool *whole) {
  const char *word = l->kind == LOOKUP_FIELD ? "field" : "method";
  const char *hint = spelling_hint(name, l->name, l->pkg);
  *whole = !hint && name == l->name;
  if (hint) return format(", but does have %s%s %s", hint, word, l->name);
  return *whole ? format("cannot refer to unexported %s %s", word, name) : NULL;
}

static const char *missing_why(Expr *x, const char *name) {
  Type *t = x->type, *u = type_under(t);
  if (u->kind == T_POINTER && type_is_interface(u->u.pointer.elem))
    return format("type %s is pointer to interface, not interface", type_text(t));
  Lookup near = type_lookup_any_case(t, name);
  bool found = near.kind != LOOKUP_NONE && near.kind != LOOKUP_AMBIGUOUS, whole = false;
  if (pointer_method(&near) && !near.indirect && x->mode != MODE_VAR) found = false;
  const char *hint = found ? other_spelling(name, &near, &whole) : NULL;
  return whole ? hint : format("type %s has no field or method %s%s", type_text(t), name, hint ? hint : "");
}

static void report_missing(Expr *e, const Lookup *l, bool of_type) {
  Expr *x = e->u.selector.x;
  const char *name = e->u.selector.name, *shown = expr_text(x);
  Pos at = e->u.selector.name_pos;
  if (l->kind == LOOKUP_AMBIGUOUS) error_at(at, "ambiguous selector %s.%s", shown, name);
  else if (of_type && l->kind == LOOKUP_FIELD)
    error_at(at, "%s.%s undefined (type %s has no method %s)", shown, name, type_text(x->type), name);
  else error_at(at, "%s.%s undefined (%s)", shown, name, missing_why(x, name));
  invalidate(e);
}

/* ---- fields and methods */

static void take_path(Expr *e, const Lookup *l) {
  e->u.selector.path = l->path;
  e->u.selector.npath = l->npath;
  e->u.selector.method = l->method;
  e->u.selector.method_index = l->method_index;
}

/* The type that path leads to, from t: the receiver before it is adjusted. */
static Type *path_end(Type *t, const Lookup *l) {
  for (int i = 0; i < l->npath; i++) {
    Type *u = type_under(t);
    if (u->kind == T_POINTER) u = type_under(u->u.pointer.elem);
    t = u->u.strct.fields.v[l->path[i]].type;
  }
  return t;
}

static void adjust_receiver(Expr *e, const Lookup *l) {
  if (l->kind != LOOKUP_METHOD) return;
  bool have_pointer = path_end(e->u.selector.x->type, l)->kind == T_POINTER;
  e->u.selector.recv_addr = pointer_method(l) && !have_pointer;
  e->u.selector.recv_deref = !pointer_method(l) && have_pointer;
}

static bool path_follows_pointer(Expr *e) {
  Type *t = e->u.selector.x->type;
  for (int i = 0; i < e->u.selector.npath; i++) {
    Type *u = type_under(t);
    if (u->kind != T_STRUCT) return true;
    t = u->u.strct.fields.v[e->u.selector.path[i]].type;
  }
  return false;
}

/* Names are needed if the method's parameters have some; a receiver that has none is _. */
static const char **method_expr_names(const Lookup *l) {
  const Type *sig = l->type;
  int n = sig->u.func.params.n + sig->u.func.results.n;
  if (!sig->u.func.names) return NULL;
  const char **names = arena_alloc((size_t)(n + 1) * sizeof *names);
  const Object *recv = l->method && l->method->func ? l->method->func->recv : NULL;
  bool named = sig->u.func.params.n > 0 && sig->u.func.names[0][0];
  names[0] = !named ? "" : recv && recv->name[0] ? recv->name : "_";
  for (int i = 0; i < n; i++) names[i + 1] = sig->u.func.names[i];
  return names;
}

static Type *method_expr_type(Type *recv, const Lookup *l) {
  Type *t = type_new(T_FUNC), *sig = l->type;
  t->u.func.names = method_expr_names(l);
  t->u.func.variadic = sig->u.func.variadic;
  t->u.func.results = sig->u.func.results;
  list_push(&t->u.func.params, recv);
  for (int i = 0; i < sig->u.func.params.n; i++) list_push(&t->u.func.params, sig->u.func.params.v[i]);
  return t;
}

static void check_method_expr(Expr *e, const Lookup *l) {
  Expr *x = e->u.selector.x;
  const char *name = e->u.selector.name, *t = type_text(x->type);
  if (l->kind != LOOKUP_METHOD && l->kind != LOOKUP_IFACEMETHOD) {
    report_missing(e, l, true);
    return;
  }
  if (pointer_method(l) && !l->indirect) {
    error_at(e->u.selector.name_pos, "invalid method expression %s.%s (needs pointer receiver (*%s).%s)", t, name, t,
             name);
    invalidate(e);
    return;
  }
  take_path(e, l);
  adjust_receiver(e, l);
  e->u.selector.sel = SEL_METHODEXPR;
  if (l->method) note_use(l->method);
  set_value(e, MODE_VALUE, method_expr_type(x->type, l));
}

static void check_field(Expr *e, const Lookup *l) {
  take_path(e, l);
  e->u.selector.sel = SEL_FIELD;
  bool addressable = e->u.selector.x->mode == MODE_VAR || l->indirect;
  set_value(e, addressable ? MODE_VAR : MODE_VALUE, l->type);
  if (l->type->kind == T_INVALID) invalidate(e);
}

static void check_method(Expr *e, const Lookup *l) {
  Expr *x = e->u.selector.x;
  if (pointer_method(l) && !l->indirect && x->mode != MODE_VAR) {
    error_at(e->u.selector.name_pos, "cannot call pointer method %s on %s", e->u.selector.name, type_text(x->type));
    invalidate(e);
    return;
  }
  take_path(e, l);
  adjust_receiver(e, l);
  e->u.selector.sel = l->kind == LOOKUP_METHOD ? SEL_METHOD : SEL_IFACEMETHOD;
  if (e->u.selector.recv_addr && !path_follows_pointer(e)) mark_addr_taken(x);
  if (l->method) note_use(l->method);
  set_value(e, MODE_VALUE, l->type);
}

void check_selector(Expr *e, bool called) {
  Expr *x = e->u.selector.x;
  e->u.selector.called = called;
  Object *pkg_obj = package_named(x);
  if (pkg_obj) {
    check_member(e, pkg_obj);
    return;
  }
  check_expr_or_type(x);
  if (x->mode == MODE_BUILTIN) {
    error_at(x->end, "invalid use of %s in selector expression", operand_text(x));
    invalidate(x);
  }
  if (x->mode == MODE_INVALID) {
    invalidate(e);
    return;
  }
  if (e->u.selector.name[0] == '_' && !e->u.selector.name[1]) {
    report_missing(e, &(Lookup){0}, false);
    return;
  }
  Lookup l = type_lookup(x->type, e->u.selector.name, ck.pkg);
  bool found = l.kind != LOOKUP_NONE && l.kind != LOOKUP_AMBIGUOUS;
  if (found && !l.type) invalidate(e); /* a method whose signature is wrong, reported there */
  else if (x->mode == MODE_TYPE) check_method_expr(e, &l);
  else if (!found) report_missing(e, &l, false);
  else if (l.kind == LOOKUP_FIELD) check_field(e, &l);
  else check_method(e, &l);
}
