/* check_type.c: type expressions.
 *
 * A type is built before the types it mentions are complete: that is what lets types mention each other. So nothing
 * here may look through a name; what must is done by later(), when the outermost type under way is complete.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"

static Type *invalid(void) { return type_basic(T_INVALID); }

/* ---- names */

static const char *object_kind(const Object *obj) {
  switch (obj->kind) {
  case OBJ_PACKAGE: return "package name";
  case OBJ_CONST: return "constant";
  case OBJ_TYPE: return "defined type";
  case OBJ_VAR:
    return obj->global   ? "package-level variable"
           : obj->param  ? "parameter"
           : obj->result ? "result variable"
                         : "local variable";
  case OBJ_FUNC: return "function";
  case OBJ_BUILTIN: return "built-in function";
  default: return "untyped nil";
  }
}

/* x.f with x a type or a value names no type, whatever f is. */
static bool selects_from_value(Expr *e) {
  if (e->kind != EXPR_SELECTOR) return false;
  Expr *x = e->u.selector.x;
  if (x->kind == EXPR_IDENT) {
    Object *obj = scope_lookup_up(ck.scope, x->u.ident.name, NULL);
    if (!obj || obj->kind == OBJ_PACKAGE) return false;
  }
  check_any(x);
  if (x->mode != MODE_INVALID) error_at(e->u.selector.name_pos, "%s is not a type", expr_text(e));
  return true;
}

void report_not_type(Expr *e) {
  if (e->kind == EXPR_IDENT && e->obj) error_at(e->pos, "%s (%s) is not a type", e->u.ident.name, object_kind(e->obj));
  else error_at(expr_start(e), "%s is not a type", e->kind == EXPR_SELECTOR ? operand_text(e) : expr_text(e));
}

/* Before anything is asked of the object: const x x is no cycle. */
static bool names_other(Expr *e) {
  Object *obj = e->kind == EXPR_IDENT ? scope_lookup_up(ck.scope, e->u.ident.name, NULL) : NULL;
  if (!obj || obj->kind == OBJ_TYPE) return false;
  obj->used = true;
  e->obj = obj;
  report_not_type(e);
  return true;
}

static Type *named_type(Expr *e) {
  if (names_other(e) || selects_from_value(e)) return invalid();
  check_any(e);
  if (e->mode == MODE_TYPE) return e->type;
  if (e->mode == MODE_INVALID) return invalid();
  report_not_type(e);
  return invalid();
}

/* ---- arrays */

static const char *length_fault(Expr *e) {
  if (e->mode != MODE_CONST)
    return expr_unparen(e)->kind == EXPR_IDENT ? "invalid array length %s" : "array length %s must be constant";
  if (!type_is_untyped(e->type) && !type_is_integer(e->type)) return "array length %s must be integer";
  if (!type_is_numeric(e->type) || !const_to_int(e->cval)) return "array length %s must be integer";
  Const *n = const_to_int(e->cval);
  return const_sign(n) < 0 || !const_fits_int64(n) ? "invalid array length %s" : NULL;
}

static void report_length(Expr *e, const char *fault) {
  bool name = e->mode != MODE_CONST && expr_unparen(e)->kind == EXPR_IDENT;
  const char *what = name ? expr_text(e) : operand_text(e);
  const char *at = strstr(fault, "%s");
  error_at(expr_start(e), "%.*s%s%s", (int)(at - fault), fault, what, at + 2);
}

/* A name that is no constant's is refused without being used. */
static bool names_no_length(Expr *e) {
  if (e->kind != EXPR_IDENT) return false;
  const Object *obj = scope_lookup_up(ck.scope, e->u.ident.name, NULL);
  if (!obj) error_at(e->pos, "undefined array length %s or missing type constraint", e->u.ident.name);
  else if (obj->kind != OBJ_CONST) error_at(e->pos, "invalid array length %s", e->u.ident.name);
  return !obj || obj->kind != OBJ_CONST;
}

int64_t check_array_length(Expr *e) {
  if (names_no_length(e)) return -1;
  int saved = ck.length_from;
  ck.length_from = ck.active.n + 1;
  check_expr(e);
  ck.length_from = saved;
  if (e->mode == MODE_INVALID) return -1;
  const char *fault = length_fault(e);
  if (fault) {
    report_length(e, fault);
    return -1;
  }
  int64_t n = const_int64(const_to_int(e->cval));
  convert_untyped(e, type_basic(T_INT));
  return n;
}

static void check_array_size(void *what, Pos pos) {
  Type *t = what;
  if (type_size(t) > TYPE_SIZE_MAX) error_at(pos, "type %s larger than address space", type_text(t));
}

