/* parser.y: the grammar of Go (level L1 of docs/language.md), LALR(1), with no conflict that is not settled in writing.
 *
 * Actions build the tree and do nothing else (ast.c). Types are expressions: where only a type may stand, `type` keeps
 * the grammar to types; where both may, `expr` contains the types, and the checker tells them apart, as Go does.
 *
 * What makes Go's grammar LALR(1) here:
 *  - the { of a body after a header is a token of its own, BODY (filter.c); a type that is written out may be followed
 *    by either brace (`lbrace`), a named one by { only;
 *  - a list of parameters is a list of entries, sorted into names and types when it is complete (new_params);
 *  - statements begin with `expr` or `expr_list`, whatever they turn out to be: assignment, send, label, guard;
 *  - a function type that is followed by what may begin a result has one; by { it has a body (the NO… precedences).
 *
 * Parameters of generic functions and types are read only to say that they are not supported yet; those of a type
 * (type T[P any]) never get here, filter.c drops them.
 *
 * Errors: Bison, with LAC, detects them before any reduction that the bad token would not have allowed; explain() looks
 * at the stack for the message. Every error rule reads `error RECOVERED`: filter.c skips to where parsing goes on.
 * Rejected: one rule for every mistake that users make (they multiply conflicts), and a table of examples per state
 * (it has to be made again after every change of the grammar).
 */
%code top {
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "types.h"
}

%code requires {
#include "parse.h"
}

%code {
/* Every level of brackets takes a dozen entries of the stack at most. */
#define YYMAXDEPTH (40 * PARSE_MAX_DEPTH)
#define YYLLOC_DEFAULT(RESULT, RHS, N) \
  ((RESULT) = (N) ? (Span){YYRHSLOC(RHS, 1).pos, YYRHSLOC(RHS, N).end}      \
                  : (Span){YYRHSLOC(RHS, 0).end, YYRHSLOC(RHS, 0).end})

/* The stacks double, in the arena. (The skeleton would do it, if only it trusted our Span to be copied.) */
#define yyoverflow(TEXT, STATES, STATE_BYTES, VALUES, VALUE_BYTES, SPANS, SPAN_BYTES, SIZE) \
  do {                                                                                      \
    if (*(SIZE) >= YYMAXDEPTH) {                                                            \
      too_deep(p, yylloc.pos);                                                              \
      break;                                                                                \
    }                                                                                       \
    *(STATES) = doubled(*(STATES), STATE_BYTES);                                            \
    *(VALUES) = doubled(*(VALUES), VALUE_BYTES);                                            \
    *(SPANS) = doubled(*(SPANS), SPAN_BYTES);                                               \
    *(SIZE) *= 2;                                                                           \
  } while (0)

static Field *unnamed(Expr *type, Pos pos) { return new_field((ExprList){0}, type, NULL, pos); }

static Field *named(const char *name, Span at, Expr *type, Expr *tag) {
  return new_field(one_expr(new_ident(name, at)), type, tag, at.pos);
}

/* As an element of an interface; what else may stand there constrains type parameters. */
static bool may_embed(const Expr *e) {
  return e->kind == EXPR_IDENT || e->kind == EXPR_SELECTOR || e->kind == EXPR_INTERFACETYPE;
}

static void *doubled(const void *items, size_t bytes) {
  return memcpy(arena_alloc(2 * bytes), items, bytes);
}

static int toylex(TOYSTYPE *value, Span *at, Parser *p);
static void toyerror(Span *at, Parser *p, const char *text);

#define NON_DECLARATION "non-declaration statement outside function body"
#define EMBEDDED_PARENS "syntax error: cannot parenthesize embedded type"
#define STRAY_TILDE "cannot use ~ outside of interface or type constraint (use ^ for bitwise complement)"

/* Appends to a list on the semantic stack. */
#define APPEND(RESULT, LIST, ITEM) do { (RESULT) = (LIST); list_push(&(RESULT), ITEM); } while (0)
#define LIST_OF(RESULT, ITEM) do { memset(&(RESULT), 0, sizeof(RESULT)); list_push(&(RESULT), ITEM); } while (0)
#define NOTHING(RESULT) memset(&(RESULT), 0, sizeof(RESULT))
#define GENERICS(AT) not_yet((AT).pos, "generics")
}

%define api.pure full
%define api.prefix {toy}
%define api.token.prefix {TOK_}
%define parse.error custom
%define parse.lac full
%define api.location.type {Span}
%expect 0
%param {Parser *p}

%union {
  const char *name;
  struct { const char *text; size_t length; } lit;
  Op op;
  Pragmas pragmas;
  Expr *expr;
  ExprList exprs;
  Stmt *stmt;
  StmtList stmts;
  Field *field;
  FieldList fields;
  Decl *decl;
  DeclList decls;
  Clause *clause;
  ClauseList clauses;
  Header *header;
}

/* The first is the least: lexer.re indexes tokens.def by the difference. */
%token <name> NAME
%token <lit> INT FLOAT IMAG CHAR STRING
%token ADD "+" SUB "-" MUL "*" DIV "/" REM "%" AND "&" OR "|" XOR "^" SHL "<<" SHR ">>" ANDNOT "&^"
%token LAND "&&" LOR "||" ARROW "<-" INC "++" DEC "--" EQ "==" NE "!=" LT "<" LE "<=" GT ">" GE ">=" NOT "!" TILDE "~"
%token DEFINE ":=" ASSIGN "=" ELLIPSIS "..." LPAREN "(" RPAREN ")" LBRACK "[" RBRACK "]" LBRACE "{" RBRACE "}"
%token <op> ASSIGN_OP
%token COMMA "," PERIOD "." COLON ":" <name> SEMICOLON ";" BODY
%token BREAK CASE CHAN CONST CONTINUE DEFAULT DEFER ELSE FALLTHROUGH FOR <pragmas> FUNC GO GOTO IF IMPORT INTERFACE MAP
%token PACKAGE RANGE RETURN SELECT STRUCT SWITCH TYPE VAR
%token RECOVERED

/* A function type without a result, or a type without { }, is one only if nothing follows that goes on with it. */
%precedence NORESULT NOLITERAL
%precedence "(" "[" "." BODY "<-"
%left "||"
%left "&&"
%left "==" "!=" "<" "<=" ">" ">="
%left "+" "-" "|" "^"
%left "*" "/" "%" "<<" ">>" "&" "&^"

