/* check_text.c: types, expressions and operands as text.
 *
 * A type has three spellings: in messages of the checker (names of the package at hand unqualified, struct{x int}), at
 * run time in panics and %T (package names, struct { x int }), and in symbols (import paths, local types numbered, so
 * that equal text means identical types). Expressions are shown on one line, function bodies and elements of literals
 * as …; what is longer than SHOWN_MAX is cut, because nobody reads it and an error at every level of a deep tree would
 * add up.
 */
#include <string.h>

#include "check.h"

enum { SHOWN_MAX = 1000 };

typedef enum Spelling { SPELL_MESSAGE, SPELL_RUNTIME, SPELL_SYMBOL } Spelling;

static void add_type(Text *t, Type *type, Spelling how);

static const char *const basic_names[T_BASIC_END] = {
  [T_INVALID] = "invalid type", [T_BOOL] = "bool", [T_INT] = "int", [T_INT8] = "int8", [T_INT16] = "int16",
  [T_INT32] = "int32", [T_INT64] = "int64", [T_UINT] = "uint", [T_UINT8] = "uint8", [T_UINT16] = "uint16",
  [T_UINT32] = "uint32", [T_UINT64] = "uint64", [T_UINTPTR] = "uintptr", [T_FLOAT32] = "float32",
  [T_FLOAT64] = "float64", [T_COMPLEX64] = "complex64", [T_COMPLEX128] = "complex128", [T_STRING] = "string",
  [T_UNSAFEPOINTER] = "unsafe.Pointer", [T_UNTYPED_BOOL] = "untyped bool", [T_UNTYPED_INT] = "untyped int",
  [T_UNTYPED_RUNE] = "untyped rune", [T_UNTYPED_FLOAT] = "untyped float", [T_UNTYPED_COMPLEX] = "untyped complex",
  [T_UNTYPED_STRING] = "untyped string", [T_UNTYPED_NIL] = "untyped nil",
};

static void add_named(Text *t, Object *obj, Spelling how) {
  if (obj->pkg && how == SPELL_SYMBOL) text_add(t, "%s.", obj->pkg->path);
  else if (obj->pkg && (how == SPELL_RUNTIME || obj->pkg != ck.pkg)) text_add(t, "%s.", obj->pkg->name);
  text_add(t, "%s", obj->name);
  if (how == SPELL_SYMBOL && obj->local) text_add(t, "\xc2\xb7%d", obj->local);
}

static bool nameless; /* parameters in messages are shown by their types only */

static void add_params(Text *t, const TypeList *types, const char **names, bool variadic, Spelling how) {
  text_add(t, "(");
  for (int i = 0; i < types->n; i++) {
    if (i) text_add(t, ", ");
    bool dots = variadic && i == types->n - 1;
    if (names && names[i][0] && how == SPELL_MESSAGE && !nameless) text_add(t, "%s ", names[i]);
    if (dots) text_add(t, "...");
    add_type(t, dots ? types->v[i]->u.slice.elem : types->v[i], how);
  }
  text_add(t, ")");
}

static void add_signature(Text *t, Type *sig, Spelling how) {
  const TypeList *params = &sig->u.func.params, *results = &sig->u.func.results;
  const char **names = sig->u.func.names, **result_names = names ? names + params->n : NULL;
  add_params(t, params, names, sig->u.func.variadic, how);
  if (results->n == 0) return;
  text_add(t, " ");
  bool bare = results->n == 1 && !(how == SPELL_MESSAGE && result_names && result_names[0][0]);
  if (bare) add_type(t, results->v[0], how);
  else add_params(t, results, result_names, false, how);
}

static void add_member_name(Text *t, const char *name, Package *pkg, Spelling how) {
  if (how == SPELL_SYMBOL && pkg && !name_is_exported(name)) text_add(t, "%s.", pkg->path);
  text_add(t, "%s", name);
}

static void add_struct(Text *t, Type *type, Spelling how) {
  const StructFieldList *fields = &type->u.strct.fields;
  bool wide = how != SPELL_MESSAGE;
  text_add(t, wide ? fields->n ? "struct { " : "struct {" : "struct{");
  for (int i = 0; i < fields->n; i++) {
    const StructField *f = &fields->v[i];
    if (i) text_add(t, "; ");
    if (f->embedded && how == SPELL_SYMBOL) text_add(t, "="); /* an alias embeds under its own name */
    if (!f->embedded || how == SPELL_SYMBOL) {
      add_member_name(t, f->name, f->pkg, how);
      text_add(t, " ");
    }
    add_type(t, f->type, how);
    if (f->tag) text_add(t, " %s", const_text(const_from_string(f->tag, strlen(f->tag))));
  }
  text_add(t, wide && fields->n ? " }" : "}");
}