static Type *array_type(Expr *e) {
  if (e->u.arraytype.ellipsis) {
    error_at(e->pos, "invalid use of [...] array (outside a composite literal)");
    check_type(e->u.arraytype.elem);
    return invalid();
  }
  if (!e->u.arraytype.len) return type_new_slice(check_type(e->u.arraytype.elem));
  int64_t len = check_array_length(e->u.arraytype.len);
  Type *elem = check_type(e->u.arraytype.elem);
  if (len < 0) return invalid();
  Type *t = type_new_array(elem, len);
  later(check_array_size, t, e->pos);
  return t;
}

/* ---- structs */

static const char *embedded_name(Expr *e, Pos *pos) {
  e = expr_unparen(e);
  if (e->kind == EXPR_STAR) e = expr_unparen(e->u.star.x);
  *pos = e->kind == EXPR_SELECTOR ? e->u.selector.name_pos : e->pos;
  return e->kind == EXPR_IDENT ? e->u.ident.name : e->kind == EXPR_SELECTOR ? e->u.selector.name : NULL;
}

static void check_embedded(void *what, Pos pos) {
  Type *t = what, *u = type_under(t);
  if (u->kind == T_UNSAFEPOINTER) error_at(pos, "embedded field type cannot be unsafe.Pointer");
  else if (t->kind == T_POINTER && type_is_interface(t->u.pointer.elem))
    error_at(pos, "embedded field type cannot be a pointer to an interface");
  else if (t->kind == T_POINTER ? type_under(t->u.pointer.elem)->kind == T_POINTER : u->kind == T_POINTER)
    error_at(pos, "embedded field type cannot be a pointer");
}

static void add_field(Type *t, Scope *seen, StructField field) {
  if (!is_blank(field.name)) {
    Object *probe = new_object(OBJ_VAR, field.name, field.pos, field.type), *old = scope_insert(seen, probe);
    if (old) {
      error_at(field.pos, "%s redeclared", field.name);
      note_at(old->pos, "other declaration of %s", field.name);
      return;
    }
  }
  list_push(&t->u.strct.fields, field);
}

static void add_fields(Type *t, Scope *seen, Field *f) {
  Type *type = check_type(f->type_expr);
  StructField field = {.type = type, .pkg = ck.pkg, .pos = f->pos};
  if (f->tag) field.tag = format("%.*s", (int)f->tag->u.lit.length, f->tag->u.lit.text);
  for (int i = 0; i < f->names.n; i++) {
    field.name = f->names.v[i]->u.ident.name;
    field.pos = f->names.v[i]->pos;
    add_field(t, seen, field);
  }
  if (f->names.n > 0) return;
  field.embedded = true;
  field.name = embedded_name(f->type_expr, &field.pos);
  Pos start = expr_start(f->type_expr);
  if (!field.name) {
    error_at(start, "invalid embedded field type %s", expr_text(f->type_expr));
    return;
  }
  add_field(t, seen, field);
  later(check_embedded, type, start);
}

static Type *struct_type(Expr *e) {
  Type *t = type_new(T_STRUCT);
  Scope *seen = scope_new(NULL);
  for (int i = 0; i < e->u.structtype.fields.n; i++) add_fields(t, seen, e->u.structtype.fields.v[i]);
  return t;
}

/* ---- interfaces */

static int methods_by_name(const void *a, const void *b) {
  const IfaceMethod *x = a, *y = b;
  int order = strcmp(x->name, y->name);
  return order || !x->pkg || !y->pkg ? order : strcmp(x->pkg->path, y->pkg->path);
}

static IfaceMethod *find_method(Type *t, const IfaceMethod *m) {
  for (int i = 0; i < t->u.iface.methods.n; i++) {
    IfaceMethod *old = &t->u.iface.methods.v[i];
    if (old->name == m->name && (old->pkg == m->pkg || name_is_exported(m->name))) return old;
  }
  return NULL;
}

static void embed_method(Type *t, const IfaceMethod *m, Pos pos) {
  IfaceMethod *old = find_method(t, m), copy = *m;
  copy.pos = pos; /* where this interface gets it */
  if (!old) list_push(&t->u.iface.methods, copy);
  else if (!type_identical(old->type, m->type)) {
    error_at(pos, "duplicate method %s", m->name);
    note_at(old->pos, "other declaration of method %s", m->name);
  }
}

static void embed_interface(Type *t, Type *embedded, Pos pos) {
  Type *u = type_under(embedded);
  if (u->kind == T_INVALID) return;
  if (u->kind != T_INTERFACE) {
    error_at(pos, "cannot use type %s outside a type constraint: interface contains type constraints",
             type_text(embedded));
    return;
  }
  complete_interface(u);
  for (int i = 0; i < u->u.iface.methods.n; i++) embed_method(t, &u->u.iface.methods.v[i], pos);
}

