/* check.h: what the files of the checker share; nobody else includes it.
 *
 *   check.c          the pass: collects, resolves in dependency order, checks bodies, reports what is unused
 *   check_decl.c     constants, variables, types, functions: from a declaration to its object
 *   check_type.c     type expressions
 *   check_valid.c    types that contain themselves
 *   check_expr.c     expressions: operators, names, indexing, slicing, assertions
 *   check_convert.c  what may be assigned and converted to what; untyped values get their types
 *   check_lit.c      literals, composite ones too
 *   check_select.c   x.f
 *   check_call.c     calls; check_builtin.c: calls of built-in functions
 *   check_assign.c   assignments, definitions, returned values
 *   check_stmt.c     statements; check_terminates.c: functions that do not return
 *   check_c.c        functions of C
 *   check_init.c     the order of package initialisation
 *   check_text.c     expressions, types and operands as messages show them
 *   check_notyet.c   the last pass: refuses what has no code generation yet
 *
 * Every expression is visited once. Its mode, type and value are written into its node; an untyped operand keeps its
 * untyped type until its context is known, then convert_untyped() rewrites it and the operands it was made of.
 * After an error the node's mode is MODE_INVALID and its type T_INVALID; whoever sees such an operand stays silent.
 */
#ifndef TOY_CHECK_H
#define TOY_CHECK_H

#include "compiler.h"
#include "constant.h"
#include "diag.h"
#include "scope.h"
#include "source.h"
#include "text.h"
#include "types.h"

/* What the checker knows of a package-level object or local type while it works (Object.info). */
typedef enum ResolveState { RESOLVE_NEW, RESOLVE_ACTIVE, RESOLVE_DONE } ResolveState;
typedef struct DeclInfo {
  Object *obj;
  Decl *decl;
  int index;            /* which of the names that decl declares */
  Scope *scope;         /* where the declaration's names are looked up */
  ResolveState state;
  int path_index;       /* while active: its place on the stack of declarations under way */
  ObjectList uses;      /* package-level variables and functions that its initialiser or body mentions, each once */
  int used_mark;        /* the last declaration that put this object into its uses */
  int number;           /* from 1, order of declaration */
  /* check_init.c */
  int order_state;      /* 1: on a cycle that has been reported */
  int valid_state;      /* check_valid.c: ResolveState of the walk through a type's parts */
} DeclInfo;
DEFINE_LIST(InfoList, DeclInfo *);

/* Work that needs complete types; done when the outermost type under way is complete. */
typedef struct Later { void (*run)(void *what, Pos pos); void *what; Pos pos; } Later;
DEFINE_LIST(LaterList, Later);

typedef struct Body { Func *func; Scope *scope; DeclInfo *info; Const *iota; } Body;
DEFINE_LIST(BodyList, Body);

typedef struct Checker {
  Package *pkg;
  Scope *scope;         /* innermost */
  Func *func;           /* whose body is being checked; null at package level */
  DeclInfo *info;       /* the package-level declaration being checked */
  Const *iota;          /* in a constant declaration */
  Pos iota_pos;         /* of an implicitly repeated constant: where to report; else 0 */
  int type_depth;       /* type declarations and expressions under way */
  LaterList later;
  InfoList active;      /* declarations under way, outermost first */
  InfoList infos;       /* all package-level objects, in order of declaration */
  BodyList bodies;      /* functions, and literals of package level, whose bodies wait */
  int local_types, glob_literals;
  int length_from;      /* in an array length: declarations active before this one are no use there; 0: not in one */
  bool running_later;
  int calls;            /* calls and receives seen; len(x) is constant when checking x has not added to it */
} Checker;
extern Checker ck;

#define TYPE_SIZE_MAX ((int64_t)1 << 47) /* bytes: the address space of amd64 */

/* An error in an expression that a constant declaration repeats implicitly is shown at the constant. */
#define error_at(POS, ...) error_at(ck.iota_pos ? ck.iota_pos : (POS), __VA_ARGS__)

/* What is put aside while something else is checked that does not belong to it. */
typedef struct Context {
  Scope *scope;
  Func *func;
  DeclInfo *info;
  Const *iota;
  Pos iota_pos;
  int type_depth, length_from;
  LaterList later;
  bool running_later;
} Context;
Context enter_context(Scope *scope, Func *func, DeclInfo *info);
void leave_context(const Context *saved);
void report_cycle(Object *obj);               /* obj is needed while it is being resolved */

/* ---- check.c */
void resolve_object(Object *obj);
void check_func_body(Func *func, Scope *scope);
Scope *open_scope(void);
void close_scope(void);                       /* reports its unused variables */
void report_unused(Scope *scope);
void note_use(Object *obj);                   /* for initialisation order */
void type_begin(void);
void type_end(void);
void later(void (*run)(void *what, Pos pos), void *what, Pos pos);

/* ---- check_decl.c */
Object *new_object(ObjKind kind, const char *name, Pos pos, Type *type);
Object *new_local_var(const char *name, Pos pos, Type *type);
DeclInfo *new_info(Object *obj, Decl *decl, int index, Scope *scope);
void declare(Scope *scope, Object *obj);      /* reports redeclarations; ignores _ */
void check_const(Decl *decl, int index, Object *obj);
void check_type_decl(Decl *decl, Object *obj);
void check_global_var(DeclInfo *info);
void check_func_decl(DeclInfo *info);
void check_local_decl(Decl *decl);
void check_funclit(Expr *e);
bool check_decl_counts(Decl *decl);           /* as many values as names; reports */

