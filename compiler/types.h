/* types.h: types, objects, scopes; made by the checker, read by escape analysis and code generation.
 *
 * Types are not unique: compare with type_identical(). Basic types are (one object a kind, types_basic()).
 */
#ifndef TOY_TYPES_H
#define TOY_TYPES_H

#include "ast.h"

typedef enum TypeKind {
  T_INVALID, T_BOOL,
  T_INT, T_INT8, T_INT16, T_INT32, T_INT64, T_UINT, T_UINT8, T_UINT16, T_UINT32, T_UINT64, T_UINTPTR,
  T_FLOAT32, T_FLOAT64, T_COMPLEX64, T_COMPLEX128, T_STRING, T_UNSAFEPOINTER,
  T_UNTYPED_BOOL, T_UNTYPED_INT, T_UNTYPED_RUNE, T_UNTYPED_FLOAT, T_UNTYPED_COMPLEX, T_UNTYPED_STRING, T_UNTYPED_NIL,
  T_BASIC_END,
  T_ARRAY = T_BASIC_END, T_SLICE, T_STRUCT, T_POINTER, T_FUNC, T_INTERFACE, T_MAP, T_CHAN, T_NAMED, T_TUPLE
} TypeKind;

enum { CHAN_RECV = 1, CHAN_SEND = 2, CHAN_BOTH = 3 };

typedef struct StructField { const char *name; Type *type; bool embedded; const char *tag; Package *pkg; Pos pos; } StructField;
typedef struct IfaceMethod { const char *name; Type *type; Package *pkg; Pos pos; } IfaceMethod;
DEFINE_LIST(StructFieldList, StructField);
DEFINE_LIST(IfaceMethodList, IfaceMethod);

struct Type {
  TypeKind kind;
  union {
    struct { Type *elem; int64_t len; } array;
    struct { Type *elem; } slice, pointer;
    struct { StructFieldList fields; } strct;
    struct { TypeList params, results; bool variadic; /* last param's type is the slice */
             const char **names; /* of parameters, then results, as declared; for messages only; may be null */ } func;
    struct { IfaceMethodList methods; /* complete (embedded ones included), sorted by name */
             bool complete; /* false only while the checker collects embedded interfaces */
             TypeList embeds; Pos *embed_pos; /* the checker's, for collecting */ } iface;
    struct { Type *key, *value; } map;
    struct { Type *elem; int dir; } chan;
    struct { Object *obj; Type *under; /* null while being resolved */ ObjectList methods; /* OBJ_FUNC, declared on T or *T */
             Type *rhs; /* the checker's: what the declaration says, while under is unknown */ } named;
    struct { TypeList types;           /* results of a call with several (or no) results */
             const char **names; /* for messages only; may be null */ } tuple;
  } u;
  struct { int64_t size, align; signed char comparable, pointers; } known; /* of a struct, computed once; 0: not yet */
  void *gen, *gen2;     /* code generation's caches */
};

typedef enum ObjKind { OBJ_CONST, OBJ_TYPE, OBJ_VAR, OBJ_FUNC, OBJ_PACKAGE, OBJ_BUILTIN, OBJ_NIL } ObjKind;

struct Object {
  ObjKind kind;
  const char *name;
  Pos pos;
  Type *type;           /* FUNC: signature without receiver */
  Package *pkg;         /* declaring package; null in the universe */
  Const *cval;          /* CONST */
  Builtin builtin;      /* BUILTIN */
  Package *imported;    /* PACKAGE */
  Func *func;           /* FUNC; VAR that is local: the function that declares it */
  int local;            /* TYPE declared in a function: its number in the package, from 1 */
  struct DeclInfo *info;/* the checker's own */
  Type *recv_type;      /* FUNC that is a method: T or *T */
  Decl *decl;
  bool global;          /* VAR at package level */
  bool param, result;   /* VAR */
  bool used;
  bool addr_taken;      /* VAR: &v, v[:] of an array, v.m() with pointer receiver, … (checker) */
  bool captured;        /* VAR: by a function literal (checker) */
  bool reassigned;      /* VAR: assigned after its declaration; a captured one that is not can be captured by value (checker) */
  bool stepped;         /* VAR: of a for clause, assigned by its post statement only; not reassigned then (checker) */
  bool escapes;         /* VAR: must live on the heap (escape) */
  int number;           /* free for passes */
  void *gen;
};

/* Universe and predicates */
Type *type_basic(TypeKind kind);
extern Type *type_error, *type_any, *type_byte, *type_rune;  /* error: named interface */
Type *type_under(Type *t);                     /* underlying type */
bool type_identical(Type *a, Type *b);
bool type_identical_ignoring_tags(Type *a, Type *b); /* as conversions ask */
bool type_is_untyped(Type *t);
bool type_is_integer(Type *t), type_is_unsigned(Type *t), type_is_float(Type *t), type_is_numeric(Type *t), type_is_string(Type *t),
    type_is_boolean(Type *t), type_is_interface(Type *t), type_is_complex(Type *t);
bool type_comparable(Type *t);
bool type_has_pointers(Type *t);
const char *type_string(Type *t);              /* as Go prints it in messages and %T: main.T, []int, map[string]main.T, func(int) string */
const char *type_string_qualified(Type *t);    /* with import paths, and function-local types told apart: unique, used for symbols */
bool type_implements(Type *t, Type *iface);

/* What the selector x.name finds in a value of type t, as Go's rules for embedding say. */
typedef enum LookupKind { LOOKUP_NONE, LOOKUP_FIELD, LOOKUP_METHOD, LOOKUP_IFACEMETHOD, LOOKUP_AMBIGUOUS } LookupKind;
typedef struct Lookup {
  LookupKind kind;
  Type *type;           /* of the field, signature of the method */
  int *path, npath;     /* as Expr.u.selector.path */
  Object *method;       /* METHOD */
  Type *iface;          /* IFACEMETHOD: the interface type at the end of path */
  int method_index;     /* IFACEMETHOD */
  bool indirect;        /* a pointer was followed: t itself or an embedded one */
  const char *name;     /* FIELD, METHOD, IFACEMETHOD: of what was found, and the package it is declared in */
  Package *pkg;
} Lookup;
Lookup type_lookup(Type *t, const char *name, Package *pkg);
Lookup type_lookup_any_case(Type *t, const char *name); /* for hints: the case of letters and packages do not matter */
bool type_implements_cause(Type *t, Type *iface, const char **cause); /* "(missing method M)" */

/* The methods callable through an interface that holds a t, promoted ones included, sorted by name (unexported names of
 * different packages are different methods). */
typedef struct Method { const char *name; Package *pkg; Lookup how; } Method;
DEFINE_LIST(MethodList, Method);
MethodList type_method_set(Type *t);

/* Sizes (amd64, Go's layout): bytes */
int64_t type_size(Type *t), type_align(Type *t), type_field_offset(Type *strct, int field);

bool name_is_exported(const char *name);
bool type_has_nil(Type *t);
Type *type_default(Type *t);                   /* of an untyped type; any other is its own */

/* Constructors */
Type *type_new_pointer(Type *elem), *type_new_slice(Type *elem), *type_new_array(Type *elem, int64_t len),
    *type_new_tuple(TypeList types), *type_new_chan(Type *elem, int dir), *type_new_map(Type *key, Type *value), *type_new(TypeKind kind);

#endif
