/* check_select.c: x.f: members of packages, fields, methods, method values and method expressions. */
#include <string.h>

#include "check.h"

/* ---- pkg.Name */

static Object *package_named(Expr *x) {
  if (x->kind != EXPR_IDENT) return NULL;
  Object *obj = scope_lookup_up(ck.scope, x->u.ident.name, NULL);
  return obj && obj->kind == OBJ_PACKAGE ? obj : NULL;
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
  if (!member) error_at(e->u.selector.name_pos, "undefined: %s", expr_text(e));
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

static const char *found_word(const Lookup *l) { return l->kind == LOOKUP_FIELD ? "field" : "method"; }

/* The same name with its first letter in the other case. */
static const char *other_case(const char *name) {
  char *copy = format("%s", name);
  if ((copy[0] >= 'a' && copy[0] <= 'z') || (copy[0] >= 'A' && copy[0] <= 'Z')) copy[0] ^= 0x20;
  return intern_cstr(copy);
}

static Package *declaring_package(Type *t) {
  if (t->kind == T_POINTER) t = t->u.pointer.elem;
  return t->kind == T_NAMED ? t->u.named.obj->pkg : NULL;
}

static const char *missing_why(Type *t, const char *name) {
  Type *base = t->kind == T_POINTER ? t->u.pointer.elem : t;
  if (t->kind == T_POINTER && type_is_interface(base))
    return format("type %s is pointer to interface, not interface", type_text(t));
  Package *theirs = declaring_package(t);
  Lookup hidden = type_lookup(t, name, theirs ? theirs : ck.pkg);
  if (hidden.kind != LOOKUP_NONE && hidden.kind != LOOKUP_AMBIGUOUS)
    return format("cannot refer to unexported %s %s", found_word(&hidden), name);
  const char *other = other_case(name);
  Lookup near = type_lookup(t, other, ck.pkg);
  if (near.kind != LOOKUP_NONE && near.kind != LOOKUP_AMBIGUOUS)
    return format("type %s has no field or method %s, but does have %s %s", type_text(t), name, found_word(&near),
                  other);
  return format("type %s has no field or method %s", type_text(t), name);
}

static void report_missing(Expr *e, const Lookup *l, bool of_type) {
  Expr *x = e->u.selector.x;
  const char *name = e->u.selector.name, *shown = expr_text(x);
  Pos at = e->u.selector.name_pos;
  if (l->kind == LOOKUP_AMBIGUOUS) error_at(at, "ambiguous selector %s.%s", shown, name);
  else if (of_type && l->kind == LOOKUP_FIELD)
    error_at(at, "%s.%s undefined (type %s has no method %s)", shown, name, type_text(x->type), name);
  else error_at(at, "%s.%s undefined (%s)", shown, name, missing_why(x->type, name));
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

static bool pointer_method(const Lookup *l) {
  return l->kind == LOOKUP_METHOD && l->method->recv_type->kind == T_POINTER;
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

static Type *method_expr_type(Type *recv, Type *sig) {
  Type *t = type_new(T_FUNC);
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
  set_value(e, MODE_VALUE, method_expr_type(x->type, l->type));
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
  if (x->mode == MODE_INVALID) {
    invalidate(e);
    return;
  }
  if (e->u.selector.name[0] == '_' && !e->u.selector.name[1]) {
    report_missing(e, &(Lookup){0}, false);
    return;
  }
  default_type(x);
  if (x->mode == MODE_INVALID) {
    invalidate(e);
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
