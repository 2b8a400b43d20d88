/* gen_string.c: concatenation, comparison and conversion of strings. */
#include "gen.h"
#include "../runtime/abi/type.h"

enum { INLINE_EQUAL_MAX = 16 }; /* bytes of a constant compared without a call */

/* a + b + c is one concatenation, whatever the parentheses. Iterative to the left, where chains are deep. */
static void concat_operands(Expr *e, ExprList *out) {
  ExprList right = {0};
  for (e = expr_unparen(e); e->mode != MODE_CONST && e->kind == EXPR_BINARY; e = expr_unparen(e->u.binary.x))
    list_push(&right, e->u.binary.y);
  list_push(out, e);
  while (right.n > 0) {
    Expr *y = expr_unparen(right.v[--right.n]);
    if (y->kind == EXPR_BINARY && y->mode != MODE_CONST) concat_operands(y, out);
    else list_push(out, y);
  }
}

Value concat_values(Gen *g, Type *t, Value *v, int n) {
  Ir cells = borrow_temp(g, LLVMArrayType2(g->str_t, (uint64_t)n));
  for (int i = 0; i < n; i++) {
    v[i].type = type_basic(T_STRING);
    value_store(g, v[i], byte_offset(g, cells, (int64_t)sizeof(struct toy_str) * i));
  }
  Ir len, ptr = RT(g, concatstrings, &len, cells, const_i64(g, n));
  return_temp(g, cells);
  return value2(t, ptr, len);
}

/* Long chains are put together in pieces: the optimiser's time grows faster than the number of cells. */
enum { CONCAT_MAX = 64 };

Value gen_concat(Gen *g, Expr *e) {
  ExprList operands = {0};
  concat_operands(e, &operands);
  ValueList v = {0}, pieces = {0};
  for (int i = 0; i < operands.n; i++) {
    list_push(&v, gen_expr_as(g, operands.v[i], e->type));
    if (v.n < CONCAT_MAX || operands.n <= CONCAT_MAX) continue;
    debug_at(g, e->pos);
    list_push(&pieces, concat_values(g, e->type, v.v, v.n));
    v.n = 0;
  }
  for (int i = 0; i < v.n; i++) list_push(&pieces, v.v[i]);
  debug_at(g, e->pos);
  return concat_values(g, e->type, pieces.v, pieces.n);
}

/* ---- comparison */
static bool const_length(Value v, int64_t *n) {
  if (!LLVMIsAConstantInt(v.w[1])) return false;
  *n = LLVMConstIntGetSExtValue(v.w[1]);
  return true;
}

/* n bytes at two addresses, read in the widest pieces. */
static Ir inline_equal(Gen *g, Ir a, Ir b, int64_t n) {
  Ir diff = const_i64(g, 0);
  for (int64_t at = 0, size = 8; at < n; at += size) {
    while (size > n - at) size /= 2;
    LLVMTypeRef t = LLVMIntTypeInContext(g->cx, (unsigned)size * 8);
    Ir x = LLVMBuildLoad2(g->b, t, byte_offset(g, a, at), ""), y = LLVMBuildLoad2(g->b, t, byte_offset(g, b, at), "");
    LLVMSetAlignment(x, 1), LLVMSetAlignment(y, 1);
    Ir d = LLVMBuildXor(g->b, x, y, "");
    diff = LLVMBuildOr(g->b, diff, LLVMBuildIntCast2(g->b, d, g->i64, false, ""), "");
  }
  return LLVMBuildICmp(g->b, LLVMIntEQ, diff, const_i64(g, 0), "");
}

Ir bytes_equal(Gen *g, Ir a, Ir b, int64_t n) {
  return n <= INLINE_EQUAL_MAX ? inline_equal(g, a, b, n) : RT(g, typedmemequal, NULL, a, b, const_i64(g, n));
}

Ir string_equal(Gen *g, Value x, Value y) {
  int64_t n = -1;
  bool known = const_length(x, &n) || const_length(y, &n);
  Ir same_len = LLVMBuildICmp(g->b, LLVMIntEQ, x.w[1], y.w[1], "");
  if (known && n == 0) return same_len;
  LLVMBasicBlockRef from = LLVMGetInsertBlock(g->b), bytes = add_block(g, ""), join = add_block(g, "");
  branch(g, same_len, bytes, join);
  LLVMPositionBuilderAtEnd(g->b, bytes);
  Ir eq = known ? bytes_equal(g, x.w[0], y.w[0], n) : RT(g, typedmemequal, NULL, x.w[0], y.w[0], x.w[1]);
  start_block(g, join);
  return phi2(g, LLVMConstInt(g->i1, 0, false), from, eq, bytes);
}

Ir string_compare(Gen *g, Value x, Value y) { return RT(g, cmpstring, NULL, x.w[0], x.w[1], y.w[0], y.w[1]); }

/* ---- conversion */
static bool is_byte_slice(Type *u) { return u->kind == T_SLICE && type_size(u->u.slice.elem) == 1; }

static Value string_to_slice(Gen *g, Value x, Type *to) {
  Ir n, ptr;
  if (!is_byte_slice(type_under(to))) {
    ptr = RT(g, stringtorunes, &n, x.w[0], x.w[1]);
    return value3(to, ptr, n, n);
  }
  ptr = RT(g, stringtobytes, &n, x.w[0], x.w[1]);
  return value3(to, ptr, x.w[1], n);
}

/* Integer, []byte or []rune to string, string to []byte or []rune. */
Value gen_string_convert(Gen *g, Value x, Type *to) {
  Type *from = type_under(type_default(x.type));
  if (from->kind == T_STRING) return string_to_slice(g, x, to);
  Ir n, ptr;
  if (from->kind != T_SLICE) {
    bool uns = type_is_unsigned(x.type);
    ptr = RT(g, intstring, &n, LLVMBuildIntCast2(g->b, x.w[0], g->i64, !uns, ""));
  } else if (is_byte_slice(from)) {
    ptr = RT(g, bytestostring, &n, x.w[0], x.w[1]);
  } else {
    ptr = RT(g, runestostring, &n, x.w[0], x.w[1]);
  }
  return value2(to, ptr, n);
}
