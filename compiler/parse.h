/* parse.h: what the parts of the parser share: grammar (parser.y), token filter (filter.c), tree building (ast.c). */
#ifndef TOY_PARSE_H
#define TOY_PARSE_H

#include "compiler.h"
#include "diag.h"
#include "lexer.h"

typedef struct Span { Pos pos, end; } Span; /* where a symbol of the grammar stands: Bison's location type */

/* A bracket not yet closed, and whether it was met in the header of an if, for, switch or select. */
typedef struct Bracket { char open; bool in_header; int braces; /* how many { up to here, itself included */ } Bracket;

/* Where parsing goes on after an error, decided by the state that the parser falls back to. */
typedef enum Sync {
  SYNC_LIST,   /* a ; or the closing bracket of the list of statements, declarations, fields */
  SYNC_BODY,   /* the body after the header of if, for, switch */
  SYNC_FUNC,   /* the body of a function declaration, or its end */
  SYNC_COLON,  /* the : of a case */
  SYNC_CLAUSE, /* the next case of a switch or select */
  SYNC_IN_CLAUSE /* as LIST, or the next case */
} Sync;

enum { FILTER_QUEUE = 4 };

typedef struct JumpError { Pos pos; const char *text; } JumpError;
DEFINE_LIST(JumpErrorList, JumpError);

typedef struct Parser {
  Lexer lexer;
  File *file;
  int errors_before;            /* errors of other files */
  bool failed;                  /* too deep, or too many errors: what is left is not read */

  /* filter.c */
  Token token;                  /* the last one delivered */
  struct { Bracket *v; int n, cap; } brackets;
  bool in_header;
  int previous;                 /* kind and place of the token before it */
  Pos previous_pos;
  int brackets_before;          /* as they were before `token` */
  bool header_before;
  bool recovering, making;      /* making: the error is at a token that recovery had put in */
  Sync sync;
  int keep;                     /* recovering: the brackets that the parser still holds open */
  int queue[FILTER_QUEUE], queued, queue_at; /* kinds of tokens that recovery puts in */
  int closing;                  /* recovery closes this many brackets, then goes on with the saved token */
  bool saved;                   /* `pending` is to be delivered when the above is through */
  Token pending;

  ExprList typeswitch_asserts;  /* x.(type) that no switch has claimed yet */
  JumpErrorList jump_errors;    /* branch.c */
  StmtList spill;               /* further statements that the last one stands for: var ( … ) */
} Parser;

/* branch.c */
void settle_branches(Parser *p, Stmt *body);    /* of a function: what each jump in it leads to */
void tell_jump_errors(Parser *p);

/* filter.c */
void filter_next(Parser *p, Token *t);
void filter_literal_brace(Parser *p);           /* the BODY just delivered opened a literal */
bool filter_was_newline(const Parser *p);       /* the token before p->token was a newline */
bool filter_is_making(const Parser *p);         /* p->token was put in by recovery */
void filter_recover(Parser *p, Sync sync, int popped); /* an error at p->token; `popped` open brackets are given up */