%type <expr> expr unary primary named operand literal_value element element_value argument optional_expr
%type <expr> type parameter_type plain_type bare_type receive_type type_name written_type function_type
%type <expr> tag embedded constraint term
%type <exprs> expr_list arguments argument_list elements element_list name_list optional_exprs
%type <field> parameter field_embedded
%type <fields> parameters parameter_list result field struct_fields interface_elems interface_elem receiver
%type <fields> type_params type_param_list
%type <field> type_param
%type <stmt> stmt simple_stmt optional_simple block body else range_clause if_stmt for_stmt switch_stmt select_stmt
%type <stmts> stmts closed_stmts open_stmts
%type <header> if_head for_head switch_head if_header for_header
%type <clause> case_head comm_head
%type <clauses> clauses closed_clauses comm_clauses closed_comms
%type <decl> func_decl func_head import_spec const_spec type_spec var_spec
%type <decls> declaration import_group const_group type_group var_group top_decl local_decl
%type <name> optional_name

%%

file
  : package ";" top_decls                     { finish_tree(p); }
  ;

package
  : PACKAGE NAME                              { p->file->package_name = $2; p->file->package_pos = @2.pos; }
  ;

top_decls
  : %empty
  | top_decls ";"                             { error_at(@2.pos, "syntax error: " NON_DECLARATION); }
  | top_decls top_decl ";"                    { add_decls(p, $2, @2.pos); }
  ;

top_decl
  : IMPORT import_spec                        { LIST_OF($$, $2); }
  | IMPORT "(" import_group semi ")"          { $$ = $3; }
  | IMPORT "(" ")"                            { NOTHING($$); }
  | declaration
  | func_decl                                 { LIST_OF($$, $1); }
  | error RECOVERED                           { NOTHING($$); yyerrok; }
  ;

semi: %empty | ";" ;

/* ---- declarations */

import_group
  : import_spec                               { LIST_OF($$, $1); }
  | import_group ";" import_spec              { APPEND($$, $1, $3); }
  | error RECOVERED                           { NOTHING($$); yyerrok; }
  | import_group ";" error RECOVERED          { $$ = $1; yyerrok; }
  ;

import_spec
  : operand                                   { $$ = new_import(NULL, $1, @$); }
  | NAME operand                              { $$ = new_import($1, $2, @$); }
  | "." operand                               { $$ = new_import(intern_cstr("."), $2, @$); }
  ;

declaration
  : CONST const_spec                          { LIST_OF($$, $2); number_consts($$); }
  | CONST "(" const_group semi ")"            { $$ = $3; number_consts($$); }
  | CONST "(" ")"                             { NOTHING($$); }
  | TYPE type_spec                            { LIST_OF($$, $2); }
  | TYPE "(" type_group semi ")"              { $$ = $3; }
  | TYPE "(" ")"                              { NOTHING($$); }
  | VAR var_spec                              { LIST_OF($$, $2); }
  | VAR "(" var_group semi ")"                { $$ = $3; }
  | VAR "(" ")"                               { NOTHING($$); }
  ;

const_group
  : const_spec                                { LIST_OF($$, $1); }
  | const_group ";" const_spec                { APPEND($$, $1, $3); }
  | error RECOVERED                           { NOTHING($$); yyerrok; }
  | const_group ";" error RECOVERED           { $$ = $1; yyerrok; }
  ;

const_spec
  : name_list                                 { $$ = new_const($1, NULL, (ExprList){0}, @$); }
  | name_list type                            { $$ = new_const($1, $2, (ExprList){0}, @$); }
  | name_list "=" expr_list                   { $$ = new_const($1, NULL, $3, @$); }
  | name_list type "=" expr_list              { $$ = new_const($1, $2, $4, @$); }
  ;

type_group
  : type_spec                                 { LIST_OF($$, $1); }
  | type_group ";" type_spec                  { APPEND($$, $1, $3); }
  | error RECOVERED                           { NOTHING($$); yyerrok; }
  | type_group ";" error RECOVERED            { $$ = $1; yyerrok; }
  ;

type_spec
  : NAME type                                 { $$ = new_type($1, @1, $2, false, @$); }
  | NAME "=" type                             { $$ = new_type($1, @1, $3, true, @$); }
  ;

var_group
  : var_spec                                  { LIST_OF($$, $1); }
  | var_group ";" var_spec                    { APPEND($$, $1, $3); }
  | error RECOVERED                           { NOTHING($$); yyerrok; }
  | var_group ";" error RECOVERED             { $$ = $1; yyerrok; }
  ;

var_spec
  : name_list type                            { $$ = new_var($1, $2, (ExprList){0}, @$); }
  | name_list type "=" expr_list              { $$ = new_var($1, $2, $4, @$); }
  | name_list "=" expr_list                   { $$ = new_var($1, NULL, $3, @$); }
  ;

name_list
  : NAME                                      { $$ = one_expr(new_ident($1, @1)); }
  | name_list "," NAME                        { APPEND($$, $1, new_ident($3, @3)); }
  ;

func_decl
  : func_head
  | func_head block                           { $$ = $1; $$->u.func.body = $2; $$->end = @2.end; settle_branches(p, $2); }
  ;

func_head
  : FUNC NAME parameters result
      { $$ = new_func(NULL, $2, @2, new_functype(p, $3, $4, (Span){@3.pos, @4.end}), $1, @$); }
  | FUNC receiver NAME parameters result
      { $$ = new_func(&$2, $3, @3, new_functype(p, $4, $5, (Span){@4.pos, @5.end}), $1, @$); }
  | FUNC NAME "[" type_params "]" parameters result
      { GENERICS(@3); $$ = new_func(NULL, $2, @2, new_functype(p, $6, $7, (Span){@6.pos, @7.end}), $1, @$); }
  | FUNC error RECOVERED
      { Expr *type = new_functype(p, (FieldList){0}, (FieldList){0}, @2);
        $$ = new_func(NULL, intern_cstr("_"), @2, type, $1, @$);
        yyerrok; }
  ;

receiver: parameters                          { $$ = $1; forbid_ellipsis(&$$); } ;

type_params
  : type_param_list
  | type_param_list ","
  ;

type_param_list
  : type_param                                { LIST_OF($$, $1); }
  | type_param_list "," type_param            { APPEND($$, $1, $3); }
  ;

