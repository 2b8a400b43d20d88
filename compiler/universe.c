/* universe.c: the block around all packages: predeclared types, constants, nil and functions, each from one table. */
#include "constant.h"
#include "scope.h"
#include "types.h"

Scope *universe;

static const struct { const char *name; TypeKind kind; } basic_names[] = {
  {"bool", T_BOOL}, {"int", T_INT}, {"int8", T_INT8}, {"int16", T_INT16}, {"int32", T_INT32}, {"int64", T_INT64},
  {"uint", T_UINT}, {"uint8", T_UINT8}, {"uint16", T_UINT16}, {"uint32", T_UINT32}, {"uint64", T_UINT64},
  {"uintptr", T_UINTPTR}, {"float32", T_FLOAT32}, {"float64", T_FLOAT64}, {"complex64", T_COMPLEX64},
  {"complex128", T_COMPLEX128}, {"string", T_STRING},
};

static const struct { const char *name; Builtin builtin; } builtin_names[] = {
  {"append", BUILTIN_APPEND}, {"cap", BUILTIN_CAP}, {"clear", BUILTIN_CLEAR}, {"close", BUILTIN_CLOSE},
  {"complex", BUILTIN_COMPLEX}, {"copy", BUILTIN_COPY}, {"delete", BUILTIN_DELETE}, {"imag", BUILTIN_IMAG},
  {"len", BUILTIN_LEN}, {"make", BUILTIN_MAKE}, {"max", BUILTIN_MAX}, {"min", BUILTIN_MIN}, {"new", BUILTIN_NEW},
  {"panic", BUILTIN_PANIC}, {"print", BUILTIN_PRINT}, {"println", BUILTIN_PRINTLN}, {"real", BUILTIN_REAL},
  {"recover", BUILTIN_RECOVER},
};

enum {
  COUNT_BASIC = sizeof basic_names / sizeof *basic_names,
  COUNT_BUILTIN = sizeof builtin_names / sizeof *builtin_names
};

static Object *predeclare(ObjKind kind, const char *name, Type *type) {
  Object *obj = NEW(Object);
  obj->kind = kind;
  obj->name = intern_cstr(name);
  obj->type = type;
  obj->used = true;
  check_that(!scope_insert(universe, obj));
  return obj;
}

/* byte and rune are second objects of uint8's and int32's kind, so that messages name them as the program does. */
static Type *alias_of(TypeKind kind, const char *name) {
  Type *t = type_new(kind);
  predeclare(OBJ_TYPE, name, t);
  return t;
}

static Type *any_type(void) {
  Type *t = type_new(T_INTERFACE);
  t->u.iface.complete = true;
  predeclare(OBJ_TYPE, "any", t);
  return t;
}

/* type error interface { Error() string } */
static Type *error_type(void) {
  Type *sig = type_new(T_FUNC);
  list_push(&sig->u.func.results, type_basic(T_STRING));
  Type *iface = type_new(T_INTERFACE);
  list_push(&iface->u.iface.methods, ((IfaceMethod){.name = intern_cstr("Error"), .type = sig}));
  iface->u.iface.complete = true;
  Type *named = type_new(T_NAMED);
  named->u.named.under = iface;
  named->u.named.obj = predeclare(OBJ_TYPE, "error", named);
  return named;
}

static void predeclare_bool(const char *name, bool value) {
  Object *obj = predeclare(OBJ_CONST, name, type_basic(T_UNTYPED_BOOL));
  obj->cval = const_from_bool(value);
}

void universe_init(void) {
  if (universe) return;
  universe = scope_new(NULL);
  for (int i = 0; i < COUNT_BASIC; i++) predeclare(OBJ_TYPE, basic_names[i].name, type_basic(basic_names[i].kind));
  for (int i = 0; i < COUNT_BUILTIN; i++) {
    Object *obj = predeclare(OBJ_BUILTIN, builtin_names[i].name, type_basic(T_INVALID));
    obj->builtin = builtin_names[i].builtin;
  }
  type_byte = alias_of(T_UINT8, "byte");
  type_rune = alias_of(T_INT32, "rune");
  type_any = any_type();
  type_error = error_type();
  predeclare_bool("true", true);
  predeclare_bool("false", false);
  predeclare(OBJ_CONST, "iota", type_basic(T_UNTYPED_INT)); /* its value is the declaration's: check_expr.c */
  predeclare(OBJ_NIL, "nil", type_basic(T_UNTYPED_NIL));
}
