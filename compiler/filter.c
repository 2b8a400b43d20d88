/* filter.c: between lexer and grammar: which { opens a body, and where parsing goes on after an error.
 *
 * Bodies. In `if x == T {` the grammar alone cannot tell a body from a literal T{…}. Go's rule: between the keyword and
 * the body, outside all brackets, a { opens the body, unless it follows a type that is written out ([]T, func()). The
 * filter counts brackets and delivers such a { as BODY. Where the grammar wants a literal all the same, it takes
 * BODY for {, and says so with filter_literal_brace() before it asks for another token (the rule reduces without
 * looking ahead), so that the header is taken up again after the literal. Within brackets the header's rule is off.
 *
 * Type parameters of a type are dropped on the way: the grammar would need to see two tokens ahead to know them.
 *
 * Recovery. Bison pops its stack to a state that has an `error` rule, then drops tokens until one fits. What fits is
 * mostly a bad choice: in f(a b, func() { x; y }) the first ; is inside a function. All error rules are therefore
 * written `error RECOVERED`, and RECOVERED comes from here only, after the right number of tokens has been
 * skipped: brackets opened since, and those which the parser has given up, are skipped as a whole. The place to stop at
 * depends on the rule (Sync). A closing brace is missing when a func starts in column 1, where only declarations
 * of a file do: then the brackets still open are closed here, and the function after it is parsed as what it is.
 *
 * Every recovery stops at a token that its rule accepts next, so errors cannot repeat on the spot. The work is linear:
 * a bracket is given up once.
 */
#include <string.h>

#include "parse.h"
#include "parser.h"

/* How many of the n outermost brackets are braces. */
static int braces_open(const Parser *p, int n) { return n ? p->brackets.v[n - 1].braces : 0; }

static void push(Parser *p, char open) {
  Bracket b = {open, p->in_header, braces_open(p, p->brackets.n) + (open == '{')};
  list_push(&p->brackets, b);
  p->in_header = false;
  if (p->brackets.n > PARSE_MAX_DEPTH) too_deep(p, p->token.pos);
}

static void pop(Parser *p) {
  if (p->brackets.n) p->in_header = p->brackets.v[--p->brackets.n].in_header;
}

static char innermost(const Parser *p) { return p->brackets.n ? p->brackets.v[p->brackets.n - 1].open : 0; }

static void open_brace(Parser *p, Token *t) {
  bool body = p->in_header && p->previous != TOK_STRUCT && p->previous != TOK_INTERFACE;
  if (body) {
    t->kind = TOK_BODY;
    p->in_header = false;
  }
  push(p, '{');
}

void filter_literal_brace(Parser *p) {
  check_that(p->brackets.n > 0);
  p->brackets.v[p->brackets.n - 1].in_header = true;
}

static void track(Parser *p, Token *t) {
  switch (t->kind) {
  case TOK_IF: case TOK_FOR: case TOK_SWITCH: case TOK_SELECT: p->in_header = true; break;
  case TOK_LPAREN: push(p, '('); break;
  case TOK_LBRACK: push(p, '['); break;
  case TOK_LBRACE: open_brace(p, t); break;
  case TOK_RPAREN: case TOK_RBRACK: case TOK_RBRACE: pop(p); break;
  default: break;
  }
}

static void deliver(Parser *p, Token *t) {
  p->brackets_before = p->brackets.n;
  p->header_before = p->in_header;
  p->previous = p->token.kind;
  p->previous_pos = p->token.pos;
  p->token = *t;
  track(p, t);
  p->token.kind = t->kind;
}

/* Of `type T [` on: parameters, and not an array type [N]int? They begin with a name and something that cannot go
 * on with an expression. Read ahead on a copy of the lexer. */
static bool are_type_params(const Parser *p) {
  Lexer ahead = p->lexer;
  Token name, next;
  lexer_next(&ahead, &name);
  if (name.kind != TOK_NAME) return false;
  lexer_next(&ahead, &next);
  if (next.kind == TOK_MUL) { /* [P *q.T, …] or [P *T|U]; [N * M] is a length */
    do lexer_next(&ahead, &next);
    while (next.kind == TOK_NAME || next.kind == TOK_PERIOD);
    return next.kind == TOK_COMMA || next.kind == TOK_OR;
  }
  return next.kind == TOK_NAME || next.kind == TOK_COMMA || next.kind == TOK_INTERFACE || next.kind == TOK_TILDE ||
         next.kind == TOK_MAP || next.kind == TOK_CHAN || next.kind == TOK_FUNC || next.kind == TOK_STRUCT;
}

