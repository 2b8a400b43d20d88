/* ast.h: the syntax tree, made by the parser, annotated by the checker and escape analysis, read by code generation.
 *
 * Types are written as expressions, as in Go's grammar ([]int{…} begins as a type and is an expression). Fields marked
 * (checker) or (escape) are zero until that pass has run; every other field is the parser's and never changes later.
 * Expressions in parentheses keep their EXPR_PAREN node; use expr_unparen().
 */
#ifndef TOY_AST_H
#define TOY_AST_H

#include "util.h"

typedef uint32_t Pos; /* a byte in some source file (source.h); 0: nowhere */

typedef struct Expr Expr;
typedef struct Stmt Stmt;
typedef struct Decl Decl;
typedef struct Field Field;
typedef struct Func Func;
typedef struct Object Object;
typedef struct Type Type;
typedef struct Const Const;
typedef struct Package Package;
typedef struct File File;

DEFINE_LIST(ExprList, Expr *);
DEFINE_LIST(StmtList, Stmt *);
DEFINE_LIST(DeclList, Decl *);
DEFINE_LIST(FieldList, Field *);
DEFINE_LIST(ObjectList, Object *);
DEFINE_LIST(FuncList, Func *);
DEFINE_LIST(TypeList, Type *);
DEFINE_LIST(FileList, File *);
DEFINE_LIST(PackageList, Package *);

/* Operators of unary and binary expressions and of assignments (x op= y). OP_DEFINE is :=, OP_ASSIGN plain =. */
typedef enum Op {
  OP_NONE, OP_ASSIGN, OP_DEFINE,
  OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_REM, OP_AND, OP_OR, OP_XOR, OP_SHL, OP_SHR, OP_ANDNOT,
  OP_LAND, OP_LOR, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE,
  OP_NOT, OP_ADDR, OP_RECV /* unary; unary + - ^ are OP_ADD OP_SUB OP_XOR */
} Op;
const char *op_text(Op op); /* "+", ":=", … */

/* Comments that say something about the function declared next. */
typedef struct Pragmas {
  bool nopreempt;       /* //toy:nopreempt */
  const char *c;        /* what follows //toy:c; null: there is none */
  Pos c_pos;
} Pragmas;

typedef enum ExprKind {
  EXPR_BAD, EXPR_IDENT, EXPR_INT, EXPR_FLOAT, EXPR_IMAG, EXPR_CHAR, EXPR_STRING, EXPR_COMPOSITE, EXPR_FUNC, EXPR_PAREN,
  EXPR_SELECTOR, EXPR_INDEX, EXPR_SLICE, EXPR_TYPEASSERT, EXPR_CALL, EXPR_STAR, EXPR_UNARY, EXPR_BINARY, EXPR_KEYVALUE,
  EXPR_ARRAYTYPE, EXPR_STRUCTTYPE, EXPR_FUNCTYPE, EXPR_INTERFACETYPE, EXPR_MAPTYPE, EXPR_CHANTYPE, EXPR_ELLIPSIS
} ExprKind;

/* What an expression denotes (checker). */
typedef enum Mode {
  MODE_INVALID, MODE_NOVALUE /* call without result */, MODE_TYPE, MODE_CONST, MODE_VALUE,
  MODE_VAR /* addressable */, MODE_MAPINDEX, MODE_COMMAOK /* value that also exists as value, ok: v,ok = <-c, x.(T), m[k] */,
  MODE_BUILTIN, MODE_NIL, MODE_PACKAGE
} Mode;

typedef enum CallKind { CALL_FUNC, CALL_CONVERSION, CALL_BUILTIN } CallKind;

typedef enum Builtin {
  BUILTIN_APPEND, BUILTIN_CAP, BUILTIN_CLEAR, BUILTIN_CLOSE, BUILTIN_COMPLEX, BUILTIN_COPY, BUILTIN_DELETE, BUILTIN_IMAG,
  BUILTIN_LEN, BUILTIN_MAKE, BUILTIN_MAX, BUILTIN_MIN, BUILTIN_NEW, BUILTIN_PANIC, BUILTIN_PRINT, BUILTIN_PRINTLN,
  BUILTIN_REAL, BUILTIN_RECOVER
} Builtin;

/* What a selector x.f selects (checker). */
typedef enum SelKind {
  SEL_NONE, SEL_PACKAGE /* pkg.Name; see Expr.obj */, SEL_FIELD, SEL_METHOD /* x.m as call target or method value */,
  SEL_IFACEMETHOD /* method of an interface value */, SEL_METHODEXPR /* T.m */
} SelKind;

struct Expr {
  ExprKind kind;
  Pos pos;              /* where a message about it points: operator of binary, name of selector, else its first character */
  Pos end;              /* just after its last character */
  uint32_t depth;       /* 1 + the deepest operand; the parser refuses trees deeper than its limit */