/* ---- check_c.c */
void check_c_directive(Func *func);           /* of the declaration; fills Func.c, which stays null after an error */
void check_c_types(void);                     /* of the package's C functions, once all types are complete */

/* ---- check_type.c, check_valid.c */
Type *check_type(Expr *e);                    /* T_INVALID after an error */
/* func, unless null, gets the parameter objects; they are declared in scope. */
Type *check_signature(Expr *functype, Scope *scope, Func *func);
void report_not_type(Expr *e);                /* a value stands where a type must */
void complete_interface(Type *t);
bool check_valid_type(Type *named);           /* reports a type that contains itself */
int64_t check_array_length(Expr *e);          /* -1 after an error */

/* ---- check_expr.c */
void check_expr(Expr *e);                     /* one value */
void check_expr_hint(Expr *e, Type *elem);    /* as an element of a composite literal of type elem */
void check_multi(Expr *e);                    /* a value, or a call's T_TUPLE */
void check_any(Expr *e);                      /* anything: type, package, built-in, no value */
void check_expr_or_type(Expr *e);             /* or a built-in, which the caller refuses */
void single_value(Expr *e);
void invalidate(Expr *e);
void set_const(Expr *e, Type *t, Const *c);
void set_value(Expr *e, Mode mode, Type *t);
bool is_statement_expr(Expr *e);              /* call or receive: may stand alone */
bool is_conversion_expr(Expr *e);
void check_binary_op(Expr *e, Expr *x, Expr *y, Op op, bool assign); /* assign: e is null; result in x */
void check_comparison(Expr *result, Expr *x, Expr *y, Op op, bool switch_case);
bool match_operands(Expr *x, Expr *y);
bool check_index_value(Expr *index, int64_t max, int64_t *value, const char *what);
void use_exprs(const ExprList *list);         /* after an error: names in them count as used */
void use_expr(Expr *e);
void mark_addr_taken(Expr *e);
void mark_reassigned(Expr *e);
Object *root_variable(Expr *e);               /* the variable that e is a part of, no pointer between; or null */

/* ---- check_convert.c */
typedef enum ConvertFail { CONVERT_OK, CONVERT_BAD, CONVERT_TRUNCATED, CONVERT_OVERFLOW } ConvertFail;
ConvertFail implicit_type(Expr *x, Type *target, Type **type, Const **value);
bool convert_untyped(Expr *x, Type *target);  /* with messages as an operand of an operation */
void set_final_type(Expr *x, Type *t);
void default_type(Expr *x);
bool assignable(Expr *x, Type *t, const char **cause);
bool assign_to(Expr *x, Type *t, const char *context); /* t null: to _ */
void check_conversion(Expr *call, Expr *x, Type *t);
bool representable(Expr *x, Type *t);         /* constants; rounds the value; reports */
void check_overflow(Expr *x, Pos op_pos);

/* ---- check_lit.c, check_select.c, check_call.c, check_builtin.c */
void check_basic_lit(Expr *e);
void check_composite(Expr *e, Type *hint);
void check_selector(Expr *e, bool called);
/* How pkg's `found`, which differs from name in the case of letters at most, is offered instead: "", "unexported "; null: not.
 * Of another package's members only those differing in the first letter are told, and what is exported. */
const char *spelling_hint(const char *name, const char *found, const Package *pkg);
void check_call(Expr *e);
void check_builtin(Expr *call, Builtin id);
bool builtin_is_statement(Builtin id);
/* Checks values; a single call with several results is spread into one stand-in node a result. *ok: all are valid. */
ExprList check_values(const ExprList *values, bool *ok);

/* Constants seen before: keys of map literals, indices of array literals, cases of a switch. */
struct ConstSeen { const Const *value; Type *type; Expr *expr; };
typedef struct ConstSet { struct ConstSeen *slots; int n, size; } ConstSet;
Expr *const_set_add(ConstSet *set, const Const *value, Type *type, Expr *expr); /* the equal one before it, or null */

/* ---- check_assign.c, check_stmt.c, check_terminates.c, check_init.c, check_notyet.c */
/* The values for n variables: n of them, or one call with n results, or v, ok. *ok false: wrong number, reported. */
ExprList check_assigned(int n, const ExprList *values, Stmt *ret, bool *ok);
void init_var(Object *var, Expr *x, const char *context);
void init_vars(const ObjectList *vars, const ExprList *values, const char *context); /* a null variable: _ */
void check_assign(Stmt *s);
Type *check_lhs(Expr *e);                     /* null: _; T_INVALID after an error */
bool check_assignable(Expr *e);               /* reports */
void use_lhs(Expr *e);                        /* after an error: as use_expr(), but a variable is not used by it */
void check_return(Stmt *s);
Expr *value_of_type(Expr *like, Type *t);     /* a value that stands for what the statement makes */
void check_stmt(Stmt *s);
void check_stmts(const StmtList *list);
bool stmt_terminates(Stmt *s);
void order_initialisation(void);
void check_notyet(Package *pkg);

/* ---- check_text.c */
Pos expr_start(Expr *e);
const char *expr_text(Expr *e);               /* one line; function bodies as {…} */
const char *type_text(Type *t);               /* names of this package unqualified */
const char *signature_text(Type *sig);        /* (int) string: no func, no names */
const char *operand_text(Expr *e);            /* x (variable of type int) */
const char *types_text(const TypeList *types, bool variadic, bool dots); /* (int, string) of "have" and "want" */
const char *type_kind_word(Type *t);          /* "struct", "func" …; null for basic types */

#endif
