/* constant.c: exact values of constants.
 *
 * An integer is a GMP integer. A float is a GMP rational while numerator and denominator are short, which keeps sums
 * like 0.1+0.2 exact; beyond LONG_BITS it becomes an MPFR number of BIG_BITS bits of precision, so that
 * 1e100000/1e99999 neither fails nor takes long. Values are never changed once made, and never freed (util.h).
 *
 * Rejected: MPFR only. 0.1*10 == 1 must be true of constants.
 */
#include "constant.h"

#include <ctype.h>
#include <gmp.h>
#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "types.h"

enum {
  LONG_BITS = 4096,        /* a rational with more bits than this becomes an MPFR number */
  BIG_BITS = 512,
  LITERAL_EXPONENT = 1200, /* a decimal literal with a larger exponent is read as an MPFR number at once */
  LITERAL_DIGITS = 1200
};

struct Const {
  ConstKind kind;
  bool big; /* FLOAT: in f, else in q */
  union {
    bool b;
    struct { const char *v; size_t n; Const *left, *right; } s; /* v null: left then right, not yet joined */
    mpz_t z;
    mpq_t q;
    mpfr_t f;
  } u;
};

/* ---- making */

static Const *new_const(ConstKind kind) {
  Const *c = NEW(Const);
  c->kind = kind;
  return c;
}

static Const *new_int(void) {
  Const *c = new_const(CONST_INT);
  mpz_init(c->u.z);
  return c;
}

static Const *new_rational(void) {
  Const *c = new_const(CONST_FLOAT);
  mpq_init(c->u.q);
  return c;
}

static Const *new_big(void) {
  static bool widened;
  if (!widened) { /* Go's limits; what is beyond them is no longer a number */
    mpfr_set_emax(INT32_MAX);
    mpfr_set_emin(INT32_MIN);
  }
  widened = true;
  Const *c = new_const(CONST_FLOAT);
  c->big = true;
  mpfr_init2(c->u.f, BIG_BITS);
  return c;
}

Const *const_from_bool(bool v) {
  Const *c = new_const(CONST_BOOL);
  c->u.b = v;
  return c;
}

Const *const_from_string(const char *bytes, size_t length) {
  Const *c = new_const(CONST_STRING);
  c->u.s.v = bytes ? bytes : length ? NULL : "";
  c->u.s.n = length;
  return c;
}

Const *const_from_int64(int64_t v) {
  Const *c = new_int();
  mpz_set_si(c->u.z, v);
  return c;
}

/* ---- literals */

static char *without_underscores(const char *text) {
  char *copy = arena_alloc(strlen(text) + 1), *to = copy;
  for (const char *from = text; *from; from++)
    if (*from != '_') *to++ = *from;
  *to = 0;
  return copy;
}

/* The base a prefix announces; *digits is moved behind it. A leading 0 alone announces octal. */
static int literal_base(const char **digits) {
  const char *t = *digits;
  if (t[0] != '0' || !t[1]) return 10;
  int mark = tolower((unsigned char)t[1]);
  int base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
  *digits += mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1;
  return base;
}

Const *const_from_int_literal(const char *text) {
  const char *digits = without_underscores(text);
  int base = literal_base(&digits);
  Const *c = new_int();
  return mpz_set_str(c->u.z, digits, base) == 0 ? c : NULL;
}

static Const *big_literal(const char *text, int base) {
  Const *c = new_big();
  char *end;
  mpfr_strtofr(c->u.f, text, &end, base, MPFR_RNDN);
  return *end || !mpfr_number_p(c->u.f) ? NULL : c;
}

/* mantissa digits without the point, the exponent they are scaled by, and how many there are */
typedef struct Scaled { char *digits; long exponent; bool huge; } Scaled;

static Scaled split_literal(const char *text, bool hex) {
  Scaled s = {.digits = arena_alloc(strlen(text) + 2)};
  size_t n = 0;
  bool fraction = false;
  for (; *text; text++) {
    if (tolower((unsigned char)*text) == (hex ? 'p' : 'e')) break;
    if (*text == '.') fraction = true;
    else {
      s.digits[n++] = *text;
      if (fraction) s.exponent -= hex ? 4 : 1;
    }
  }
  if (n == 0) s.digits[n++] = '0';
  s.huge = n > LITERAL_DIGITS;
  if (*text) {
    char *end;
    long e = strtol(text + 1, &end, 10);
    if (e > LITERAL_EXPONENT || e < -LITERAL_EXPONENT) s.huge = true;
    else s.exponent += e;
  }
  return s;
}