  /* (checker) */
  Mode mode;
  Type *type;           /* final type: untyped constants have got the type their context gives them */
  Const *cval;          /* value, when mode is MODE_CONST */
  Object *obj;          /* IDENT, and SELECTOR of a package member: what it names */
  bool implicit_deref;  /* reserved */

  bool escapes;         /* (escape) what it allocates must be on the heap: COMPOSITE under &, FUNC, new, make, slice literal, append, string building, boxing into an interface */

  union {
    struct { const char *name; } ident;
    struct { const char *text; size_t length; } lit;     /* INT FLOAT IMAG CHAR: source text; STRING: the decoded bytes */
    struct { Expr *type_expr; ExprList elems; Pos lbrace, rbrace; /* (checker) EXPR_COMPOSITE */
             bool elided; /* type omitted inside an outer literal: type_expr null; Expr.type is set; when the elided type is *T, Expr.type is the pointer type and the value is &T{…} */
             int64_t length; /* arrays and slices: number of elements */
             int64_t *indices; /* arrays and slices: index of elems[i]; structs: field number of elems[i] */ } composite;
    struct { Expr *type_expr; Stmt *body; Func *func; /* (checker) */ } funclit;
    struct { Expr *x; } paren, star, ellipsis;           /* ellipsis.x: element type, may be null */
    struct { Expr *x; const char *name; Pos name_pos;
             /* (checker) */ SelKind sel; Object *method; /* SEL_METHOD, SEL_METHODEXPR: the function object */
             int *path; int npath; /* field numbers from x to the embedded struct that has the field/method, and for SEL_FIELD the field itself last; pointers on the way are dereferenced */
             int method_index; /* SEL_IFACEMETHOD: number in the interface's sorted methods */
             bool recv_addr;   /* the receiver of the method is the address of what path leads to */
             bool recv_deref;  /* the receiver is what the pointer at the end of path points to */
             bool called;      /* it is the callee of a call (no method value is made) */ } selector;
    struct { Expr *x, *index; Pos lbrack; } index;
    struct { Expr *x, *lo, *hi, *max; bool three; Pos lbrack; } slice;
    struct { Expr *x, *type_expr; /* null: x.(type) */ } typeassert;
    struct { Expr *fun; ExprList args; bool has_ellipsis; Pos lparen, rparen;
             /* (checker) */ CallKind call; Builtin builtin;
             Expr *by_names; /* f(g()) with a built-in f: the call f(r1, r2, …) of hidden variables, which g's results become first */
             } call; /* f(g()) with several results of g: args.n == 1 and args.v[0]->type is T_TUPLE */
    struct { Op op; Expr *x; } unary;
    struct { Op op; Expr *x, *y; } binary;
    struct { Expr *key, *value; } keyvalue;
    struct { Expr *len, *elem; bool ellipsis; /* [...]T */ } arraytype;  /* len null and !ellipsis: slice */
    struct { FieldList fields; } structtype;
    struct { FieldList params, results; Pos lparen; } functype;
    struct { FieldList methods; } interfacetype;         /* embedded ones have no names */
    struct { Expr *key, *value; } maptype;
    struct { Expr *elem; int dir; /* CHAN_* of types.h */ } chantype;
  } u;
};

/* Fields of a struct, parameters, results, methods of an interface: names sharing one type. */
struct Field {
  Pos pos;
  ExprList names;       /* EXPR_IDENT; empty: embedded field, unnamed parameter, embedded interface */
  Expr *type_expr;      /* EXPR_ELLIPSIS for a variadic parameter */
  Expr *tag;            /* EXPR_STRING or null */
};

typedef enum StmtKind {
  STMT_BAD, STMT_EMPTY, STMT_EXPR, STMT_SEND, STMT_INCDEC, STMT_ASSIGN, STMT_GO, STMT_DEFER, STMT_RETURN, STMT_BRANCH,
  STMT_BLOCK, STMT_IF, STMT_SWITCH, STMT_TYPESWITCH, STMT_SELECT, STMT_FOR, STMT_RANGE, STMT_LABELED, STMT_DECL
} StmtKind;

typedef enum BranchKind { BRANCH_BREAK, BRANCH_CONTINUE, BRANCH_GOTO, BRANCH_FALLTHROUGH } BranchKind;

/* A case of switch, type switch (exprs are types, or nil) or select (comm, null for default). */
typedef struct Clause {
  Pos pos, end;
  bool is_default;
  ExprList exprs;
  Stmt *comm;           /* select: once checked STMT_SEND, STMT_EXPR (receive) or STMT_ASSIGN (v [, ok] =/:= <-c) */
  StmtList body;
  Object *var;          /* (checker) type switch with v := x.(type): this clause's v */
} Clause;
DEFINE_LIST(ClauseList, Clause *);