/* Drops them, from the [ in *t on; *t becomes what follows. */
static void drop_type_params(Parser *p, Token *t) {
  not_yet(t->pos, "generics");
  for (int open = 1; open && t->kind;) {
    lexer_next(&p->lexer, t);
    open += (t->kind == TOK_LBRACK) - (t->kind == TOK_RBRACK);
  }
  if (t->kind) lexer_next(&p->lexer, t);
}

/* ---- recovery */

static Token made(const Parser *p, int kind) { return (Token){.kind = kind, .pos = p->token.pos, .end = p->token.pos}; }

static bool at_line_start(const Parser *p, Pos pos) {
  const char *at = p->lexer.source->text + (pos - p->lexer.source->base);
  return at == p->lexer.source->text || at[-1] == '\n';
}

bool filter_was_newline(const Parser *p) {
  return p->lexer.source->text[p->previous_pos - p->lexer.source->base] == '\n';
}

bool filter_is_making(const Parser *p) { return p->saved; }

static void put_in(Parser *p, int kind) {
  check_that(p->queued < FILTER_QUEUE);
  p->queue[p->queued++] = kind;
}

/* func at the start of a line, and what follows it is wrong: a } is missing before it, so it is read again. */
static bool is_stray_func(const Parser *p) {
  return p->previous == TOK_FUNC && p->keep && at_line_start(p, p->previous_pos);
}

void filter_recover(Parser *p, Sync sync, int popped) {
  p->brackets.n = p->brackets_before; /* the bad token is read once more; a bracket it closed is still in its place */
  p->in_header = p->header_before;
  p->keep = p->brackets.n - popped;
  check_that(p->keep >= 0);
  p->recovering = true;
  p->sync = sync;
  p->making = p->saved;
  if (p->making) return;
  if (is_stray_func(p)) {
    p->lexer.cursor = p->lexer.source->text + (p->previous_pos - p->lexer.source->base);
    return;
  }
  p->pending = p->token;
  if (p->pending.kind == TOK_BODY) p->pending.kind = TOK_LBRACE;
  p->saved = true;
}

static void give_up_to(Parser *p, int keep) {
  while (p->brackets.n > keep) pop(p);
}

/* Is a { open that is skipped as a whole? */
static bool in_skipped_brace(const Parser *p) { return braces_open(p, p->brackets.n) > braces_open(p, p->keep); }

/* A closing bracket: true when it closes the list that the parser is in. A brace closes whatever is open within its
 * pair; ) and ] close each other, as a slip of the hand; those which close nothing are skipped. */
static bool closes_list(Parser *p, char open) {
  bool brace = open == '{';
  if (brace && in_skipped_brace(p)) {
    while (innermost(p) != '{') pop(p);
    pop(p);
    return false;
  }
  if (!brace && p->brackets.n > p->keep) {
    if (innermost(p) != '{') pop(p);
    return false;
  }
  return p->keep && p->brackets.v[p->keep - 1].open == open && open != '[';
}

/* Stopping short of the rest of a construct: what is missing is put in. */
static void complete(Parser *p) {
  if (p->sync == SYNC_BODY) put_in(p, TOK_BODY), put_in(p, TOK_RBRACE);
  if (p->sync == SYNC_COLON) put_in(p, TOK_COLON);
}

/* Before a func that must be the file's: closes what the parser still has open. */
static void close_all(Parser *p) {
  give_up_to(p, p->keep);
  complete(p);
  p->closing = p->keep;
  if (!p->closing) put_in(p, TOK_SEMICOLON);
}

/* Is one of these the next character after the newline? */
static bool follows(const Parser *p, const char *set) {
  const char *at = p->lexer.cursor;
  at += strspn(at, " \t\r\n");
  return *at && strchr(set, *at);
}

static bool stops_at_semicolon(Parser *p, const Token *t) {
  if (in_skipped_brace(p)) return false;
  bool explicit_one = strcmp(t->value.name, "semicolon") == 0;
  if (p->sync == SYNC_BODY && (explicit_one || follows(p, "{"))) return false;
  if (p->brackets.n > p->keep && !explicit_one && follows(p, ")]")) return false; /* the usual end of a broken list */
  if (p->sync == SYNC_CLAUSE) return false;
  give_up_to(p, p->keep);
  complete(p);
  return true;
}

