/* lexer.re: source text to tokens (re2c).
 *
 * The text is valid UTF-8 and ends in a NUL byte (source.c), so a rule for NUL is the only end check. The scanner keeps
 * its cursor in locals and has no modes: string and rune literals are matched whole, then decoded by a scanner of their
 * own. A literal that is malformed is reported and still becomes a token: the parser has no second mistake to find.
 *
 * Each token remembers whether it may end a statement (tokens.def); a newline, a comment with a newline in it or the
 * end of the source after such a token becomes a semicolon.
 *
 * Every rule consumes in proportion to what it read. The two whose scan runs on when the closing mark is missing (raw
 * string, comment) then eat everything to the end of the source, so that lexing is linear whatever the input is.
 */
#include "lexer.h"

#include <stdio.h>
#include <string.h>

#include "compiler.h"
#include "diag.h"
#include "parser.h"

enum { SHOWN_MAX = 60 /* bytes of a token in a message */ };

typedef enum TokenClass { CLASS_NAME, CLASS_LITERAL, CLASS_OPERATOR, CLASS_KEYWORD } TokenClass;
typedef struct TokenInfo { const char *id, *text; TokenClass class; bool ends; } TokenInfo;

static const TokenInfo token_infos[] = {
#define TOKEN(ID, CLASS, ENDS, TEXT) [TOK_##ID - TOK_NAME] = {#ID, TEXT, CLASS_##CLASS, ENDS},
#include "tokens.def"
#undef TOKEN
};

static const TokenInfo *token_info(int kind) {
  check_that(kind >= TOK_NAME && kind < TOK_NAME + (int)(sizeof token_infos / sizeof *token_infos));
  return &token_infos[kind - TOK_NAME];
}

static Pos pos_at(const Lexer *lx, const char *at) { return lx->source->base + (Pos)(at - lx->source->text); }

/* ---- characters in messages */

static uint32_t decode_utf8(const char *at, size_t *length) {
  const unsigned char *c = (const unsigned char *)at;
  if (c[0] < 0x80) return *length = 1, c[0];
  if (c[0] < 0xe0) return *length = 2, (c[0] & 0x1fu) << 6 | (c[1] & 0x3fu);
  if (c[0] < 0xf0) return *length = 3, (c[0] & 0xfu) << 12 | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu);
  return *length = 4, (c[0] & 0x7u) << 18 | (c[1] & 0x3fu) << 12 | (c[2] & 0x3fu) << 6 | (c[3] & 0x3fu);
}

/* U+0040 '@'; what cannot be shown goes without the second half */
static const char *char_name(const char *at) {
  size_t length;
  uint32_t c = decode_utf8(at, &length);
  bool control = c < 0x20 || (c >= 0x7f && c < 0xa0) || (c & ~1u) == 0x2028 || c == 0xfeff;
  return control ? format("U+%04X", c) : format("U+%04X '%.*s'", c, (int)length, at);
}

static const char *char_quoted(const char *at) {
  size_t length;
  uint32_t c = decode_utf8(at, &length);
  if (c == '\'') return "'\\''";
  if (c == '\n') return "'\\n'";
  return c < 0x20 || c == 0x7f ? format("'\\x%02x'", c) : format("'%.*s'", (int)length, at);
}

/* ---- string and rune literals */

typedef struct Decoder { const Lexer *lx; char *out; size_t n; int chars; char quote; bool bad; } Decoder;

static void put_byte(Decoder *d, uint32_t byte) { d->out[d->n++] = (char)byte; }

static void put_char(Decoder *d, uint32_t c) {
  static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
  int rest = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  put_byte(d, leads[rest] | c >> 6 * rest);
  while (rest--) put_byte(d, 0x80 | (c >> 6 * rest & 0x3f));
}

static void put_bytes(Decoder *d, const char *from, const char *to) {
  memcpy(d->out + d->n, from, (size_t)(to - from));
  d->n += (size_t)(to - from);
}

