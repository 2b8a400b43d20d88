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

#endif