Const *const_from_float_literal(const char *text) {
  char *t = without_underscores(text);
  bool hex = t[0] == '0' && (t[1] == 'x' || t[1] == 'X');
  Scaled s = split_literal(hex ? t + 2 : t, hex);
  if (s.huge) return big_literal(hex ? t + 2 : t, hex ? 16 : 10);
  Const *c = new_rational();
  mpz_t scale;
  mpz_init(scale);
  mpz_ui_pow_ui(scale, hex ? 2 : 10, (unsigned long)labs(s.exponent));
  if (mpz_set_str(mpq_numref(c->u.q), s.digits, hex ? 16 : 10) != 0) return NULL;
  if (s.exponent >= 0) mpz_mul(mpq_numref(c->u.q), mpq_numref(c->u.q), scale);
  else mpz_set(mpq_denref(c->u.q), scale);
  mpq_canonicalize(c->u.q);
  return c;
}

/* ---- between kinds */

static Const *to_big(const Const *x) {
  if (x->kind == CONST_FLOAT && x->big) return (Const *)x;
  Const *c = new_big();
  if (x->kind == CONST_INT) mpfr_set_z(c->u.f, x->u.z, MPFR_RNDN);
  else mpfr_set_q(c->u.f, x->u.q, MPFR_RNDN);
  return c;
}

/* A rational that has grown too long loses exactness, not speed. */
static Const *shortened(Const *x) {
  if (x->big) return x;
  size_t bits = mpz_sizeinbase(mpq_numref(x->u.q), 2) + mpz_sizeinbase(mpq_denref(x->u.q), 2);
  return bits > LONG_BITS ? to_big(x) : x;
}

Const *const_to_float(const Const *x) {
  if (x->kind == CONST_FLOAT) return (Const *)x;
  check_that(x->kind == CONST_INT);
  Const *c = new_rational();
  mpq_set_z(c->u.q, x->u.z);
  return shortened(c);
}

Const *const_to_int(const Const *x) {
  if (x->kind == CONST_INT) return (Const *)x;
  if (x->kind != CONST_FLOAT) return NULL;
  Const *c = new_int();
  if (!x->big) {
    if (mpz_cmp_ui(mpq_denref(x->u.q), 1) != 0) return NULL;
    mpz_set(c->u.z, mpq_numref(x->u.q));
    return c;
  }
  if (!mpfr_integer_p(x->u.f) || mpfr_get_exp(x->u.f) > LONG_BITS) return NULL;
  mpfr_get_z(c->u.z, x->u.f, MPFR_RNDN);
  return c;
}

/* ---- operators */

Const *const_unary(Op op, const Const *x, int unsigned_bits) {
  if (op == OP_NOT) return const_from_bool(!x->u.b);
  if (op == OP_ADD) return (Const *)x;
  if (x->kind == CONST_FLOAT && op == OP_SUB) {
    Const *c = x->big ? new_big() : new_rational();
    if (x->big) mpfr_neg(c->u.f, x->u.f, MPFR_RNDN);
    else mpq_neg(c->u.q, x->u.q);
    return c;
  }
  check_that(x->kind == CONST_INT);
  Const *c = new_int();
  if (op == OP_SUB) mpz_neg(c->u.z, x->u.z);
  else mpz_com(c->u.z, x->u.z);
  if (op == OP_XOR && unsigned_bits) mpz_fdiv_r_2exp(c->u.z, c->u.z, (mp_bitcnt_t)unsigned_bits);
  return c;
}