/* Set complete first: an interface that embeds itself (reported by check_valid.c) must not send us round for ever. */
void complete_interface(Type *t) {
  if (t->u.iface.complete) return;
  t->u.iface.complete = true;
  for (int i = 0; i < t->u.iface.embeds.n; i++) embed_interface(t, t->u.iface.embeds.v[i], t->u.iface.embed_pos[i]);
  if (t->u.iface.methods.n > 1)
    qsort(t->u.iface.methods.v, (size_t)t->u.iface.methods.n, sizeof *t->u.iface.methods.v, methods_by_name);
}

/* Does t mention the interface other than through a name? */
static bool mentions(Type *t, Type *iface, int depth);

static bool any_mentions(const TypeList *types, Type *iface, int depth) {
  for (int i = 0; i < types->n; i++)
    if (mentions(types->v[i], iface, depth)) return true;
  return false;
}

static bool methods_mention(Type *t, Type *iface, int depth) {
  for (int i = 0; i < t->u.iface.methods.n; i++)
    if (mentions(t->u.iface.methods.v[i].type, iface, depth)) return true;
  return false;
}

static bool fields_mention(Type *t, Type *iface, int depth) {
  for (int i = 0; i < t->u.strct.fields.n; i++)
    if (mentions(t->u.strct.fields.v[i].type, iface, depth)) return true;
  return false;
}

static bool mentions(Type *t, Type *iface, int depth) {
  enum { DEEP = 20 }; /* other interfaces on the way may turn round too */
  if (t == iface) return true;
  if (depth > DEEP) return false;
  switch (t->kind) {
  case T_ARRAY: return mentions(t->u.array.elem, iface, depth + 1);
  case T_SLICE: return mentions(t->u.slice.elem, iface, depth + 1);
  case T_POINTER: return mentions(t->u.pointer.elem, iface, depth + 1);
  case T_CHAN: return mentions(t->u.chan.elem, iface, depth + 1);
  case T_MAP: return mentions(t->u.map.key, iface, depth + 1) || mentions(t->u.map.value, iface, depth + 1);
  case T_FUNC:
    return any_mentions(&t->u.func.params, iface, depth + 1) || any_mentions(&t->u.func.results, iface, depth + 1);
  case T_STRUCT: return fields_mention(t, iface, depth + 1);
  case T_INTERFACE: return methods_mention(t, iface, depth + 1);
  default: return false;
  }
}

/* An interface literal whose methods mention it again, by embedding: its name would never end. */
static void refuse_endless(void *what, Pos pos) {
  Type *t = what;
  if (t->u.iface.embeds.n > 0 && methods_mention(t, t, 0))
    error_at(pos, "invalid recursive type: anonymous interface refers to itself (see https://go.dev/issue/56103)");
}

static void complete_later(void *what, Pos pos) {
  complete_interface(what);
  later(refuse_endless, what, pos);
}

static void add_method(Type *t, Field *f, Expr *name) {
  IfaceMethod m = {.name = name->u.ident.name, .pkg = ck.pkg, .pos = name->pos};
  if (is_blank(m.name)) {
    error_at(name->pos, "methods must have a unique non-blank name");
    return;
  }
  m.type = check_type(f->type_expr);
  IfaceMethod *old = find_method(t, &m);
  if (old) {
    error_at(name->pos, "duplicate method %s", m.name);
    note_at(old->pos, "other declaration of method %s", m.name);
  } else if (m.type->kind == T_FUNC) list_push(&t->u.iface.methods, m);
}

static Type *interface_type(Expr *e) {
  Type *t = type_new(T_INTERFACE);
  const FieldList *fields = &e->u.interfacetype.methods;
  t->u.iface.embed_pos = arena_alloc((size_t)(fields->n + 1) * sizeof(Pos));
  for (int i = 0; i < fields->n; i++) {
    Field *f = fields->v[i];
    for (int j = 0; j < f->names.n; j++) add_method(t, f, f->names.v[j]);
    if (f->names.n > 0) continue;
    Type *embedded = check_type(f->type_expr);
    t->u.iface.embed_pos[t->u.iface.embeds.n] = expr_start(f->type_expr);
    list_push(&t->u.iface.embeds, embedded);
  }
  later(complete_later, t, e->pos);
  return t;
}

/* ---- functions */

typedef struct Params {
  Scope *scope;
  Func *func;
  bool results;
  TypeList *types;
  bool variadic;
} Params;