/* Reads *t as something to be skipped; true: parsing goes on before it. */
static bool is_stop(Parser *p, Token *t, int previous) {
  bool outside = p->brackets.n == p->keep, wants_body = p->sync == SYNC_BODY || p->sync == SYNC_FUNC;
  switch (t->kind) {
  case TOK_SEMICOLON: return stops_at_semicolon(p, t);
  case TOK_LPAREN: push(p, '('); return false;
  case TOK_LBRACK: push(p, '['); return false;
  case TOK_LBRACE:
    if (outside && previous != TOK_STRUCT && previous != TOK_INTERFACE && wants_body) {
      p->in_header = p->sync == SYNC_BODY;
      return true;
    }
    push(p, '{');
    return false;
  case TOK_RPAREN: case TOK_RBRACK: case TOK_RBRACE:
    if (!closes_list(p, t->kind == TOK_RPAREN ? '(' : t->kind == TOK_RBRACK ? '[' : '{')) return false;
    give_up_to(p, p->keep);
    complete(p);
    return true;
  case TOK_COLON: return outside && p->sync == SYNC_COLON;
  case TOK_CASE: case TOK_DEFAULT:
    if (!outside || (p->sync != SYNC_CLAUSE && p->sync != SYNC_IN_CLAUSE)) return false;
    if (p->sync == SYNC_IN_CLAUSE) put_in(p, TOK_SEMICOLON);
    return true;
  case TOK_FUNC:
    if (!at_line_start(p, t->pos)) return false;
    close_all(p);
    return true;
  default: return false;
  }
}

/* Reads on to where parsing goes on; false: there is no such place. */
static bool skip_to_stop(Parser *p, Token *t) {
  for (int previous = p->previous;; previous = t->kind) {
    if (p->saved) *t = p->pending;
    else lexer_next(&p->lexer, t);
    p->saved = false;
    p->token = *t;
    if (t->kind == 0 || p->failed) return false;
    if (is_stop(p, t, previous)) break;
  }
  p->pending = *t;
  p->saved = true;
  return true;
}

/* What was put in does not fit either and the parser has fallen further back: what is left is closed from there. */
static void recover_again(Parser *p) {
  bool was_closing = p->closing;
  p->queue_at = p->queued = 0;
  p->closing = 0;
  if (was_closing) close_all(p);
  else give_up_to(p, p->keep), complete(p);
}

/* Delivers RECOVERED; the end of the source if nothing is left, which ends the parse: an error after which nothing was
 * found needs no second one. */
static void recover(Parser *p, Token *t) {
  p->recovering = false;
  if (p->making) recover_again(p);
  else if (!skip_to_stop(p, t)) {
    *t = made(p, 0);
    return;
  }
  if (p->sync != SYNC_BODY) p->in_header = false;
  *t = made(p, TOK_RECOVERED);
  p->token = *t;
  p->brackets_before = p->brackets.n;
  p->header_before = p->in_header;
}

/* A bracket that recovery closes for the user; after the last one the declaration ends. */
static Token closing_token(Parser *p) {
  char open = innermost(p);
  if (--p->closing == 0) put_in(p, TOK_SEMICOLON);
  return made(p, open == '(' ? TOK_RPAREN : open == '[' ? TOK_RBRACK : TOK_RBRACE);
}

static Token queued_token(Parser *p) {
  Token t = made(p, p->queue[p->queue_at++]);
  if (t.kind == TOK_SEMICOLON) t.value.name = "newline";
  if (t.kind == TOK_BODY) t.kind = TOK_LBRACE, p->in_header = true;
  if (p->queue_at == p->queued) p->queue_at = p->queued = 0;
  return t;
}

void filter_next(Parser *p, Token *t) {
  p->failed |= diag_is_full();
  if (p->failed) {
    *t = made(p, 0);
    return;
  }
  if (p->recovering) {
    recover(p, t);
    return;
  }
  if (p->queued) *t = queued_token(p);
  else if (p->closing) *t = closing_token(p);
  else if (p->saved) *t = p->pending, p->saved = false;
  else lexer_next(&p->lexer, t);
  bool after_type_name = p->token.kind == TOK_NAME && p->previous == TOK_TYPE;
  if (after_type_name && t->kind == TOK_LBRACK && are_type_params(p)) drop_type_params(p, t);
  deliver(p, t);
}