/* Interfaces being written, the innermost first: one may be met again in a method's type, and is then a number. */
typedef struct Around { Type *iface; const struct Around *outer; } Around;
static const Around *around;

static bool add_enclosing(Text *t, Type *type) {
  int level = 0;
  for (const Around *a = around; a; a = a->outer, level++) {
    if (a->iface != type) continue;
    text_add(t, "interface{^%d}", level);
    return true;
  }
  return false;
}

static void add_methods_of(Text *t, const IfaceMethodList *methods, Spelling how) {
  for (int i = 0; i < methods->n; i++) {
    if (i) text_add(t, "; ");
    add_member_name(t, methods->v[i].name, methods->v[i].pkg, how);
    add_signature(t, methods->v[i].type, how);
  }
}

static void add_interface(Text *t, Type *type, Spelling how) {
  bool wide = how != SPELL_MESSAGE;
  const IfaceMethodList *methods = &type->u.iface.methods;
  if (type == type_any && !wide) {
    text_add(t, "any");
    return;
  }
  if (add_enclosing(t, type)) return;
  Around here = {type, around};
  around = &here;
  text_add(t, wide ? methods->n ? "interface { " : "interface {" : "interface{");
  add_methods_of(t, methods, how);
  around = here.outer;
  text_add(t, wide && methods->n ? " }" : "}");
}

static void add_chan(Text *t, Type *type, Spelling how) {
  Type *elem = type->u.chan.elem;
  text_add(t, type->u.chan.dir == CHAN_RECV ? "<-chan " : type->u.chan.dir == CHAN_SEND ? "chan<- " : "chan ");
  bool parens = type->u.chan.dir != CHAN_SEND && elem->kind == T_CHAN && elem->u.chan.dir == CHAN_RECV;
  if (parens) text_add(t, "(");
  add_type(t, elem, how);
  if (parens) text_add(t, ")");
}

static void add_type(Text *t, Type *type, Spelling how) {
  if (how == SPELL_MESSAGE && t->n > SHOWN_MAX) return;
  switch (type->kind) {
  case T_ARRAY:
    text_add(t, "[%lld]", (long long)type->u.array.len);
    add_type(t, type->u.array.elem, how);
    break;
  case T_SLICE:
    text_add(t, "[]");
    add_type(t, type->u.slice.elem, how);
    break;
  case T_POINTER:
    text_add(t, "*");
    add_type(t, type->u.pointer.elem, how);
    break;
  case T_MAP:
    text_add(t, "map[");
    add_type(t, type->u.map.key, how);
    text_add(t, "]");
    add_type(t, type->u.map.value, how);
    break;
  case T_FUNC:
    text_add(t, "func");
    add_signature(t, type, how);
    break;
  case T_STRUCT: add_struct(t, type, how); break;
  case T_INTERFACE: add_interface(t, type, how); break;
  case T_CHAN: add_chan(t, type, how); break;
  case T_NAMED: add_named(t, type->u.named.obj, how); break;
  case T_TUPLE: add_params(t, &type->u.tuple.types, type->u.tuple.names, false, how); break;
  default:
    if (how == SPELL_MESSAGE && (type == type_byte || type == type_rune))
      text_add(t, type == type_byte ? "byte" : "rune");
    else text_add(t, "%s", basic_names[type->kind]);
  }
}

static const char *spelled(Type *type, Spelling how) {
  Text t = {0};
  add_type(&t, type, how);
  return text_done(&t);
}

const char *type_text(Type *t) { return spelled(t, SPELL_MESSAGE); }
const char *type_string(Type *t) { return spelled(t, SPELL_RUNTIME); }
const char *type_string_qualified(Type *t) { return spelled(t, SPELL_SYMBOL); }

const char *signature_text(Type *sig) {
  Text t = {0};
  nameless = true;
  add_signature(&t, sig, SPELL_MESSAGE);
  nameless = false;
  return text_done(&t);
}

const char *type_kind_word(Type *t) {
  switch (type_under(t)->kind) {
  case T_ARRAY: return "array";
  case T_SLICE: return "slice";
  case T_STRUCT: return "struct";
  case T_POINTER: return "pointer";
  case T_FUNC: return "func";
  case T_INTERFACE: return "interface";
  case T_MAP: return "map";
  case T_CHAN: return "chan";
  case T_TUPLE: return "tuple";
  default: return NULL;
  }
}