type_param
  : NAME                                      { $$ = unnamed(new_ident($1, @1), @1.pos); }
  | NAME constraint                           { $$ = named($1, @1, $2, NULL); }
  ;

constraint
  : term
  | constraint "|" term                       { GENERICS(@2); $$ = $1; }
  ;

term
  : type
  | "~" type                                  { GENERICS(@1); $$ = $2; }
  ;

/* ---- types */

type
  : plain_type
  | receive_type
  ;

receive_type
  : "<-" CHAN type                            { $$ = new_chantype(p, $3, CHAN_RECV, @$); }
  ;

plain_type
  : bare_type
  | "(" type ")"                              { $$ = new_paren(p, $2, @$); }
  ;

bare_type
  : type_name
  | "*" type                                  { $$ = new_star(p, $2, @$); }
  | written_type
  | function_type
  ;

type_name
  : NAME  %prec NORESULT                      { $$ = new_ident($1, @1); }
  | NAME "." NAME  %prec NORESULT             { $$ = new_selector(p, new_ident($1, @1), $3, @3, @$); }
  | NAME "[" expr_list "]"                    { GENERICS(@2); $$ = new_ident($1, @1); }
  | NAME "." NAME "[" expr_list "]"           { GENERICS(@4); $$ = new_selector(p, new_ident($1, @1), $3, @3, @$); }
  ;

/* Types that may be followed by { } whatever is around them. */
written_type
  : "[" "]" type                              { $$ = new_arraytype(p, (ExprList){0}, false, $3, @$); }
  | "[" expr_list "]" type                    { $$ = new_arraytype(p, $2, false, $4, @$); }
  | "[" "..." "]" type                        { $$ = new_arraytype(p, (ExprList){0}, true, $4, @$); }
  | MAP "[" type "]" type                     { $$ = new_maptype(p, $3, $5, @$); }
  | CHAN plain_type                           { $$ = new_chantype(p, $2, CHAN_BOTH, @$); }
  | CHAN "<-" type                            { $$ = new_chantype(p, $3, CHAN_SEND, @$); }
  | STRUCT "{" "}"                            { $$ = new_structtype(p, (FieldList){0}, @$); }
  | STRUCT "{" struct_fields semi "}"         { $$ = new_structtype(p, $3, @$); }
  | INTERFACE "{" "}"                         { $$ = new_interfacetype(p, (FieldList){0}, @$); }
  | INTERFACE "{" interface_elems semi "}"    { $$ = new_interfacetype(p, $3, @$); }
  ;

function_type
  : FUNC parameters result                    { $$ = new_functype(p, $2, $3, @$); $$->u.functype.lparen = @2.pos; }
  ;

result
  : %empty  %prec NORESULT                    { NOTHING($$); }
  | bare_type                                 { $$ = new_result($1); }
  | receive_type                              { $$ = new_result($1); }
  | parameters                                { $$ = $1; forbid_ellipsis(&$$); }
  ;

parameters
  : "(" ")"                                   { NOTHING($$); }
  | "(" parameter_list ")"                    { $$ = new_params($2, @$); }
  | "(" parameter_list "," ")"                { $$ = new_params($2, @$); }
  ;

parameter_list
  : parameter                                 { LIST_OF($$, $1); }
  | parameter_list "," parameter              { APPEND($$, $1, $3); }
  ;

parameter
  : parameter_type                            { $$ = unnamed($1, @1.pos); }
  | NAME parameter_type                       { $$ = named($1, @1, $2, NULL); }
  ;

parameter_type
  : type
  | "..." type                                { $$ = new_ellipsis(p, $2, @$); }
  ;

struct_fields
  : field
  | struct_fields ";" field                   { $$ = $1; for (int i = 0; i < $3.n; i++) list_push(&$$, $3.v[i]); }
  ;

field
  : NAME type tag                             { LIST_OF($$, named($1, @1, $2, $3)); }
  | NAME "," name_list type tag               { ExprList names = one_expr(new_ident($1, @1));
                                                for (int i = 0; i < $3.n; i++) list_push(&names, $3.v[i]);
                                                LIST_OF($$, new_field(names, $4, $5, @1.pos)); }
  | field_embedded tag                        { $1->tag = $2; LIST_OF($$, $1); }
  | error RECOVERED                           { NOTHING($$); yyerrok; }
  ;

field_embedded
  : embedded                                  { $$ = unnamed($1, @1.pos); }
  | "(" embedded ")"                          { error_at(@1.pos, EMBEDDED_PARENS); $$ = unnamed($2, @1.pos); }
  | "*" "(" type_name ")"                     { error_at(@2.pos, EMBEDDED_PARENS); $$ = unnamed($3, @1.pos); }
  ;

embedded
  : type_name
  | "*" type_name                             { $$ = new_star(p, $2, @$); }
  ;

tag
  : %empty                                    { $$ = NULL; }
  | STRING                                    { $$ = new_literal(EXPR_STRING, $1.text, $1.length, @1); }
  ;

interface_elems
  : interface_elem
  | interface_elems ";" interface_elem        { $$ = $1; for (int i = 0; i < $3.n; i++) list_push(&$$, $3.v[i]); }
  ;

interface_elem
  : NAME parameters result                    { Expr *type = new_functype(p, $2, $3, (Span){@2.pos, @3.end});
                                                LIST_OF($$, named($1, @1, type, NULL)); }
  | constraint                                { if (!may_embed($1)) GENERICS(@1);
                                                LIST_OF($$, unnamed($1, @1.pos)); }
  | error RECOVERED                           { NOTHING($$); yyerrok; }
  ;

/* ---- expressions */