static Const *int_binary(Op op, const Const *x, const Const *y) {
  Const *c = new_int();
  switch (op) {
  case OP_ADD: mpz_add(c->u.z, x->u.z, y->u.z); break;
  case OP_SUB: mpz_sub(c->u.z, x->u.z, y->u.z); break;
  case OP_MUL: mpz_mul(c->u.z, x->u.z, y->u.z); break;
  case OP_DIV: mpz_tdiv_q(c->u.z, x->u.z, y->u.z); break;
  case OP_REM: mpz_tdiv_r(c->u.z, x->u.z, y->u.z); break;
  case OP_AND: mpz_and(c->u.z, x->u.z, y->u.z); break;
  case OP_OR: mpz_ior(c->u.z, x->u.z, y->u.z); break;
  case OP_XOR: mpz_xor(c->u.z, x->u.z, y->u.z); break;
  case OP_ANDNOT: {
    mpz_t inverse;
    mpz_init(inverse);
    mpz_com(inverse, y->u.z);
    mpz_and(c->u.z, x->u.z, inverse);
    break;
  }
  default: unreachable_case("integer operator %s", op_text(op));
  }
  return c;
}

static Const *rational_binary(Op op, const Const *x, const Const *y) {
  Const *c = new_rational();
  switch (op) {
  case OP_ADD: mpq_add(c->u.q, x->u.q, y->u.q); break;
  case OP_SUB: mpq_sub(c->u.q, x->u.q, y->u.q); break;
  case OP_MUL: mpq_mul(c->u.q, x->u.q, y->u.q); break;
  case OP_DIV: mpq_div(c->u.q, x->u.q, y->u.q); break;
  default: unreachable_case("float operator %s", op_text(op));
  }
  return shortened(c);
}

static Const *big_binary(Op op, const Const *x, const Const *y) {
  Const *c = new_big();
  switch (op) {
  case OP_ADD: mpfr_add(c->u.f, x->u.f, y->u.f, MPFR_RNDN); break;
  case OP_SUB: mpfr_sub(c->u.f, x->u.f, y->u.f, MPFR_RNDN); break;
  case OP_MUL: mpfr_mul(c->u.f, x->u.f, y->u.f, MPFR_RNDN); break;
  case OP_DIV: mpfr_div(c->u.f, x->u.f, y->u.f, MPFR_RNDN); break;
  default: unreachable_case("float operator %s", op_text(op));
  }
  return c;
}

/* Strings are joined when somebody reads them: a sum of many terms is copied once, not once a term. */
static Const *concatenate(const Const *x, const Const *y) {
  Const *c = const_from_string(NULL, x->u.s.n + y->u.s.n);
  c->u.s.left = (Const *)x;
  c->u.s.right = (Const *)y;
  return c;
}

static void copy_joined(const Const *c, char *to) {
  for (; !c->u.s.v; c = c->u.s.left) copy_joined(c->u.s.right, to + c->u.s.left->u.s.n);
  memcpy(to, c->u.s.v, c->u.s.n);
}

static const char *joined(const Const *c) {
  if (!c->u.s.v) {
    char *bytes = arena_alloc(c->u.s.n + 1);
    copy_joined(c, bytes);
    ((Const *)c)->u.s.v = bytes;
  }
  return c->u.s.v;
}

Const *const_binary(Op op, const Const *x, const Const *y, bool integer_division) {
  if (x->kind == CONST_BOOL) return const_from_bool(op == OP_LAND ? x->u.b && y->u.b : x->u.b || y->u.b);
  if (x->kind == CONST_STRING) return concatenate(x, y);
  bool integers = x->kind == CONST_INT && y->kind == CONST_INT;
  if (integers && (op != OP_DIV || integer_division)) return int_binary(op, x, y);
  x = const_to_float(x);
  y = const_to_float(y);
  return x->big || y->big ? big_binary(op, to_big(x), to_big(y)) : rational_binary(op, x, y);
}

Const *const_shift(Op op, const Const *x, uint64_t count) {
  Const *c = new_int();
  if (op == OP_SHL) mpz_mul_2exp(c->u.z, x->u.z, count);
  else mpz_fdiv_q_2exp(c->u.z, x->u.z, count);
  return c;
}

static int compare_numbers(const Const *x, const Const *y) {
  if (x->kind == CONST_INT && y->kind == CONST_INT) return mpz_cmp(x->u.z, y->u.z);
  x = const_to_float(x);
  y = const_to_float(y);
  return x->big || y->big ? mpfr_cmp(to_big(x)->u.f, to_big(y)->u.f) : mpq_cmp(x->u.q, y->u.q);
}

static int compare_strings(const Const *x, const Const *y) {
  size_t n = x->u.s.n < y->u.s.n ? x->u.s.n : y->u.s.n;
  int order = memcmp(joined(x), joined(y), n);
  return order ? order : (x->u.s.n > y->u.s.n) - (x->u.s.n < y->u.s.n);
}