/* ast.c: nodes. Each computes its depth and reports a tree that gets too deep. */
void too_deep(Parser *p, Pos pos);
Expr *new_expr(ExprKind kind, Span at);
Expr *new_ident(const char *name, Span at);
Expr *new_literal(ExprKind kind, const char *text, size_t length, Span at);
Pos next_token_pos(const Parser *p);            /* of what follows p->token */
Expr *new_paren(Parser *p, Expr *x, Span at);
Expr *new_star(Parser *p, Expr *x, Span at);
Expr *new_ellipsis(Parser *p, Expr *x, Span at);
Expr *new_unary(Parser *p, Op op, Expr *x, Span at);
Expr *new_binary(Parser *p, Op op, Expr *x, Expr *y, Span op_at, Span at);
Expr *new_receive(Parser *p, Expr *x, Span at); /* <-x, or the type <-chan T */
Expr *new_selector(Parser *p, Expr *x, const char *name, Span name_at, Span at);
Expr *new_index(Parser *p, Expr *x, ExprList indices, Span lbrack, Span at);
Expr *new_slice(Parser *p, Expr *x, Expr *lo, Expr *hi, Expr *max, bool three, Span lbrack, Span at);
Expr *new_typeassert(Parser *p, Expr *x, Expr *type, Span at);
Expr *new_call(Parser *p, Expr *fun, ExprList args, Span lparen, Span rparen);
Expr *new_composite(Parser *p, Expr *type, ExprList elems, Span lbrace, Span rbrace);
Expr *new_keyvalue(Parser *p, Expr *key, Expr *value, Span at);
Expr *new_funclit(Parser *p, Expr *type, Stmt *body, Span at);
Expr *new_arraytype(Parser *p, ExprList lengths, bool ellipsis, Expr *elem, Span at);
Expr *new_structtype(Parser *p, FieldList fields, Span at);
Expr *new_functype(Parser *p, FieldList params, FieldList results, Span at);
Expr *new_interfacetype(Parser *p, FieldList methods, Span at);
Expr *new_maptype(Parser *p, Expr *key, Expr *value, Span at);
Expr *new_chantype(Parser *p, Expr *elem, int dir, Span at);
Field *new_field(ExprList names, Expr *type, Expr *tag, Pos pos);
void forbid_ellipsis(FieldList *params);         /* in results and receivers */
FieldList new_params(FieldList entries, Span at);        /* groups a, b int; tells names from types */
FieldList new_result(Expr *type);
ExprList one_expr(Expr *x);

Stmt *new_stmt(StmtKind kind, Span at);
Stmt *new_expr_stmt(Parser *p, StmtKind kind, Expr *x, Span at);
Stmt *new_call_stmt(Parser *p, StmtKind kind, Expr *x, Span at); /* go, defer */
Stmt *new_send(Parser *p, Expr *chan, Expr *value, Span op_at, Span at);
Stmt *new_incdec(Parser *p, Expr *x, Op op, Span op_at, Span at);
Stmt *new_assign(Parser *p, ExprList lhs, Op op, ExprList rhs, Span op_at, Span at);
Stmt *new_return(Parser *p, ExprList results, Span at);
Stmt *new_branch(BranchKind kind, const char *label, Span label_at, Span at);
Stmt *new_block(Parser *p, StmtList list, Span lbrace, Span rbrace);
Stmt *new_labeled(Parser *p, const char *label, Stmt *stmt, Span at);
Stmt *new_decl_stmt(Parser *p, DeclList decls, Span at);
void add_stmt(Parser *p, StmtList *list, Stmt *s);
Clause *new_clause(bool is_default, ExprList exprs, Stmt *comm, Span at);

/* The part of an if, for, switch before its body. */
typedef struct Header {
  Stmt *init, *cond, *post, *range;
  Span at;
  Pos semicolon;                /* before the condition, or 0 */
  bool newline;                 /* that semicolon was one */
} Header;
Header *new_header(Stmt *init, Stmt *cond, Stmt *post, Span at);
Stmt *new_range_header(ExprList vars, Op op, Expr *x, Span at);
Stmt *new_if(Parser *p, Header *h, Stmt *then, Stmt *els, Span at);
Stmt *new_for(Parser *p, Header *h, Stmt *body, Span at);
Stmt *new_switch(Parser *p, Header *h, ClauseList clauses, Span rbrace, Span at);
Stmt *new_select(Parser *p, ClauseList clauses, Span rbrace, Span at);

Decl *new_import(const char *alias, Expr *path, Span at);
Decl *new_const(ExprList names, Expr *type, ExprList values, Span at);
Decl *new_type(const char *name, Span name_at, Expr *type, bool alias, Span at);
Decl *new_var(ExprList names, Expr *type, ExprList values, Span at);
Decl *new_func(FieldList *recv, const char *name, Span name_at, Expr *type, Pragmas pragmas, Span at);
void number_consts(DeclList group);             /* iota, and what a line repeats of the one before */
void add_decls(Parser *p, DeclList decls, Pos pos); /* at the top level */
void finish_tree(Parser *p);                    /* what can be said only at the end of the file */

Pos leftmost(const Expr *e);                    /* where its text begins */
char *source_text(Pos pos, Pos end);            /* on one line, clipped: for messages */

#endif