expr
  : unary
  | expr "||" expr                            { $$ = new_binary(p, OP_LOR, $1, $3, @2, @$); }
  | expr "&&" expr                            { $$ = new_binary(p, OP_LAND, $1, $3, @2, @$); }
  | expr "==" expr                            { $$ = new_binary(p, OP_EQ, $1, $3, @2, @$); }
  | expr "!=" expr                            { $$ = new_binary(p, OP_NE, $1, $3, @2, @$); }
  | expr "<" expr                             { $$ = new_binary(p, OP_LT, $1, $3, @2, @$); }
  | expr "<=" expr                            { $$ = new_binary(p, OP_LE, $1, $3, @2, @$); }
  | expr ">" expr                             { $$ = new_binary(p, OP_GT, $1, $3, @2, @$); }
  | expr ">=" expr                            { $$ = new_binary(p, OP_GE, $1, $3, @2, @$); }
  | expr "+" expr                             { $$ = new_binary(p, OP_ADD, $1, $3, @2, @$); }
  | expr "-" expr                             { $$ = new_binary(p, OP_SUB, $1, $3, @2, @$); }
  | expr "|" expr                             { $$ = new_binary(p, OP_OR, $1, $3, @2, @$); }
  | expr "^" expr                             { $$ = new_binary(p, OP_XOR, $1, $3, @2, @$); }
  | expr "*" expr                             { $$ = new_binary(p, OP_MUL, $1, $3, @2, @$); }
  | expr "/" expr                             { $$ = new_binary(p, OP_DIV, $1, $3, @2, @$); }
  | expr "%" expr                             { $$ = new_binary(p, OP_REM, $1, $3, @2, @$); }
  | expr "<<" expr                            { $$ = new_binary(p, OP_SHL, $1, $3, @2, @$); }
  | expr ">>" expr                            { $$ = new_binary(p, OP_SHR, $1, $3, @2, @$); }
  | expr "&" expr                             { $$ = new_binary(p, OP_AND, $1, $3, @2, @$); }
  | expr "&^" expr                            { $$ = new_binary(p, OP_ANDNOT, $1, $3, @2, @$); }
  ;

unary
  : primary
  | "*" unary                                 { $$ = new_star(p, $2, @$); }
  | "&" unary                                 { $$ = new_unary(p, OP_ADDR, $2, @$); }
  | "+" unary                                 { $$ = new_unary(p, OP_ADD, $2, @$); }
  | "-" unary                                 { $$ = new_unary(p, OP_SUB, $2, @$); }
  | "!" unary                                 { $$ = new_unary(p, OP_NOT, $2, @$); }
  | "^" unary                                 { $$ = new_unary(p, OP_XOR, $2, @$); }
  | "<-" unary                                { $$ = new_receive(p, $2, @$); }
  | "~" unary                                 { mild_error_at(@1.pos, STRAY_TILDE); $$ = new_unary(p, OP_XOR, $2, @$); }
  ;

primary
  : named                                     %prec NOLITERAL
  | operand
  | "(" expr ")"                              { $$ = new_paren(p, $2, @$); }
  | written_type                              %prec NOLITERAL
  | function_type                             %prec NOLITERAL
  | written_type lbrace elements "}"          { $$ = new_composite(p, $1, $3, @2, @4); }
  | function_type lbrace stmts "}"            { $$ = new_funclit(p, $1, new_block(p, $3, @2, @4), @$); }
  | named "{" elements "}"                    { $$ = new_composite(p, $1, $3, @2, @4); }
  | primary "." "(" type ")"                  { $$ = new_typeassert(p, $1, $4, @$); }
  | primary "." "(" TYPE ")"                  { $$ = new_typeassert(p, $1, NULL, @$); }
  | primary "(" arguments ")"                 { $$ = new_call(p, $1, $3, @2, @4); }
  | primary "[" optional_expr ":" optional_expr "]"
      { $$ = new_slice(p, $1, $3, $5, NULL, false, @2, @$); }
  | primary "[" optional_expr ":" optional_expr ":" optional_expr "]"
      { if (!$5) mild_error_at(@6.pos, "middle index required in 3-index slice");
        if (!$7) mild_error_at(@8.pos, "final index required in 3-index slice");
        $$ = new_slice(p, $1, $3, $5, $7, true, @2, @$); }
  ;

/* What may stand before { } in the role of a type. */
named
  : NAME                                      { $$ = new_ident($1, @1); }
  | primary "." NAME                          { $$ = new_selector(p, $1, $3, @3, @$); }
  | primary "[" expr_list "]"                 { $$ = new_index(p, $1, $3, @2, @$); }
  ;

operand
  : INT                                       { $$ = new_literal(EXPR_INT, $1.text, $1.length, @1); }
  | FLOAT                                     { $$ = new_literal(EXPR_FLOAT, $1.text, $1.length, @1); }
  | IMAG                                      { $$ = new_literal(EXPR_IMAG, $1.text, $1.length, @1); }
  | CHAR                                      { $$ = new_literal(EXPR_CHAR, $1.text, $1.length, @1); }
  | STRING                                    { $$ = new_literal(EXPR_STRING, $1.text, $1.length, @1); }
  ;

/* Nothing is read beyond the brace before this is reduced: the filter must know first. */
lbrace
  : "{"
  | BODY                                      { filter_literal_brace(p); }
  ;

elements
  : %empty                                    { NOTHING($$); }
  | element_list
  | element_list ","
  ;

element_list
  : element                                   { $$ = one_expr($1); }
  | element_list "," element                  { APPEND($$, $1, $3); }
  ;

element
  : element_value
  | element_value ":" element_value           { $$ = new_keyvalue(p, $1, $3, @$); }
  ;

element_value
  : expr
  | literal_value
  ;

literal_value
  : "{" elements "}"                          { $$ = new_composite(p, NULL, $2, @1, @3); }
  ;

arguments
  : %empty                                    { NOTHING($$); }
  | argument_list
  | argument_list ","
  ;

argument_list
  : argument                                  { $$ = one_expr($1); }
  | argument_list "," argument                { APPEND($$, $1, $3); }
  ;

argument
  : expr
  | expr "..."                                { $$ = new_ellipsis(p, $1, @$); }
  ;

expr_list
  : expr                                      { $$ = one_expr($1); }
  | expr_list "," expr                        { APPEND($$, $1, $3); }
  ;

optional_expr
  : %empty                                    { $$ = NULL; }
  | expr
  ;

/* ---- statements */

/* A list that is closed ends before a statement would begin: only there may a case follow. */
stmts
  : closed_stmts
  | open_stmts
  ;

closed_stmts
  : %empty                                    { NOTHING($$); }
  | stmts ";"
  ;

open_stmts
  : closed_stmts stmt                         { $$ = $1; add_stmt(p, &$$, $2); }
  | closed_stmts error RECOVERED              { $$ = $1; yyerrok; }
  | open_stmts error RECOVERED                { $$ = $1; yyerrok; }
  ;