static void add_param(Params *p, const char *name, Pos pos, Type *type) {
  list_push(p->types, type);
  Object *obj = new_object(OBJ_VAR, name, pos, type);
  obj->func = p->func;
  obj->used = true;
  obj->param = !p->results;
  obj->result = p->results;
  if (name[0]) declare(p->scope, obj);
  if (p->func && p->results) list_push(&p->func->results, obj);
  else if (p->func) list_push(&p->func->params, obj);
}

static Type *param_type(Params *p, Field *f) {
  if (f->type_expr->kind != EXPR_ELLIPSIS) return check_type(f->type_expr);
  Expr *elem = f->type_expr->u.ellipsis.x;
  Type *t = type_new_slice(elem ? check_type(elem) : invalid());
  f->type_expr->mode = MODE_TYPE;
  f->type_expr->type = t;
  p->variadic = true;
  return t;
}

static void add_params(Params *p, const FieldList *fields) {
  for (int i = 0; i < fields->n; i++) {
    Field *f = fields->v[i];
    Type *t = param_type(p, f);
    for (int j = 0; j < f->names.n; j++) add_param(p, f->names.v[j]->u.ident.name, f->names.v[j]->pos, t);
    if (f->names.n == 0) add_param(p, "", f->pos, t);
  }
}

static const char **param_names(Expr *e, int n) {
  const char **names = arena_alloc((size_t)(n + 1) * sizeof *names);
  const FieldList *lists[] = {&e->u.functype.params, &e->u.functype.results};
  int at = 0;
  for (int k = 0; k < 2; k++)
    for (int i = 0; i < lists[k]->n; i++) {
      const ExprList *list = &lists[k]->v[i]->names;
      for (int j = 0; j < list->n; j++) names[at++] = list->v[j]->u.ident.name;
      if (list->n == 0) names[at++] = "";
    }
  return names;
}

Type *check_signature(Expr *e, Scope *scope, Func *func) {
  Type *sig = type_new(T_FUNC);
  const FieldList *results = &e->u.functype.results;
  Params params = {.scope = scope, .func = func, .types = &sig->u.func.params};
  Params values = {.scope = scope, .func = func, .types = &sig->u.func.results, .results = true};
  add_params(&params, &e->u.functype.params);
  add_params(&values, results);
  sig->u.func.variadic = params.variadic;
  sig->u.func.names = param_names(e, sig->u.func.params.n + sig->u.func.results.n);
  if (func) func->named_results = results->n > 0 && results->v[0]->names.n > 0;
  return sig;
}

/* ---- maps, channels */

static void check_map_key(void *what, Pos pos) {
  Type *key = what;
  if (type_under(key)->kind != T_INVALID && !type_comparable(key))
    error_at(pos, "invalid map key type %s", type_text(key));
}

static Type *map_type(Expr *e) {
  Type *key = check_type(e->u.maptype.key), *value = check_type(e->u.maptype.value);
  later(check_map_key, key, expr_start(e->u.maptype.key));
  return type_new_map(key, value);
}

static void check_chan_elem(void *what, Pos pos) {
  if (type_size(what) >= 1 << 16) error_at(pos, "channel element type too large (>64kB)");
}

static Type *chan_type(Expr *e) {
  Type *elem = check_type(e->u.chantype.elem);
  later(check_chan_elem, elem, e->pos);
  return type_new_chan(elem, e->u.chantype.dir);
}

/* ---- all of them */

static Type *build_type(Expr *e) {
  switch (e->kind) {
  case EXPR_BAD: return invalid();
  case EXPR_PAREN: return check_type(e->u.paren.x);
  case EXPR_STAR: {
    Type *elem = check_type(e->u.star.x);
    return elem->kind == T_INVALID ? elem : type_new_pointer(elem);
  }
  case EXPR_ARRAYTYPE: return array_type(e);
  case EXPR_STRUCTTYPE: return struct_type(e);
  case EXPR_FUNCTYPE: return check_signature(e, scope_new(NULL), NULL);
  case EXPR_INTERFACETYPE: return interface_type(e);
  case EXPR_MAPTYPE: return map_type(e);
  case EXPR_CHANTYPE: return chan_type(e);
  case EXPR_IDENT: case EXPR_SELECTOR: return named_type(e);
  case EXPR_INDEX:
    not_yet(expr_start(e), "generic types");
    return invalid();
  default:
    error_at(expr_start(e), "%s is not a type", expr_text(e));
    return invalid();
  }
}

Type *check_type(Expr *e) {
  if (e->type) return e->mode == MODE_TYPE ? e->type : invalid();
  type_begin();
  Type *t = build_type(e);
  e->mode = t->kind == T_INVALID ? MODE_INVALID : MODE_TYPE;
  e->type = t;
  type_end();
  return t;
}