static void decode_error(Decoder *d, const char *at, const char *what) {
  if (!d->bad) mild_error_at(pos_at(d->lx, at), "%s", what);
  d->bad = true;
}

static uint32_t digits_value(const char *from, const char *to, unsigned base) {
  uint32_t value = 0;
  for (; from < to; from++) value = value * base + (uint32_t)(*from <= '9' ? *from - '0' : (*from | 0x20) - 'a' + 10);
  return value;
}

static void put_octal(Decoder *d, const char *at) {
  uint32_t value = digits_value(at + 1, at + 4, 8);
  if (value > 255) decode_error(d, at + 4, format("octal escape value %u > 255", value));
  else put_byte(d, value);
}

static void put_code_point(Decoder *d, const char *at, const char *end) {
  uint32_t value = digits_value(at + 2, end, 16);
  if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
    decode_error(d, end, format("escape is invalid Unicode code point U+%04X", value));
  else put_char(d, value);
}

/* \x, \u, \U and octal with too few digits: points at the first character that is none. */
static void put_short_escape(Decoder *d, const char *at) {
  bool octal = at[1] >= '0' && at[1] <= '7';
  const char *digit = at + (octal ? 1 : 2);
  while (octal ? *digit >= '0' && *digit <= '7' : strchr("0123456789abcdefABCDEF", *digit) && *digit) digit++;
  const char *base = octal ? "octal" : "hexadecimal";
  decode_error(d, digit, format("invalid character %s in %s escape", char_quoted(digit), base));
}

static void put_simple(Decoder *d, char c) {
  static const char names[] = "abfnrtv\\'\"", values[] = "\a\b\f\n\r\t\v\\'\"";
  put_byte(d, (unsigned char)values[strchr(names, c) - names]);
}

/* A literal escapes its own quote and not the other one. */
static void put_quote(Decoder *d, const char *at) {
  if (at[1] == d->quote) put_simple(d, at[1]);
  else decode_error(d, at + 1, "unknown escape");
}

/* Appends the value of the characters from `from` to `to`, the insides of a literal. The value is never longer. */
static void decode(Decoder *d, const char *from, const char *to) {
  const char *cursor = from, *marker = NULL;
  while (cursor < to) {
    const char *at = cursor;
    d->chars++;
    /*!local:re2c
      re2c:api:style = free-form;
      re2c:define:YYCTYPE = "unsigned char";
      re2c:define:YYCURSOR = cursor;
      re2c:define:YYMARKER = marker;
      re2c:define:YYPEEK = "*(const unsigned char *)cursor";
      re2c:yyfill:enable = 0;
      re2c:encoding:utf8 = 1;
      hex = [0-9a-fA-F];

      "\\" [abfnrtv\\]             { put_simple(d, at[1]); continue; }
      "\\" ['"]                    { put_quote(d, at); continue; }
      "\\" [0-7]{3}                { put_octal(d, at); continue; }
      "\\x" hex{2}                 { put_byte(d, digits_value(at + 2, cursor, 16)); continue; }
      "\\u" hex{4}                 { put_code_point(d, at, cursor); continue; }
      "\\U" hex{8}                 { put_code_point(d, at, cursor); continue; }
      "\\" [0-7xuU]                { put_short_escape(d, at); continue; }
      "\\"                         { decode_error(d, at + 1, "unknown escape"); continue; }
      [^\\]                        { put_bytes(d, at, cursor); continue; }
      *                            { unreachable_case("lexer: no character of a literal: byte %d", *at); }
    */
  }
}

static void set_string(Lexer *lx, Token *t, const char *from, const char *to) {
  if (!memchr(from, '\\', (size_t)(to - from))) {
    t->value.lit.text = from;
    t->value.lit.length = (size_t)(to - from);
    return;
  }
  Decoder d = {.lx = lx, .out = arena_alloc((size_t)(to - from) + 1), .quote = '"'};
  decode(&d, from, to);
  t->value.lit.text = d.bad ? NULL : d.out;
  t->value.lit.length = d.n;
}

