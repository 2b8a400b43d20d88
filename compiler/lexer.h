/* lexer.h: source text to tokens; semicolons at line ends are put in here. */
#ifndef TOY_LEXER_H
#define TOY_LEXER_H

#include "source.h"

typedef struct Lexer {
  Source *source;
  const char *cursor;   /* first byte not yet read */
  bool ends;            /* the last token may end a statement */
  Pragmas pragmas;      /* those seen since the last token other than a semicolon */
} Lexer;

typedef struct Token {
  int kind;             /* TOK_… of parser.h; 0 at the end of the source */
  Pos pos, end;
  union {
    const char *name;   /* NAME; SEMICOLON: "semicolon", "newline" or "EOF", what stood there */
    struct { const char *text; size_t length; } lit; /* as Expr.u.lit */
    Op op;              /* ASSIGN_OP */
    Pragmas pragmas;    /* FUNC */
  } value;
} Token;

void lexer_init(Lexer *lx, Source *source);
void lexer_next(Lexer *lx, Token *t);           /* reports what no token can begin with, and malformed literals */
const char *token_text(int kind);               /* as in tokens.def */
char *token_shown(const Source *source, const Token *t); /* as "unexpected …" shows it */

#endif