stmt
  : NAME ":"                                  { $$ = new_labeled(p, $1, new_stmt(STMT_EMPTY, @2), @$); }
  | NAME ":" stmt                             { $$ = new_labeled(p, $1, $3, @$); }
  | simple_stmt
  | local_decl                                { $$ = new_decl_stmt(p, $1, @$); }
  | block
  | if_stmt
  | for_stmt
  | switch_stmt
  | select_stmt
  | GO primary                                { $$ = new_call_stmt(p, STMT_GO, $2, @$); }
  | DEFER primary                             { $$ = new_call_stmt(p, STMT_DEFER, $2, @$); }
  | RETURN optional_exprs                     { $$ = new_return(p, $2, @$); }
  | BREAK optional_name                       { $$ = new_branch(BRANCH_BREAK, $2, @2, @$); }
  | CONTINUE optional_name                    { $$ = new_branch(BRANCH_CONTINUE, $2, @2, @$); }
  | GOTO NAME                                 { $$ = new_branch(BRANCH_GOTO, $2, @2, @$); }
  | FALLTHROUGH                               { $$ = new_branch(BRANCH_FALLTHROUGH, NULL, @1, @$); }
  ;

local_decl: declaration ;

optional_name
  : %empty                                    { $$ = NULL; }
  | NAME
  ;

optional_exprs
  : %empty                                    { NOTHING($$); }
  | expr_list
  ;

simple_stmt
  : expr                                      { $$ = new_expr_stmt(p, STMT_EXPR, $1, @$); }
  | expr "<-" expr                            { $$ = new_send(p, $1, $3, @2, @$); }
  | expr "++"                                 { $$ = new_incdec(p, $1, OP_ADD, @2, @$); }
  | expr "--"                                 { $$ = new_incdec(p, $1, OP_SUB, @2, @$); }
  | expr ASSIGN_OP expr                       { $$ = new_assign(p, one_expr($1), $2, one_expr($3), @2, @$); }
  | expr_list "=" expr_list                   { $$ = new_assign(p, $1, OP_ASSIGN, $3, @2, @$); }
  | expr_list ":=" expr_list                  { $$ = new_assign(p, $1, OP_DEFINE, $3, @2, @$); }
  ;

optional_simple
  : %empty                                    { $$ = NULL; }
  | simple_stmt
  ;

block
  : "{" stmts "}"                             { $$ = new_block(p, $2, @1, @3); }
  ;

body
  : BODY stmts "}"                            { $$ = new_block(p, $2, @1, @3); }
  ;

if_stmt
  : if_head body else                         { $$ = new_if(p, $1, $2, $3, @$); }
  ;

if_head
  : IF if_header                              { $$ = $2; }
  | IF error RECOVERED                        { $$ = new_header(NULL, new_stmt(STMT_BAD, @2), NULL, @2); yyerrok; }
  ;

if_header
  : optional_simple                           { $$ = new_header(NULL, $1, NULL, @$); }
  | optional_simple ";" optional_simple       { $$ = new_header($1, $3, NULL, @$);
                                                $$->semicolon = @2.pos;
                                                $$->newline = $2[0] == 'n'; }
  ;

else
  : %empty                                    { $$ = NULL; }
  | ELSE if_stmt                              { $$ = $2; }
  | ELSE block                                { $$ = $2; }
  ;

for_stmt
  : for_head body                             { $$ = new_for(p, $1, $2, @$); }
  ;

for_head
  : FOR for_header                            { $$ = $2; }
  | FOR error RECOVERED                       { $$ = new_header(NULL, NULL, NULL, @2); yyerrok; }
  ;

for_header
  : optional_simple                           { $$ = new_header(NULL, $1, NULL, @$); }
  | optional_simple ";" optional_simple ";" optional_simple
                                              { $$ = new_header($1, $3, $5, @$); }
  | range_clause                              { $$ = new_header(NULL, NULL, NULL, @$); $$->range = $1; }
  ;

range_clause
  : RANGE expr                                { $$ = new_range_header((ExprList){0}, OP_NONE, $2, @$); }
  | expr_list "=" RANGE expr                  { $$ = new_range_header($1, OP_ASSIGN, $4, @$); }
  | expr_list ":=" RANGE expr                 { $$ = new_range_header($1, OP_DEFINE, $4, @$); }
  ;

switch_stmt
  : switch_head BODY clauses "}"              { $$ = new_switch(p, $1, $3, @4, @$); }
  ;

switch_head
  : SWITCH if_header                          { $$ = $2; }
  | SWITCH error RECOVERED                    { $$ = new_header(NULL, NULL, NULL, @2); yyerrok; }
  ;

clauses
  : closed_clauses
  | closed_clauses case_head open_stmts       { $2->body = $3; $2->end = @3.end; APPEND($$, $1, $2); }
  ;

closed_clauses
  : %empty                                    { NOTHING($$); }
  | error RECOVERED                           { NOTHING($$); yyerrok; }
  | closed_clauses case_head closed_stmts     { $2->body = $3; $2->end = @3.end; APPEND($$, $1, $2); }
  ;

case_head
  : CASE expr_list ":"                        { $$ = new_clause(false, $2, NULL, @$); }
  | DEFAULT ":"                               { $$ = new_clause(true, (ExprList){0}, NULL, @$); }
  | CASE error RECOVERED ":"                  { $$ = new_clause(false, (ExprList){0}, NULL, @$); yyerrok; }
  ;

select_stmt
  : SELECT BODY comm_clauses "}"              { $$ = new_select(p, $3, @4, @$); }
  ;

comm_clauses
  : closed_comms
  | closed_comms comm_head open_stmts         { $2->body = $3; $2->end = @3.end; APPEND($$, $1, $2); }
  ;

closed_comms
  : %empty                                    { NOTHING($$); }
  | error RECOVERED                           { NOTHING($$); yyerrok; }
  | closed_comms comm_head closed_stmts       { $2->body = $3; $2->end = @3.end; APPEND($$, $1, $2); }
  ;

comm_head
  : CASE simple_stmt ":"                      { $$ = new_clause(false, (ExprList){0}, $2, @$); }
  | DEFAULT ":"                               { $$ = new_clause(true, (ExprList){0}, NULL, @$); }
  | CASE error RECOVERED ":"                  { $$ = new_clause(false, (ExprList){0}, new_stmt(STMT_BAD, @2), @$);
                                                yyerrok; }
  ;

%%

/* ---- tokens */

#define TOKEN(ID, CLASS, ENDS, TEXT) +1
enum { TOKENS_IN_TABLE = 0
#include "tokens.def"
};
#undef TOKEN
_Static_assert(TOK_NAME + TOKENS_IN_TABLE - 1 == TOK_RECOVERED, "tokens.def and %token name the same tokens");