/* A raw string is its bytes without carriage returns. */
static void set_raw_string(Token *t, const char *from, const char *to) {
  t->value.lit.text = from;
  t->value.lit.length = (size_t)(to - from);
  if (!memchr(from, '\r', (size_t)(to - from))) return;
  char *out = arena_alloc((size_t)(to - from) + 1);
  size_t n = 0;
  for (const char *at = from; at < to; at++)
    if (*at != '\r') out[n++] = *at;
  t->value.lit.text = out;
  t->value.lit.length = n;
}

/* CHAR keeps its source text; decoded only to be checked. */
static void set_char(Lexer *lx, Token *t, const char *from, const char *to) {
  Decoder d = {.lx = lx, .out = arena_alloc((size_t)(to - from)), .quote = '\''};
  decode(&d, from + 1, to - 1);
  if (!d.bad && d.chars == 0) decode_error(&d, from + 1, "empty rune literal or unescaped '");
  if (!d.bad && d.chars > 1) decode_error(&d, from, "more than one character in rune literal");
  t->value.lit.text = d.bad ? NULL : from;
  t->value.lit.length = (size_t)(to - from);
}

/* ---- numbers */

typedef struct Number {
  const char *from, *to;   /* without a closing i */
  char prefix;             /* x, o, b, 0 (legacy octal) or NUL */
  bool has_digits, has_point, imaginary;
  char exponent, mark;     /* e, p or NUL; as written */
  bool exponent_digits, separated;
  const char *bad_digit;   /* first one beyond the base */
  const char *exponent_at; /* its letter */
} Number;

static bool is_digit_of(char c, bool hex) {
  char letter = c | 0x20;
  return (c >= '0' && c <= '9') || (hex && letter >= 'a' && letter <= 'f');
}

static void read_number(Number *n) {
  const char *at = n->from + (n->prefix && n->prefix != '0' ? 2 : 0);
  char top = n->prefix == 'b' ? '1' : n->prefix == 'o' || n->prefix == '0' ? '7' : '9';
  for (; at < n->to; at++) {
    if (*at == '_') continue;
    if (*at == '.') n->has_point = true;
    else if (n->exponent) n->exponent_digits |= is_digit_of(*at, false);
    else if (is_digit_of(*at, n->prefix == 'x')) {
      n->has_digits = true;
      if (*at > top && *at <= '9' && !n->bad_digit) n->bad_digit = at;
    } else n->exponent = *at | 0x20, n->mark = *at, n->exponent_at = at;
  }
}

/* The first _ without a digit, or the prefix, on its left, or with an end of digits on its right. */
static const char *wrong_separator(const Number *n) {
  bool hex = n->prefix == 'x';
  for (const char *at = n->from; at < n->to; at++) {
    if (*at != '_') continue;
    bool left = is_digit_of(at[-1], hex) || (at == n->from + 2 && n->prefix && n->prefix != '0');
    if (!left || at + 1 == n->to || (at[1] != '_' && !is_digit_of(at[1], hex))) return at;
  }
  return NULL;
}

static const char *base_name(char prefix) {
  return prefix == 'x' ? "hexadecimal" : prefix == 'b' ? "binary" : prefix ? "octal" : "decimal";
}

/* What is wrong with it, or null; at *where: the character that cannot be there, the end if one is missing. */
static const char *number_complaint(const Number *n, const char **where) {
  bool prefixed = n->prefix && n->prefix != '0';
  size_t length = (size_t)(n->to - n->from);
  const char *base = base_name(n->prefix);
  *where = n->to;
  if (n->has_point && (n->prefix == 'b' || n->prefix == 'o'))
    return *where = memchr(n->from, '.', length), format("invalid radix point in %s literal", base);
  if (!n->has_digits) return format("%s literal has no digits", base);
  if (n->exponent == 'e' && prefixed) return *where = n->exponent_at, format("'%c' exponent requires decimal mantissa", n->mark);
  if (n->exponent == 'p' && n->prefix != 'x') return *where = n->exponent_at, format("'%c' exponent requires hexadecimal mantissa", n->mark);
  if (n->exponent && !n->exponent_digits) return "exponent has no digits";
  if (n->prefix == 'x' && n->has_point && !n->exponent) return "hexadecimal mantissa requires a 'p' exponent";
  bool is_integer = !n->has_point && !n->exponent && !(n->imaginary && n->prefix == '0');
  if (n->bad_digit && is_integer)
    return *where = n->bad_digit, format("invalid digit %s in %s literal", char_quoted(n->bad_digit), base);
  if (wrong_separator(n)) return *where = wrong_separator(n), "'_' must separate successive digits";
  return NULL;
}