bool const_compare(Op op, const Const *x, const Const *y) {
  int order = x->kind == CONST_BOOL     ? x->u.b - y->u.b
              : x->kind == CONST_STRING ? compare_strings(x, y)
                                        : compare_numbers(x, y);
  switch (op) {
  case OP_EQ: return order == 0;
  case OP_NE: return order != 0;
  case OP_LT: return order < 0;
  case OP_LE: return order <= 0;
  case OP_GT: return order > 0;
  case OP_GE: return order >= 0;
  default: unreachable_case("comparison %s", op_text(op));
  }
}

bool const_equal(const Const *a, const Const *b) { return a->kind == b->kind && const_compare(OP_EQ, a, b); }

static uint64_t hash_bytes(const void *bytes, size_t n) {
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < n; i++) h = (h ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
  return h;
}

uint64_t const_hash(const Const *c) {
  switch (c->kind) {
  case CONST_BOOL: return c->u.b;
  case CONST_STRING: return hash_bytes(joined(c), c->u.s.n);
  case CONST_INT: return (uint64_t)const_int64(c) * 0x9e3779b97f4a7c15u;
  default: {
    double d = const_double(c);
    return d == 0 ? 0 : hash_bytes(&d, sizeof d);
  }
  }
}

int const_sign(const Const *x) {
  if (x->kind == CONST_INT) return mpz_sgn(x->u.z);
  check_that(x->kind == CONST_FLOAT);
  return x->big ? mpfr_sgn(x->u.f) : mpq_sgn(x->u.q);
}

size_t const_bits(const Const *x) { return mpz_sgn(x->u.z) == 0 ? 0 : mpz_sizeinbase(x->u.z, 2); }

size_t const_string_length(const Const *x) { return x->u.s.n; }

bool const_is_finite(const Const *x) { return x->kind != CONST_FLOAT || !x->big || mpfr_number_p(x->u.f); }

bool const_fits_int64(const Const *x) { return x->kind == CONST_INT && mpz_fits_slong_p(x->u.z); }

/* ---- as values of the basic types */

static bool int_fits(const Const *x, int bits, bool is_unsigned) {
  if (is_unsigned) return mpz_sgn(x->u.z) >= 0 && const_bits(x) <= (size_t)bits;
  if (mpz_sgn(x->u.z) >= 0) return const_bits(x) < (size_t)bits;
  mpz_t least; /* -2^(bits-1) */
  mpz_init_set_si(least, -1);
  mpz_mul_2exp(least, least, (mp_bitcnt_t)bits - 1);
  return mpz_cmp(x->u.z, least) >= 0;
}

/* Rounds once to a binary format, subnormal numbers included; infinite when it overflows. */
static double round_to(const Const *x, mpfr_prec_t precision, mpfr_exp_t least, mpfr_exp_t greatest) {
  mpfr_exp_t old_least = mpfr_get_emin(), old_greatest = mpfr_get_emax();
  mpfr_t f;
  mpfr_init2(f, precision);
  int inexact = x->kind == CONST_INT ? mpfr_set_z(f, x->u.z, MPFR_RNDN)
                : x->big             ? mpfr_set(f, x->u.f, MPFR_RNDN)
                                     : mpfr_set_q(f, x->u.q, MPFR_RNDN);
  mpfr_set_emin(least);
  mpfr_set_emax(greatest);
  inexact = mpfr_check_range(f, inexact, MPFR_RNDN);
  mpfr_subnormalize(f, inexact, MPFR_RNDN);
  double d = mpfr_get_d(f, MPFR_RNDN);
  mpfr_set_emin(old_least);
  mpfr_set_emax(old_greatest);
  mpfr_clear(f);
  return d;
}

double const_double(const Const *c) {
  check_that(c->kind == CONST_INT || c->kind == CONST_FLOAT);
  return round_to(c, 53, -1073, 1024);
}

float const_float(const Const *c) {
  check_that(c->kind == CONST_INT || c->kind == CONST_FLOAT);
  return (float)round_to(c, 24, -148, 128);
}

static Const *from_double(double d) {
  if (d - d != 0) return NULL; /* infinite: does not fit */
  Const *c = new_rational();
  mpq_set_d(c->u.q, d);
  return c;
}