static int toylex(TOYSTYPE *value, Span *at, Parser *p) {
  Token t = {0};
  filter_next(p, &t);
  *at = (Span){t.pos, t.end};
  switch (t.kind) {
  case TOK_NAME: case TOK_SEMICOLON: value->name = t.value.name; break;
  case TOK_INT: case TOK_FLOAT: case TOK_IMAG: case TOK_CHAR: case TOK_STRING:
    value->lit.text = t.value.lit.text;
    value->lit.length = t.value.lit.length;
    break;
  case TOK_ASSIGN_OP: value->op = t.value.op; break;
  case TOK_FUNC: value->pragmas = t.value.pragmas; break;
  default: break;
  }
  return t.kind;
}

/* ---- syntax errors */

static bool can_recover(yy_state_t state) {
  int n = yypact[state];
  if (yypact_value_is_default(n)) return false;
  n += YYSYMBOL_YYerror;
  return n >= 0 && n <= YYLAST && yycheck[n] == YYSYMBOL_YYerror && yytable[n] > 0;
}

static int bracket_step(yysymbol_kind_t symbol) {
  switch (symbol) {
  case YYSYMBOL_LPAREN: case YYSYMBOL_LBRACK: case YYSYMBOL_LBRACE: case YYSYMBOL_BODY: case YYSYMBOL_lbrace: return 1;
  case YYSYMBOL_RPAREN: case YYSYMBOL_RBRACK: case YYSYMBOL_RBRACE: return -1;
  default: return 0;
  }
}

enum { BOTTOM = 0 /* the initial state: under everything, and nowhere else */ };

static yysymbol_kind_t symbol_at(const yy_state_t *sp) {
  return *sp == BOTTOM ? YYSYMBOL_YYEOF : YY_ACCESSING_SYMBOL(*sp);
}

static Sync sync_of(const yy_state_t *sp) {
  switch (symbol_at(sp)) {
  case YYSYMBOL_IF: case YYSYMBOL_FOR: case YYSYMBOL_SWITCH: return SYNC_BODY;
  case YYSYMBOL_FUNC: return SYNC_FUNC;
  case YYSYMBOL_CASE: return SYNC_COLON;
  case YYSYMBOL_BODY: {
    yysymbol_kind_t below = symbol_at(sp - 1);
    return below == YYSYMBOL_switch_head || below == YYSYMBOL_SELECT ? SYNC_CLAUSE : SYNC_LIST;
  }
  default: {
    yysymbol_kind_t below = *sp == BOTTOM ? YYSYMBOL_YYEOF : symbol_at(sp - 1);
    return below == YYSYMBOL_case_head || below == YYSYMBOL_comm_head ? SYNC_IN_CLAUSE : SYNC_LIST;
  }
  }
}

/* Tells the filter which state Bison is going to fall back to, and how many brackets go with what it drops. */
static void announce_recovery(const yypcontext_t *c, Parser *p) {
  int popped = 0, closed = 0;
  for (const yy_state_t *sp = c->yyssp;; sp--) {
    if (can_recover(*sp)) {
      filter_recover(p, sync_of(sp), popped);
      return;
    }
    int step = bracket_step(symbol_at(sp));
    if (step < 0) closed++;
    else if (step > 0 && closed) closed--;
    else popped += step;
    if (*sp == BOTTOM) return;
  }
}

/* Where the parser is, as far as messages tell places apart. */
typedef struct Situation {
  yysymbol_kind_t token, top, below;  /* the bad token, the last two symbols read */
  yysymbol_kind_t open, opener;       /* innermost open bracket, and the symbol before it */
  yysymbol_kind_t header;             /* IF, FOR, SWITCH when in its header */
  int parts;                          /* of the header that ended with a semicolon or `range` */
  bool expected[YYNTOKENS];
} Situation;

/* Only the near end of the stack is looked at: what opened a bracket a thousand symbols ago is no news. */
static void find_bracket(Situation *s, const yypcontext_t *c) {
  enum { FAR = 1000 };
  static const struct { yysymbol_kind_t keyword, head; } heads[] = {
    {YYSYMBOL_IF, YYSYMBOL_if_head}, {YYSYMBOL_FOR, YYSYMBOL_for_head}, {YYSYMBOL_SWITCH, YYSYMBOL_switch_head}};
  int closed = 0;
  for (const yy_state_t *sp = c->yyssp; *sp != BOTTOM && c->yyssp - sp < FAR; sp--) {
    yysymbol_kind_t symbol = symbol_at(sp);
    int step = bracket_step(symbol);
    if (step < 0) closed++;
    else if (step > 0 && closed) closed--;
    else if (step > 0) {
      s->open = symbol;
      s->opener = symbol_at(sp - 1);
      return;
    }
    bool ended = symbol == YYSYMBOL_SEMICOLON || symbol == YYSYMBOL_RANGE;
    if (ended && !closed && s->header == YYSYMBOL_YYEOF) s->parts++;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
      if (symbol == heads[i].keyword || (symbol == heads[i].head && sp == c->yyssp)) s->header = heads[i].keyword;
  }
}

static void find_situation(Situation *s, const yypcontext_t *c) {
  yysymbol_kind_t expected[YYNTOKENS];
  memset(s, 0, sizeof *s);
  s->open = s->opener = s->header = YYSYMBOL_YYEOF;
  s->token = yypcontext_token(c);
  s->top = symbol_at(c->yyssp);
  s->below = *c->yyssp != BOTTOM ? symbol_at(c->yyssp - 1) : YYSYMBOL_YYEOF;
  int n = yypcontext_expected_tokens(c, expected, YYNTOKENS);
  for (int i = 0; i < n; i++)
    s->expected[expected[i]] = true;
  s->expected[YYSYMBOL_RECOVERED] = false;
  find_bracket(s, c);
}

static bool wants_expression(const Situation *s) { return s->expected[YYSYMBOL_INT]; }
static bool wants_statement(const Situation *s) { return s->expected[YYSYMBOL_GOTO]; }
static bool wants_type(const Situation *s) { return s->expected[YYSYMBOL_MAP] && !s->expected[YYSYMBOL_INT]; }