struct Stmt {
  StmtKind kind;
  Pos pos, end;         /* pos: operator of assignment, send, ++ and --, else its first character */
  uint32_t depth;       /* 1 + the deepest statement or expression in it */
  bool broken;          /* a break leaves this for, range, switch or select */
  union {
    struct { Expr *x; bool on_heap; /* (escape) DEFER: its record and closure are */ } expr; /* also GO and DEFER: x is the call */
    struct { Expr *chan, *value; } send;
    struct { Expr *x; Op op; /* OP_ADD OP_SUB */ } incdec;
    struct { ExprList lhs, rhs; Op op; /* OP_ASSIGN OP_DEFINE or a binary operator */
             ObjectList defined; /* (checker) OP_DEFINE: per lhs the new variable, or null where it assigns an old one or _ */ } assign;
    struct { ExprList results; } ret;
    struct { BranchKind branch; const char *label; Pos label_pos;
             Stmt *target; /* break/continue: the for/range/switch/select statement (not the LABELED); goto: the LABELED statement */ } branch;
    struct { StmtList list; Pos rbrace; } block;
    struct { Stmt *init; Expr *cond; Stmt *then, *els; } ifs;
    struct { Stmt *init; Expr *tag; ClauseList clauses; Pos rbrace; } switchs;
    struct { Stmt *init; const char *name; Pos name_pos; /* v := x.(type), or null */ Expr *x; ClauseList clauses; Pos rbrace; } typeswitch;
    struct { ClauseList clauses; Pos rbrace; } select;
    struct { Stmt *init; Expr *cond; Stmt *post; Stmt *body; } fors;
    struct { Expr *key, *value, *extra; /* there may be two, but for the message */ Op op; /* OP_DEFINE OP_ASSIGN or OP_NONE (no variables) */ Expr *x; Stmt *body;
             Object *key_obj, *value_obj; /* (checker) with OP_DEFINE, null for _ or absent */ } range;
    struct { const char *label; Stmt *stmt; bool used; } labeled;
    struct { Decl *decl; bool follows; /* not the first of its group */ } decl;
  } u;
};

typedef enum DeclKind { DECL_BAD, DECL_IMPORT, DECL_CONST, DECL_TYPE, DECL_VAR, DECL_FUNC } DeclKind;

/* One specification: a group `var ( … )` gives one Decl a line. */
struct Decl {
  DeclKind kind;
  Pos pos, end;
  union {
    struct { const char *name; /* null; or alias, "_" or "." */ Pos name_pos; const char *path; Pos path_pos; Package *pkg; } import;
    struct { ExprList names; Expr *type_expr; ExprList values; int iota; /* type and values repeated from the line above are filled in by the parser; `implicit` says so: the very same nodes */ bool implicit;
             ObjectList objs; /* (checker) */ } constant;
    struct { const char *name; Pos name_pos; Expr *type_expr; bool alias; Object *obj; } type;
    struct { ExprList names; Expr *type_expr; ExprList values; ObjectList objs; /* (checker) one a name, null for _ where there is nothing to keep */ } var;
    struct { const char *name; Pos name_pos; Field *recv; /* null: plain function */ Expr *type_expr; /* EXPR_FUNCTYPE */ Stmt *body; /* null: declared only */
             Func *func; /* (checker) */ Pragmas pragmas; /* before it */ } func;
  } u;
};

struct File {
  const char *path;
  const char *package_name;
  Pos package_pos;
  DeclList decls;       /* imports first */
};

/* What //toy:c says: the function is C's, and its Toy body is the call (checker). */
typedef struct CFunc {
  const char *name;
  int how;              /* enum toy_ccall_how */
  bool noescape;        /* C does not keep the pointers */
  bool wants_errno;     /* the second result */
} CFunc;

/* A function with a body (declared or literal), or a declared one without (checker). */
struct Func {
  const char *symbol;   /* main.f, main.(*T).m, main.f.func1 */
  Pos pos, end;
  Object *obj;          /* null for literals */
  Type *sig;            /* T_FUNC without receiver */
  Object *recv;         /* null: none; unnamed or _ parameters are objects too */
  ObjectList params, results; /* results: always objects; named ones are variables of the body */
  bool named_results;
  Stmt *body;
  Func *outer;          /* literals: the function around */
  ObjectList captures;  /* literals: variables of outer functions used here or in literals inside, each once */
  FuncList literals;    /* directly inside */
  int nlits;            /* literals numbered so far, for symbols */
  Package *pkg;
  bool nopreempt, has_defer, has_recover;
  CFunc *c;             /* null: a Toy function */
  Decl *decl;
  void *escape;         /* (escape) its summary */
  void *gen;            /* code generation's own */
};

Expr *expr_unparen(Expr *x);
bool is_blank(const char *name);
void ast_dump_file(const File *file);                    /* to standard output: `toy emit --ast`, with types once checked */

#endif