Const *const_represent(const Const *x, int type_kind) {
  Type *t = type_basic((TypeKind)type_kind);
  if (type_is_boolean(t)) return x->kind == CONST_BOOL ? (Const *)x : NULL;
  if (type_is_string(t)) return x->kind == CONST_STRING ? (Const *)x : NULL;
  if (!type_is_numeric(t) || x->kind == CONST_BOOL || x->kind == CONST_STRING) return NULL;
  if (type_is_integer(t)) {
    Const *c = const_to_int(x);
    return c && (type_is_untyped(t) || int_fits(c, (int)type_size(t) * 8, type_is_unsigned(t))) ? c : NULL;
  }
  if (t->kind == T_FLOAT32) return from_double((double)const_float(x));
  if (t->kind == T_FLOAT64) return from_double(const_double(x));
  return const_to_float(x); /* untyped float; a complex constant whose imaginary part is 0 */
}

/* ---- reading */

ConstKind const_kind(const Const *c) { return c->kind; }

bool const_bool(const Const *c) {
  check_that(c->kind == CONST_BOOL);
  return c->u.b;
}

const char *const_string(const Const *c, size_t *length) {
  check_that(c->kind == CONST_STRING);
  *length = c->u.s.n;
  return joined(c);
}

int64_t const_int64(const Const *c) {
  check_that(c->kind == CONST_INT);
  uint64_t low = mpz_getlimbn(c->u.z, 0); /* of the absolute value */
  return (int64_t)(mpz_sgn(c->u.z) < 0 ? 0 - low : low);
}

/* ---- text */

enum { SHOWN_STRING = 72 }; /* characters of a string constant that a message shows */

static size_t quote_byte(char *to, unsigned char c) {
  static const char escapes[] = "\aa\bb\ff\nn\rr\tt\vv\\\\\"\"";
  for (const char *e = escapes; *e; e += 2) {
    if ((unsigned char)e[0] != c) continue;
    to[0] = '\\';
    to[1] = e[1];
    return 2;
  }
  if (c >= 0x20 && c != 0x7f) {
    to[0] = (char)c;
    return 1;
  }
  static const char hex[] = "0123456789abcdef";
  memcpy(to, "\\x", 2);
  to[2] = hex[c >> 4];
  to[3] = hex[c & 15];
  return 4;
}

static const char *quoted(const char *bytes, size_t length) {
  bool cut = length > SHOWN_STRING;
  if (cut) {
    length = SHOWN_STRING - 3;
    while (length > 0 && ((unsigned char)bytes[length] & 0xc0) == 0x80) length--; /* not within a character */
  }
  char *text = arena_alloc(length * 4 + 8);
  size_t n = 0;
  text[n++] = '"';
  for (size_t i = 0; i < length; i++) n += quote_byte(text + n, (unsigned char)bytes[i]);
  memcpy(text + n, cut ? "...\"" : "\"", cut ? 5 : 2);
  return text;
}

/* Six digits, unless what is no integer would look like one: then as many as tell the float64 from its neighbours. */
static const char *float_text(const Const *c) {
  enum { DIGITS = 6, ALL_DIGITS = 17 };
  char buffer[64];
  mpfr_srcptr f = to_big(c)->u.f;
  int n = mpfr_snprintf(buffer, sizeof buffer, "%.*Rg", DIGITS, f);
  check_that(n > 0 && n < (int)sizeof buffer);
  double d = mpfr_get_d(f, MPFR_RNDN);
  bool plain = !mpfr_integer_p(f) && !strchr(buffer, '.') && isfinite(d) && d != 0;
  for (int digits = DIGITS + 1; plain && digits <= ALL_DIGITS && strtod(buffer, NULL) != d; digits++)
    snprintf(buffer, sizeof buffer, "%.*g", digits, d);
  return intern_cstr(buffer);
}

const char *const_text(const Const *c) {
  switch (c->kind) {
  case CONST_BOOL: return c->u.b ? "true" : "false";
  case CONST_STRING: return quoted(joined(c), c->u.s.n);
  case CONST_FLOAT: return float_text(c);
  default: {
    char *text = arena_alloc(mpz_sizeinbase(c->u.z, 10) + 2);
    return mpz_get_str(text, 10, c->u.z);
  }
  }
}