/* The list that the innermost bracket encloses, when the bad token stands where the list could go on or end. */
static const char *list_phrase(const Situation *s) {
  static const struct { yysymbol_kind_t open, opener; const char *phrase; } lists[] = {
    {YYSYMBOL_LPAREN, YYSYMBOL_primary, " in argument list; possibly missing comma or )"},
    {YYSYMBOL_LPAREN, YYSYMBOL_FUNC, " in parameter list; possibly missing comma or )"},
    {YYSYMBOL_LPAREN, YYSYMBOL_NAME, " in parameter list; possibly missing comma or )"},
    {YYSYMBOL_LPAREN, YYSYMBOL_parameters, " in parameter list; possibly missing comma or )"},
    {YYSYMBOL_LBRACE, YYSYMBOL_named, " in composite literal; possibly missing comma or }"},
    {YYSYMBOL_LBRACE, YYSYMBOL_COMMA, " in composite literal; possibly missing comma or }"},
    {YYSYMBOL_LBRACE, YYSYMBOL_LBRACE, " in composite literal; possibly missing comma or }"},
    {YYSYMBOL_LBRACE, YYSYMBOL_lbrace, " in composite literal; possibly missing comma or }"},
    {YYSYMBOL_lbrace, YYSYMBOL_written_type, " in composite literal; possibly missing comma or }"},
  };
  static const char GROUPED[] = " in grouped declaration; possibly missing semicolon or newline or )";
  static const struct { yysymbol_kind_t open, opener; const char *phrase; } groups[] = {
    {YYSYMBOL_LBRACE, YYSYMBOL_STRUCT, " in struct type; possibly missing semicolon or newline or }"},
    {YYSYMBOL_LBRACE, YYSYMBOL_INTERFACE, " in interface type; possibly missing semicolon or newline or }"},
    {YYSYMBOL_LPAREN, YYSYMBOL_IMPORT, GROUPED},
    {YYSYMBOL_LPAREN, YYSYMBOL_CONST, GROUPED},
    {YYSYMBOL_LPAREN, YYSYMBOL_TYPE, GROUPED},
    {YYSYMBOL_LPAREN, YYSYMBOL_VAR, GROUPED},
  };
  yysymbol_kind_t close = s->open == YYSYMBOL_LPAREN ? YYSYMBOL_RPAREN : YYSYMBOL_RBRACE;
  if (!s->expected[close] || wants_expression(s)) return NULL;
  for (size_t i = 0; i < sizeof lists / sizeof *lists && s->expected[YYSYMBOL_COMMA]; i++)
    if (s->open == lists[i].open && s->opener == lists[i].opener) return lists[i].phrase;
  for (size_t i = 0; i < sizeof groups / sizeof *groups && s->expected[YYSYMBOL_SEMICOLON]; i++)
    if (s->open == groups[i].open && s->opener == groups[i].opener) return groups[i].phrase;
  return NULL;
}

/* Within brackets: the list that does not end before the source does, and an index or a length that does not end. */
static const char *bracket_phrase(const Situation *s) {
  if (s->token == YYSYMBOL_YYEOF && s->open == YYSYMBOL_LPAREN && s->expected[YYSYMBOL_RPAREN]) return ", expected )";
  if (s->token == YYSYMBOL_YYEOF && s->open == YYSYMBOL_LBRACE && s->expected[YYSYMBOL_RBRACE]) return ", expected }";
  if (s->open != YYSYMBOL_LBRACK || !s->expected[YYSYMBOL_RBRACK] || wants_expression(s)) return NULL;
  bool first = s->opener == YYSYMBOL_primary && s->below == YYSYMBOL_LBRACK;
  return first && s->expected[YYSYMBOL_COLON] ? ", expected comma, : or ]" : ", expected ]";
}

/* Where a member of a struct or interface begins. */
static const char *member_phrase(const Situation *s) {
  if (s->open != YYSYMBOL_LBRACE || !s->expected[YYSYMBOL_RBRACE] || !s->expected[YYSYMBOL_NAME]) return NULL;
  if (s->opener == YYSYMBOL_STRUCT) return ", expected field name or embedded type";
  return s->opener == YYSYMBOL_INTERFACE && wants_type(s) ? ", expected ~ term or type" : NULL;
}

static bool in_group(const Situation *s, yysymbol_kind_t keyword) {
  return s->open == YYSYMBOL_LPAREN && s->opener == keyword;
}

static bool wants_path(const Situation *s) {
  bool import = s->top == YYSYMBOL_IMPORT || s->below == YYSYMBOL_IMPORT || in_group(s, YYSYMBOL_IMPORT);
  return import && wants_expression(s);
}

/* `type N`, `type N =`, alone or in a group. */
static bool wants_declared_type(const Situation *s) {
  if (!wants_type(s)) return false;
  return s->top == YYSYMBOL_ASSIGN || (s->top == YYSYMBOL_NAME && (s->below == YYSYMBOL_TYPE || in_group(s, YYSYMBOL_TYPE)));
}

static bool wants_element(const Situation *s) {
  bool sending = s->top == YYSYMBOL_ARROW && s->below == YYSYMBOL_CHAN;
  return (s->top == YYSYMBOL_CHAN || sending) && wants_type(s);
}

static bool is_bare_ellipsis(const Situation *s) {
  bool ends = s->token == YYSYMBOL_COMMA || s->token == YYSYMBOL_RPAREN;
  return s->top == YYSYMBOL_ELLIPSIS && ends && wants_type(s);
}

/* A message that says nothing of the bad token. */
static const char *whole_message(const Situation *s, const Parser *p) {
  if (s->top == YYSYMBOL_YYEOF) return "package statement must be first";
  if (s->top == YYSYMBOL_ELSE) return "else must be followed by if or statement block";
  if (wants_path(s)) return "missing import path";
  if (wants_element(s)) return "missing channel element type";
  if (is_bare_ellipsis(s)) return "... is missing type";
  if (s->top != YYSYMBOL_top_decls) return NULL;
  const DeclList *decls = &p->file->decls;
  bool bodyless = decls->n && decls->v[decls->n - 1]->kind == DECL_FUNC && !decls->v[decls->n - 1]->u.func.body;
  return s->token == YYSYMBOL_LBRACE && bodyless ? "unexpected semicolon or newline before {"
                                                 : NON_DECLARATION;
}

/* Null: not the keyword of a statement with a header. */
static const char *header_word(yysymbol_kind_t keyword) {
  return keyword == YYSYMBOL_IF ? "if" : keyword == YYSYMBOL_FOR ? "for" : keyword == YYSYMBOL_SWITCH ? "switch" : NULL;
}