/* The types that a call or return has or wants; untyped constants are "number" or their kind's name. */
const char *types_text(const TypeList *types, bool variadic, bool dots) {
  Text t = {0};
  text_add(&t, "(");
  for (int i = 0; i < types->n; i++) {
    Type *type = types->v[i];
    bool last = i == types->n - 1;
    if (i) text_add(&t, ", ");
    if (type->kind == T_INVALID) text_add(&t, "unknown type");
    else if (type_is_untyped(type))
      text_add(&t, "%s", type_is_numeric(type) ? "number" : basic_names[type->kind] + strlen("untyped "));
    else if (last && variadic && type->kind == T_SLICE) text_add(&t, "...%s", type_text(type->u.slice.elem));
    else text_add(&t, "%s", type_text(type));
    if (last && dots) text_add(&t, "...");
  }
  text_add(&t, ")");
  return text_done(&t);
}

/* ---- expressions */

Pos expr_start(Expr *e) {
  for (;;) {
    Expr *left = NULL;
    switch (e->kind) {
    case EXPR_COMPOSITE: left = e->u.composite.type_expr; break;
    case EXPR_KEYVALUE: left = e->u.keyvalue.key; break;
    case EXPR_SELECTOR: left = e->u.selector.x; break;
    case EXPR_INDEX: left = e->u.index.x; break;
    case EXPR_SLICE: return e->u.slice.lbrack; /* where Go says such things begin */
    case EXPR_FUNCTYPE: return e->u.functype.lparen;
    case EXPR_TYPEASSERT: left = e->u.typeassert.x; break;
    case EXPR_BINARY: left = e->u.binary.x; break;
    case EXPR_CALL: left = e->u.call.fun; break;
    default: break;
    }
    if (!left) return e->pos;
    e = left;
  }
}

static void add_expr(Text *t, Expr *e);

static void add_exprs(Text *t, const ExprList *list) {
  for (int i = 0; i < list->n; i++) {
    if (i) text_add(t, ", ");
    add_expr(t, list->v[i]);
  }
}

static void add_fields(Text *t, const FieldList *fields, const char *separator) {
  for (int i = 0; i < fields->n; i++) {
    if (i) text_add(t, "%s", separator);
    add_exprs(t, &fields->v[i]->names);
    if (fields->v[i]->names.n) text_add(t, " ");
    add_expr(t, fields->v[i]->type_expr);
  }
}

static void add_func_type(Text *t, Expr *e) {
  const FieldList *results = &e->u.functype.results;
  text_add(t, "(");
  add_fields(t, &e->u.functype.params, ", ");
  text_add(t, ")");
  if (results->n == 0) return;
  bool plain = results->n == 1 && results->v[0]->names.n == 0;
  text_add(t, plain ? " " : " (");
  add_fields(t, results, ", ");
  if (!plain) text_add(t, ")");
}

static void add_methods(Text *t, const FieldList *methods) {
  for (int i = 0; i < methods->n; i++) {
    Field *m = methods->v[i];
    if (i) text_add(t, "; ");
    if (m->names.n == 0) add_expr(t, m->type_expr);
    else {
      add_exprs(t, &m->names);
      add_func_type(t, m->type_expr);
    }
  }
}

static void add_part(Text *t, const char *before, Expr *e) {
  text_add(t, "%s", before);
  if (e) add_expr(t, e);
}

static void add_slice_expr(Text *t, Expr *e) {
  add_expr(t, e->u.slice.x);
  add_part(t, "[", e->u.slice.lo);
  add_part(t, ":", e->u.slice.hi);
  if (e->u.slice.three) add_part(t, ":", e->u.slice.max);
  text_add(t, "]");
}

static void add_array_type(Text *t, Expr *e) {
  add_part(t, e->u.arraytype.ellipsis ? "[..." : "[", e->u.arraytype.len);
  add_part(t, "]", e->u.arraytype.elem);
}

static void add_call(Text *t, Expr *e) {
  add_expr(t, e->u.call.fun);
  text_add(t, "(");
  add_exprs(t, &e->u.call.args);
  text_add(t, e->u.call.has_ellipsis ? "...)" : ")");
}

