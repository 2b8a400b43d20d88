/* constant.h: exact values of constant expressions: booleans, strings, integers (GMP), rationals/floats (GMP, MPFR). */
#ifndef TOY_CONSTANT_H
#define TOY_CONSTANT_H

#include "ast.h"

typedef enum ConstKind { CONST_BOOL, CONST_STRING, CONST_INT, CONST_FLOAT } ConstKind;

/* For code generation; each dies when the kind does not fit (the checker has made sure). */
ConstKind const_kind(const Const *c);
bool const_bool(const Const *c);
const char *const_string(const Const *c, size_t *length);
int64_t const_int64(const Const *c);      /* low 64 bits, two's complement: also for unsigned types */
double const_double(const Const *c);      /* INT or FLOAT, rounded to nearest even */
float const_float(const Const *c);        /* rounded once, straight to float */
const char *const_text(const Const *c);   /* as Go's messages print it */
Const *const_from_int64(int64_t v);
bool const_equal(const Const *a, const Const *b);   /* same kind and value */
uint64_t const_hash(const Const *c);                /* equal constants have equal hashes */

/* For the checker. Values are exact; a float beyond a few thousand bits is held to 512 bits, as Go's compiler does. */
Const *const_from_bool(bool v);
Const *const_from_string(const char *bytes, size_t length);
Const *const_from_int_literal(const char *text);    /* all of Go's forms; null: malformed */
Const *const_from_float_literal(const char *text);  /* null: malformed or beyond every exponent */
Const *const_unary(Op op, const Const *x, int unsigned_bits);  /* + - ^ !; ^ of an unsigned type stays within its bits, 0: signed or untyped */
Const *const_binary(Op op, const Const *x, const Const *y, bool integer_division);
Const *const_shift(Op op, const Const *x, uint64_t count);
bool const_compare(Op op, const Const *x, const Const *y);
Const *const_to_int(const Const *x);                /* null when it is not an integer */
Const *const_to_float(const Const *x);
int const_sign(const Const *x);
size_t const_bits(const Const *x);                  /* INT: length of the absolute value in bits */
size_t const_string_length(const Const *x);                 /* STRING: bytes */
bool const_is_finite(const Const *x);               /* false: beyond the exponents of floats too */
bool const_fits_int64(const Const *x);
Const *const_represent(const Const *x, int type_kind /* TypeKind */); /* as a value of a basic type, rounded; null: cannot be */

#endif