static const char *header_phrase(const Situation *s) {
  if (s->header == YYSYMBOL_YYEOF || s->top == YYSYMBOL_RANGE) return NULL;
  bool condition = s->header == YYSYMBOL_FOR && s->parts == 1 && !wants_expression(s);
  if (condition && s->expected[YYSYMBOL_SEMICOLON]) return ", expected semicolon or newline";
  if (s->header == YYSYMBOL_FOR && s->token == YYSYMBOL_BODY) return ", expected for loop condition";
  if (wants_expression(s) || !s->expected[YYSYMBOL_BODY]) return NULL;
  if (s->parts == 0 && s->top != YYSYMBOL_for_head) return ", expected {";
  return format(", expected { after %s clause", header_word(s->header));
}

static int token_of(yysymbol_kind_t symbol) { return TOK_NAME + (int)(symbol - YYSYMBOL_NAME); }

/* A parenthesis may stand for the name: a receiver before it, a type assertion. */
static bool takes_group(const Situation *s) { return s->top == YYSYMBOL_FUNC || s->top == YYSYMBOL_PERIOD; }

/* Not worth telling: what goes on with an expression or type that could as well have ended, or opens a group instead
 * of a single name. */
static bool goes_without_saying(const Situation *s, int symbol) {
  bool after_operand = s->expected[YYSYMBOL_PERIOD] || s->expected[YYSYMBOL_ADD];
  switch (symbol) {
  case YYSYMBOL_COMMA: case YYSYMBOL_DEFINE: case YYSYMBOL_ASSIGN: return s->expected[YYSYMBOL_COLON];
  case YYSYMBOL_LPAREN: return after_operand || (s->expected[YYSYMBOL_NAME] && !takes_group(s));
  case YYSYMBOL_LBRACK: case YYSYMBOL_LBRACE: case YYSYMBOL_PERIOD: case YYSYMBOL_ELLIPSIS: case YYSYMBOL_ASSIGN_OP:
    return after_operand;
  default: return after_operand && symbol >= YYSYMBOL_ADD && symbol <= YYSYMBOL_TILDE;
  }
}

/* The few tokens that would have done, or nothing. */
static const char *expected_tokens(const Situation *s) {
  enum { MANY = 3 };
  const char *text = "";
  int n = 0;
  for (int i = YYSYMBOL_NAME; i < YYNTOKENS; i++) {
    if (!s->expected[i] || goes_without_saying(s, i)) continue;
    text = format("%s%s%s", text, n ? " or " : ", expected ", token_text(token_of(i)));
    n++;
  }
  return n <= MANY ? text : "";
}

static const char *wanted_phrase(const Situation *s) {
  if (s->expected[YYSYMBOL_CASE] && !wants_expression(s)) return ", expected case or default or }";
  if (wants_statement(s)) return s->open == YYSYMBOL_YYEOF ? "" : ", expected }";
  bool indexing = s->top == YYSYMBOL_LBRACK && s->below == YYSYMBOL_primary;
  if (indexing && s->token == YYSYMBOL_RBRACK) return ", expected operand";
  if (wants_expression(s)) return ", expected expression";
  if (wants_declared_type(s)) return " in type declaration";
  if (s->token == YYSYMBOL_DEFINE && s->expected[YYSYMBOL_ASSIGN]) return ", expected =";
  if (s->top == YYSYMBOL_NAME && s->below == YYSYMBOL_FUNC) return ", expected (";
  bool ends = s->expected[YYSYMBOL_SEMICOLON];
  if (wants_type(s) && !ends) return ", expected type";
  if (ends && s->expected[YYSYMBOL_RBRACE]) return " at end of statement";
  if (ends && s->top == YYSYMBOL_package) return " after package clause";
  if (ends && s->open == YYSYMBOL_YYEOF && s->header == YYSYMBOL_YYEOF) return " after top level declaration";
  return expected_tokens(s);
}

/* The first that has something to say; the last always has. */
static const char *find_phrase(const Situation *s) {
  static const char *(*const finders[])(const Situation *) = {list_phrase, bracket_phrase, member_phrase, header_phrase,
                                                              wanted_phrase};
  const char *phrase = NULL;
  for (size_t i = 0; !phrase; i++) phrase = finders[i](s);
  return phrase;
}

/* What is wrong, in Go's words. */
static void explain(const yypcontext_t *c, Parser *p) {
  Situation s;
  find_situation(&s, c);
  const char *header = s.token == YYSYMBOL_VAR ? header_word(s.top) : NULL;
  if (header) {
    error_at(next_token_pos(p), "syntax error: var declaration not allowed in %s initializer", header);
    return;
  }
  const char *whole = whole_message(&s, p);
  if (whole) {
    error_at(p->token.pos, "syntax error: %s", whole);
    return;
  }
  if (s.header == YYSYMBOL_FOR && s.token == YYSYMBOL_BODY && p->previous == TOK_SEMICOLON && filter_was_newline(p)) {
    error_at(p->previous_pos, "syntax error: unexpected newline, expected { after for clause");
    return;
  }
  if (s.top == YYSYMBOL_COLON && s.below == YYSYMBOL_NAME && s.expected[YYSYMBOL_RBRACE]) {
    error_at(p->previous_pos, "syntax error: missing statement after label");
    return;
  }
  error_at(p->token.pos, "syntax error: unexpected %s%s", token_shown(p->lexer.source, &p->token), find_phrase(&s));
}

static int yyreport_syntax_error(const yypcontext_t *c, Parser *p) {
  bool follows = !p->token.kind && diag_errors() > p->errors_before; /* the end comes too early: no wonder */
  if (p->failed) return 0; /* the filter ends the source here */
  if (!follows && !filter_is_making(p)) explain(c, p);
  announce_recovery(c, p);
  return 0;
}

/* Called by the skeleton for the one thing that is not a syntax error: its stack is at YYMAXDEPTH. */
static void toyerror(Span *at, Parser *p, const char *text) {
  (void)text;
  too_deep(p, at->pos);
}

File *parse_file(Source *source) {
  Parser p = {.file = NEW(File), .errors_before = diag_errors()};
  p.file->path = source->path;
  p.file->package_name = intern_cstr("");
  p.file->package_pos = source->base;
  lexer_init(&p.lexer, source);
  toyparse(&p); /* its status is in the diagnostics */
  tell_jump_errors(&p);
  return p.file;
}