static char number_prefix(const char *from, const char *to) {
  if (*from != '0' || to - from < 2) return 0;
  char second = from[1] | 0x20;
  if (second == 'x' || second == 'o' || second == 'b') return second;
  return from[1] == '_' || is_digit_of(from[1], false) ? '0' : 0;
}

static int set_number(Lexer *lx, Token *t, const char *from, const char *to) {
  Number n = {.from = from, .to = to, .imaginary = to[-1] == 'i'};
  if (n.imaginary) n.to--;
  n.prefix = number_prefix(from, n.to);
  read_number(&n);
  const char *where, *complaint = number_complaint(&n, &where);
  if (complaint) mild_error_at(pos_at(lx, where), "%s", complaint);
  t->value.lit.text = complaint ? NULL : from;
  t->value.lit.length = (size_t)(to - from);
  if (complaint) return TOK_INT;
  return n.imaginary ? TOK_IMAG : n.has_point || n.exponent ? TOK_FLOAT : TOK_INT;
}

/* ---- tokens */

void lexer_init(Lexer *lx, Source *source) {
  *lx = (Lexer){.source = source, .cursor = source->text};
  if (source->size >= 3 && !memcmp(source->text, "\xef\xbb\xbf", 3)) lx->cursor += 3; /* a byte order mark is no text */
}

/* The token that makes the end of a line a semicolon, or false: the line goes on. */
static bool newline_ends(Lexer *lx, Token *t, const char *what) {
  if (!lx->ends) return false;
  t->kind = TOK_SEMICOLON;
  t->value.name = what;
  return true;
}

/* What follows `pragma` in a comment; null: the comment is another one. */
static const char *pragma_text(const char *from, size_t length, const char *pragma) {
  size_t n = strlen(pragma);
  if (length < n || memcmp(from, pragma, n)) return NULL;
  if (length > n && from[n] != ' ' && from[n] != '\t') return NULL;
  return intern(from + n, length - n);
}

static void note_pragma(Lexer *lx, const char *from, const char *to) {
  size_t length = (size_t)(to - from);
  while (length && strchr(" \t\r", from[length - 1])) length--;
  const char *nopreempt = pragma_text(from, length, "//toy:nopreempt"), *c = pragma_text(from, length, "//toy:c");
  if (nopreempt && !*nopreempt) lx->pragmas.nopreempt = true;
  if (!c) return;
  if (lx->pragmas.c) error_at(pos_at(lx, from), "a second //toy:c before one function");
  lx->pragmas.c = c;
  lx->pragmas.c_pos = pos_at(lx, from);
}

static int name_token(Token *t, const char *from, const char *to) {
  t->value.name = intern(from, (size_t)(to - from));
  return TOK_NAME;
}

/*!include:re2c "unicode_categories.re" */

static void not_first(const Lexer *lx, const char *at) {
  mild_error_at(pos_at(lx, at), "identifier cannot begin with digit %s", char_name(at));
}

/* Letters and digits of all scripts are welcome in names; other characters beyond ASCII are reported, and skipped. */
static int wide_name_token(Lexer *lx, Token *t, const char *from, const char *to) {
  const char *cursor = from, *marker = NULL;
  while (cursor < to) {
    const char *at = cursor;
    /*!local:re2c
      re2c:api:style = free-form;
      re2c:define:YYCTYPE = "unsigned char";
      re2c:define:YYCURSOR = cursor;
      re2c:define:YYMARKER = marker;
      re2c:define:YYPEEK = "*(const unsigned char *)cursor";
      re2c:yyfill:enable = 0;
      re2c:encoding:utf8 = 1;

      L | "_"  { continue; }
      Nd       { if (at == from) not_first(lx, at); continue; }
      [^]      { mild_error_at(pos_at(lx, at), "invalid character %s in identifier", char_name(at)); continue; }
      *        { unreachable_case("lexer: no character of a name: byte %d", *at); }
    */
  }
  return name_token(t, from, to);
}