static void add_expr(Text *t, Expr *e) {
  if (!e || t->n > SHOWN_MAX) return;
  switch (e->kind) {
  case EXPR_BAD: text_add(t, "BadExpr"); break;
  case EXPR_IDENT: text_add(t, "%s", e->u.ident.name); break;
  case EXPR_INT: case EXPR_FLOAT: case EXPR_IMAG: case EXPR_CHAR:
    text_add_bytes(t, e->u.lit.text, e->u.lit.length > SHOWN_MAX ? SHOWN_MAX : e->u.lit.length);
    break;
  case EXPR_STRING: text_add(t, "%s", const_text(const_from_string(e->u.lit.text, e->u.lit.length))); break;
  case EXPR_COMPOSITE:
    add_expr(t, e->u.composite.type_expr);
    text_add(t, e->u.composite.elems.n ? "{…}" : "{}");
    break;
  case EXPR_FUNC:
    text_add(t, "func");
    add_func_type(t, e->u.funclit.type_expr);
    text_add(t, e->u.funclit.body && e->u.funclit.body->u.block.list.n ? " {…}" : " {}");
    break;
  case EXPR_PAREN:
    add_part(t, "(", e->u.paren.x);
    text_add(t, ")");
    break;
  case EXPR_SELECTOR:
    add_expr(t, e->u.selector.x);
    text_add(t, ".%s", e->u.selector.name);
    break;
  case EXPR_INDEX:
    add_expr(t, e->u.index.x);
    add_part(t, "[", e->u.index.index);
    text_add(t, "]");
    break;
  case EXPR_SLICE: add_slice_expr(t, e); break;
  case EXPR_TYPEASSERT:
    add_expr(t, e->u.typeassert.x);
    if (e->u.typeassert.type_expr) add_part(t, ".(", e->u.typeassert.type_expr);
    else text_add(t, ".(type");
    text_add(t, ")");
    break;
  case EXPR_CALL: add_call(t, e); break;
  case EXPR_STAR: add_part(t, "*", e->u.star.x); break;
  case EXPR_UNARY: add_part(t, e->u.unary.op == OP_RECV ? "<-" : op_text(e->u.unary.op), e->u.unary.x); break;
  case EXPR_BINARY:
    add_expr(t, e->u.binary.x);
    text_add(t, " %s ", op_text(e->u.binary.op));
    add_expr(t, e->u.binary.y);
    break;
  case EXPR_KEYVALUE:
    add_expr(t, e->u.keyvalue.key);
    add_part(t, ": ", e->u.keyvalue.value);
    break;
  case EXPR_ARRAYTYPE: add_array_type(t, e); break;
  case EXPR_STRUCTTYPE:
    text_add(t, "struct{");
    add_fields(t, &e->u.structtype.fields, "; ");
    text_add(t, "}");
    break;
  case EXPR_FUNCTYPE:
    text_add(t, "func");
    add_func_type(t, e);
    break;
  case EXPR_INTERFACETYPE:
    text_add(t, "interface{");
    add_methods(t, &e->u.interfacetype.methods);
    text_add(t, "}");
    break;
  case EXPR_MAPTYPE:
    add_part(t, "map[", e->u.maptype.key);
    add_part(t, "]", e->u.maptype.value);
    break;
  case EXPR_CHANTYPE:
    add_part(t,
             e->u.chantype.dir == CHAN_RECV   ? "<-chan "
             : e->u.chantype.dir == CHAN_SEND ? "chan<- "
                                              : "chan ",
             e->u.chantype.elem);
    break;
  case EXPR_ELLIPSIS: add_part(t, "...", e->u.ellipsis.x); break;
  }
}

const char *expr_text(Expr *e) {
  Text t = {0};
  add_expr(&t, e);
  return text_done(&t);
}

/* ---- operands */

static const char *const mode_words[] = {
  [MODE_INVALID] = "invalid operand", [MODE_NOVALUE] = "no value", [MODE_TYPE] = "type", [MODE_CONST] = "constant",
  [MODE_VALUE] = "value", [MODE_VAR] = "variable", [MODE_MAPINDEX] = "map index expression",
  [MODE_COMMAOK] = "comma, ok expression", [MODE_BUILTIN] = "built-in", [MODE_NIL] = "nil", [MODE_PACKAGE] = "package",
};

static void add_type_words(Text *t, Type *type) {
  if (type->kind == T_INVALID) {
    text_add(t, " with invalid type");
    return;
  }
  const char *kind = type_kind_word(type);
  if (type == type_any) text_add(t, " of interface type any");
  else if (type->kind != T_NAMED) text_add(t, " of type %s", type_text(type));
  else text_add(t, " of %s type %s", kind ? kind : type_text(type_under(type)), type_text(type));
}

const char *operand_text(Expr *e) {
  Type *type = e->type ? e->type : type_basic(T_INVALID);
  if (e->mode == MODE_NIL) return type_is_untyped(type) ? "nil" : format("nil (of type %s)", type_text(type));
  const char *shown = expr_text(e);
  Text t = {0};
  text_add(&t, "%s (", shown);
  bool value = e->mode != MODE_INVALID && e->mode != MODE_NOVALUE && e->mode != MODE_TYPE && e->mode != MODE_BUILTIN;
  bool untyped = value && type_is_untyped(type);
  if (untyped) text_add(&t, "%s ", basic_names[type->kind]);
  text_add(&t, "%s", mode_words[e->mode]);
  if (e->mode == MODE_CONST && e->cval) {
    const char *v = const_text(e->cval);
    if (strcmp(v, shown) != 0) text_add(&t, " %s", v);
  }
  if (value && !untyped) add_type_words(&t, type);
  text_add(&t, ")");
  return text_done(&t);
}