/* A string or rune that ends with its line, or with the source. */
static int unterminated(Lexer *lx, Token *t, int kind, const char *from, const char *to) {
  bool newline = to < lx->source->text + lx->source->size;
  const char *what = kind == TOK_CHAR ? "rune literal" : "string";
  if (newline) mild_error_at(pos_at(lx, to), "newline in %s", what);
  else mild_error_at(pos_at(lx, from), "%s not terminated", what);
  t->value.lit.text = NULL;
  return kind;
}

static int bad_char(Lexer *lx, Token *t, const char *at) {
  mild_error_at(pos_at(lx, at + 1), "empty rune literal or unescaped '");
  t->value.lit.text = NULL;
  return TOK_CHAR;
}

static int assign_op(Token *t, Op op) {
  t->value.op = op;
  return TOK_ASSIGN_OP;
}

static int func_token(Lexer *lx, Token *t) {
  t->value.pragmas = lx->pragmas;
  return TOK_FUNC;
}

static int semicolon_token(Token *t) {
  t->value.name = "semicolon";
  return TOK_SEMICOLON;
}

static void finish_token(Lexer *lx, Token *t, const char *from, const char *to) {
  lx->cursor = to;
  t->pos = pos_at(lx, from);
  t->end = pos_at(lx, to);
}

/* One token into *t; what is none is reported and passed over. */
static void scan(Lexer *lx, Token *t) {
  const char *cursor = lx->cursor, *marker = NULL, *at;
  const char *limit = lx->source->text + lx->source->size;
#define RETURN(KIND) do { t->kind = (KIND); finish_token(lx, t, at, cursor); return; } while (0)
#define LINE_END(WHAT) do { if (newline_ends(lx, t, WHAT)) RETURN(TOK_SEMICOLON); } while (0)
#define COMPLAIN(WHERE, ...) mild_error_at(pos_at(lx, WHERE), __VA_ARGS__)
  for (;;) {
    at = cursor;
    /*!local:re2c
      re2c:api:style = free-form;
      re2c:define:YYCTYPE = "unsigned char";
      re2c:define:YYCURSOR = cursor;
      re2c:define:YYMARKER = marker;
      re2c:define:YYPEEK = "*(const unsigned char *)cursor";
      re2c:yyfill:enable = 0;
      re2c:encoding:utf8 = 1;
      letter  = [a-zA-Z_];
      wide    = [\x80-\U0010ffff];
      digit   = [0-9];
      exp     = [eEpP] [+-]? [0-9_]*;
      instr   = [^"\\\n\x00] | "\\" [^\n\x00];
      inchar  = [^'\\\n\x00] | "\\" [^\n\x00];
      incomment = [^*\x00] | "*"+ [^*/\x00];

      "\x00"            { if (at < limit) continue; cursor = at; LINE_END("EOF"); RETURN(0); }
      [ \t\r]+          { continue; }
      "\n"              { LINE_END("newline"); continue; }
      "//" [^\n\x00]*   { note_pragma(lx, at, cursor); continue; }
      "/*" incomment* "*"+ "/" { if (memchr(at, '\n', (size_t)(cursor - at))) LINE_END("newline"); continue; }
      "/*" incomment* "*"*     { COMPLAIN(at, "comment not terminated"); continue; }

      "break"           { RETURN(TOK_BREAK); }
      "case"            { RETURN(TOK_CASE); }
      "chan"            { RETURN(TOK_CHAN); }
      "const"           { RETURN(TOK_CONST); }
      "continue"        { RETURN(TOK_CONTINUE); }
      "default"         { RETURN(TOK_DEFAULT); }
      "defer"           { RETURN(TOK_DEFER); }
      "else"            { RETURN(TOK_ELSE); }
      "fallthrough"     { RETURN(TOK_FALLTHROUGH); }
      "for"             { RETURN(TOK_FOR); }
      "func"            { RETURN(func_token(lx, t)); }
      "go"              { RETURN(TOK_GO); }
      "goto"            { RETURN(TOK_GOTO); }
      "if"              { RETURN(TOK_IF); }
      "import"          { RETURN(TOK_IMPORT); }
      "interface"       { RETURN(TOK_INTERFACE); }
      "map"             { RETURN(TOK_MAP); }
      "package"         { RETURN(TOK_PACKAGE); }
      "range"           { RETURN(TOK_RANGE); }
      "return"          { RETURN(TOK_RETURN); }
      "select"          { RETURN(TOK_SELECT); }
      "struct"          { RETURN(TOK_STRUCT); }
      "switch"          { RETURN(TOK_SWITCH); }
      "type"            { RETURN(TOK_TYPE); }
      "var"             { RETURN(TOK_VAR); }
      letter (letter | digit)* { RETURN(name_token(t, at, cursor)); }
      (letter | wide) (letter | digit | wide)* { RETURN(wide_name_token(lx, t, at, cursor)); }

      "0" [xX] [0-9a-fA-F_]* ("." [0-9a-fA-F_]*)? ([pP] [+-]? [0-9_]*)? "i"? { RETURN(set_number(lx, t, at, cursor)); }
      "0" [bBoO] [0-9_]* ("." [0-9_]*)? exp? "i"?                            { RETURN(set_number(lx, t, at, cursor)); }
      digit [0-9_]* ("." [0-9_]*)? exp? "i"?                                 { RETURN(set_number(lx, t, at, cursor)); }
      "." digit [0-9_]* exp? "i"?                                            { RETURN(set_number(lx, t, at, cursor)); }

      ["] instr* ["]    { set_string(lx, t, at + 1, cursor - 1); RETURN(TOK_STRING); }
      ["] instr* "\\"?  { RETURN(unterminated(lx, t, TOK_STRING, at, cursor)); }
      "`" [^`\x00]* "`" { set_raw_string(t, at + 1, cursor - 1); RETURN(TOK_STRING); }
      "`" [^`\x00]*     { RETURN(unterminated(lx, t, TOK_STRING, at, cursor)); }
      ['] inchar* [']   { set_char(lx, t, at, cursor); RETURN(TOK_CHAR); }
      "'''"             { RETURN(bad_char(lx, t, at)); }
      ['] inchar* "\\"? { RETURN(unterminated(lx, t, TOK_CHAR, at, cursor)); }

      "+"    { RETURN(TOK_ADD); }
      "-"    { RETURN(TOK_SUB); }
      "*"    { RETURN(TOK_MUL); }
      "/"    { RETURN(TOK_DIV); }
      "%"    { RETURN(TOK_REM); }
      "&"    { RETURN(TOK_AND); }
      "|"    { RETURN(TOK_OR); }
      "^"    { RETURN(TOK_XOR); }
      "<<"   { RETURN(TOK_SHL); }
      ">>"   { RETURN(TOK_SHR); }
      "&^"   { RETURN(TOK_ANDNOT); }
      "+="   { RETURN(assign_op(t, OP_ADD)); }
      "-="   { RETURN(assign_op(t, OP_SUB)); }
      "*="   { RETURN(assign_op(t, OP_MUL)); }
      "/="   { RETURN(assign_op(t, OP_DIV)); }
      "%="   { RETURN(assign_op(t, OP_REM)); }
      "&="   { RETURN(assign_op(t, OP_AND)); }
      "|="   { RETURN(assign_op(t, OP_OR)); }
      "^="   { RETURN(assign_op(t, OP_XOR)); }
      "<<="  { RETURN(assign_op(t, OP_SHL)); }
      ">>="  { RETURN(assign_op(t, OP_SHR)); }
      "&^="  { RETURN(assign_op(t, OP_ANDNOT)); }
      "&&"   { RETURN(TOK_LAND); }
      "||"   { RETURN(TOK_LOR); }
      "<-"   { RETURN(TOK_ARROW); }
      "++"   { RETURN(TOK_INC); }
      "--"   { RETURN(TOK_DEC); }
      "=="   { RETURN(TOK_EQ); }
      "!="   { RETURN(TOK_NE); }
      "<"    { RETURN(TOK_LT); }
      "<="   { RETURN(TOK_LE); }
      ">"    { RETURN(TOK_GT); }
      ">="   { RETURN(TOK_GE); }
      "!"    { RETURN(TOK_NOT); }
      "~"    { RETURN(TOK_TILDE); }
      "="    { RETURN(TOK_ASSIGN); }
      ":="   { RETURN(TOK_DEFINE); }
      "..."  { RETURN(TOK_ELLIPSIS); }
      "("    { RETURN(TOK_LPAREN); }
      ")"    { RETURN(TOK_RPAREN); }
      "["    { RETURN(TOK_LBRACK); }
      "]"    { RETURN(TOK_RBRACK); }
      "{"    { RETURN(TOK_LBRACE); }
      "}"    { RETURN(TOK_RBRACE); }
      ","    { RETURN(TOK_COMMA); }
      "."    { RETURN(TOK_PERIOD); }
      ":"    { RETURN(TOK_COLON); }
      ";"    { RETURN(semicolon_token(t)); }
      *      { COMPLAIN(at, "invalid character %s", char_name(at)); continue; }
    */
  }
#undef RETURN
#undef LINE_END
#undef COMPLAIN
}

void lexer_next(Lexer *lx, Token *t) {
  scan(lx, t);
  if (t->kind == TOK_SEMICOLON) lx->ends = false; /* and the pragma still waits for its func */
  else {
    lx->ends = t->kind && token_info(t->kind)->ends;
    if (lx->pragmas.c && t->kind != TOK_FUNC) error_at(lx->pragmas.c_pos, "//toy:c is not followed by a function declaration");
    lx->pragmas = (Pragmas){0};
  }
}

const char *token_text(int kind) { return kind ? token_info(kind)->text : "EOF"; }

char *token_shown(const Source *source, const Token *t) {
  if (!t->kind) return format("EOF");
  const TokenInfo *info = token_info(t->kind);
  if (t->kind == TOK_SEMICOLON) return format("%s", t->value.name);
  if (info->class == CLASS_OPERATOR && t->kind != TOK_ASSIGN_OP) return format("%s", info->text);
  const char *text = source->text + (t->pos - source->base);
  int length = (int)(t->end - t->pos), shown = length > SHOWN_MAX ? SHOWN_MAX : length;
  while (shown < length && ((unsigned char)text[shown] & 0xc0) == 0x80) shown++;
  const char *newline = memchr(text, '\n', (size_t)shown);
  if (newline) shown = (int)(newline - text);
  static const char *const words[] = {
    [CLASS_NAME] = "name ", [CLASS_LITERAL] = "literal ", [CLASS_OPERATOR] = "", [CLASS_KEYWORD] = "keyword "};
  return format("%s%.*s%s", words[info->class], shown, text, shown < length ? "…" : "");
}

void tokens_dump(Source *source) {
  Lexer lx;
  Token t;
  lexer_init(&lx, source);
  do {
    lexer_next(&lx, &t);
    Place place = pos_place(t.pos);
    const char *text = source->text + (t.pos - source->base);
    if (!t.kind) printf("%d:%d EOF\n", place.line, place.col);
    else if (t.kind == TOK_SEMICOLON) printf("%d:%d SEMICOLON %s\n", place.line, place.col, t.value.name);
    else printf("%d:%d %s %.*s\n", place.line, place.col, token_info(t.kind)->id, (int)(t.end - t.pos), text);
  } while (t.kind && !diag_is_full());
}
