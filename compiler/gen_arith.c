/* gen_arith.c: arithmetic, comparisons and conversions of numbers, with Go's meaning where LLVM's is undefined: integer
 * overflow wraps, division by zero panics, the smallest integer over -1 is itself, shifts by the width or more give 0
 * or the sign, conversions from float to integer do what Go on amd64 does (cvttsd2si), not what fptosi leaves open.
 */
#include "gen.h"

static Type *under(Value v) { return type_under(type_default(v.type)); }
static bool is_unsigned(Value v) { return type_is_unsigned(v.type); }
static unsigned width(Ir v) { return LLVMGetIntTypeWidth(LLVMTypeOf(v)); }
static bool is_const_int(Ir v, int64_t *n) {
  if (!LLVMIsAConstantInt(v)) return false;
  *n = LLVMConstIntGetSExtValue(v);
  return true;
}

/* ---- division */
static void check_divisor(Gen *g, Ir y) {
  int64_t n;
  if (is_const_int(y, &n) && n != 0) return;
  LLVMBasicBlockRef go_on = check_begin(g, LLVMBuildICmp(g->b, LLVMIntNE, y, const_int_like(g, y, 0), ""));
  rt_call(g, RT_panicdivide, NULL, NULL, 0);
  check_end(g, go_on);
}

/* x / -1 is -x and x % -1 is 0, also for the smallest integer, where the instruction traps: it gets divisor 1
 * instead. */
static Ir signed_div(Gen *g, Op op, Ir x, Ir y) {
  int64_t n;
  bool rem = op == OP_REM;
  if (is_const_int(y, &n) && n != -1) return rem ? LLVMBuildSRem(g->b, x, y, "") : LLVMBuildSDiv(g->b, x, y, "");
  Ir minus1 = LLVMBuildICmp(g->b, LLVMIntEQ, y, const_int_like(g, y, -1), "");
  Ir safe = LLVMBuildSelect(g->b, minus1, const_int_like(g, y, 1), y, "");
  if (rem) return LLVMBuildSelect(g->b, minus1, const_int_like(g, y, 0), LLVMBuildSRem(g->b, x, safe, ""), "");
  return LLVMBuildSelect(g->b, minus1, LLVMBuildNeg(g->b, x, ""), LLVMBuildSDiv(g->b, x, safe, ""), "");
}

static Ir int_div(Gen *g, Op op, Value x, Value y) {
  check_divisor(g, y.w[0]);
  if (!is_unsigned(x)) return signed_div(g, op, x.w[0], y.w[0]);
  return op == OP_REM ? LLVMBuildURem(g->b, x.w[0], y.w[0], "") : LLVMBuildUDiv(g->b, x.w[0], y.w[0], "");
}

static Ir int_op(Gen *g, Op op, Value x, Value y) {
  Ir a = x.w[0], b = y.w[0];
  switch (op) {
  case OP_ADD: return LLVMBuildAdd(g->b, a, b, "");
  case OP_SUB: return LLVMBuildSub(g->b, a, b, "");
  case OP_MUL: return LLVMBuildMul(g->b, a, b, "");
  case OP_DIV: case OP_REM: return int_div(g, op, x, y);
  case OP_AND: return LLVMBuildAnd(g->b, a, b, "");
  case OP_OR: return LLVMBuildOr(g->b, a, b, "");
  case OP_XOR: return LLVMBuildXor(g->b, a, b, "");
  case OP_ANDNOT: return LLVMBuildAnd(g->b, a, LLVMBuildNot(g->b, b, ""), "");
  default: unreachable_case("integer %s", op_text(op));
  }
}

static Ir float_op(Gen *g, Op op, Ir a, Ir b) {
  switch (op) {
  case OP_ADD: return LLVMBuildFAdd(g->b, a, b, "");
  case OP_SUB: return LLVMBuildFSub(g->b, a, b, "");
  case OP_MUL: return LLVMBuildFMul(g->b, a, b, "");
  case OP_DIV: return LLVMBuildFDiv(g->b, a, b, "");
  default: unreachable_case("floating-point %s", op_text(op));
  }
}

Value gen_arith(Gen *g, Op op, Value x, Value y) {
  if (type_is_string(x.type)) return concat_values(g, x.type, (Value[]){x, y}, 2);
  if (type_is_float(x.type)) return value1(x.type, float_op(g, op, x.w[0], y.w[0]));
  return value1(x.type, int_op(g, op, x, y));
}

Value gen_unary_minus(Gen *g, Value x) {
  Ir v = type_is_float(x.type) ? LLVMBuildFNeg(g->b, x.w[0], "") : LLVMBuildNeg(g->b, x.w[0], "");
  return value1(x.type, v);
}

/* ---- shifts */
static Ir shift_by(Gen *g, Op op, bool uns, Ir x, Ir count) {
  if (op == OP_SHL) return LLVMBuildShl(g->b, x, count, "");
  return uns ? LLVMBuildLShr(g->b, x, count, "") : LLVMBuildAShr(g->b, x, count, "");
}

static void check_shift_count(Gen *g, Value count) {
  int64_t n;
  if (is_unsigned(count) || (is_const_int(count.w[0], &n) && n >= 0)) return;
  Ir ok = LLVMBuildICmp(g->b, LLVMIntSGE, count.w[0], const_int_like(g, count.w[0], 0), "");
  LLVMBasicBlockRef go_on = check_begin(g, ok);
  rt_call(g, RT_panicshift, NULL, NULL, 0);
  check_end(g, go_on);
}

/* The comparison with the width is made in the count's own type, which may be wider or narrower than the value's. */
Value gen_shift(Gen *g, Op op, Value x, Value count) {
  check_shift_count(g, count);
  Ir v = x.w[0], c = count.w[0];
  unsigned w = width(v);
  bool uns = is_unsigned(x), arithmetic = op == OP_SHR && !uns;
  Ir limit = LLVMConstInt(g->i64, w, false);
  Ir wide = LLVMBuildIntCast2(g->b, c, g->i64, false, "");
  Ir small = LLVMBuildICmp(g->b, LLVMIntULT, wide, limit, "");
  if (arithmetic) {
    Ir clamped = LLVMBuildSelect(g->b, small, wide, LLVMConstInt(g->i64, w - 1, false), "");
    return value1(x.type, shift_by(g, op, uns, v, LLVMBuildIntCast2(g->b, clamped, LLVMTypeOf(v), false, "")));
  }
  Ir shifted = shift_by(g, op, uns, v, LLVMBuildIntCast2(g->b, wide, LLVMTypeOf(v), false, ""));
  return value1(x.type, LLVMBuildSelect(g->b, small, shifted, const_int_like(g, v, 0), ""));
}

/* ---- comparisons */
static LLVMIntPredicate int_pred(Op op, bool uns) {
  switch (op) {
  case OP_EQ: return LLVMIntEQ;
  case OP_NE: return LLVMIntNE;
  case OP_LT: return uns ? LLVMIntULT : LLVMIntSLT;
  case OP_LE: return uns ? LLVMIntULE : LLVMIntSLE;
  case OP_GT: return uns ? LLVMIntUGT : LLVMIntSGT;
  case OP_GE: return uns ? LLVMIntUGE : LLVMIntSGE;
  default: unreachable_case("comparison %s", op_text(op));
  }
}

static LLVMRealPredicate float_pred(Op op) {
  switch (op) {
  case OP_EQ: return LLVMRealOEQ;
  case OP_NE: return LLVMRealUNE;
  case OP_LT: return LLVMRealOLT;
  case OP_LE: return LLVMRealOLE;
  case OP_GT: return LLVMRealOGT;
  case OP_GE: return LLVMRealOGE;
  default: unreachable_case("comparison %s", op_text(op));
  }
}

Ir gen_compare(Gen *g, Op op, Value x, Value y) {
  if (op == OP_EQ) return gen_equal(g, x, y);
  if (op == OP_NE) return LLVMBuildNot(g->b, gen_equal(g, x, y), "");
  if (type_is_string(x.type))
    return LLVMBuildICmp(g->b, int_pred(op, false), string_compare(g, x, y), const_i64(g, 0), "");
  if (type_is_float(x.type)) return LLVMBuildFCmp(g->b, float_pred(op), x.w[0], y.w[0], "");
  return LLVMBuildICmp(g->b, int_pred(op, is_unsigned(x)), x.w[0], y.w[0], "");
}

/* Leaves for `done` with the result false when two parts differ, so that later parts are not looked at (comparing
 * interfaces may panic). */
typedef struct EqualWalk { Ir result; LLVMBasicBlockRef done; } EqualWalk;

static void equal_part(Gen *g, EqualWalk *walk, Type *t, Ir a, Ir b) {
  Ir eq = gen_equal(g, value_load(g, t, a), value_load(g, t, b));
  LLVMBasicBlockRef next = add_block(g, "");
  branch(g, eq, next, walk->done);
  LLVMPositionBuilderAtEnd(g->b, next);
}

static void equal_fields(Gen *g, EqualWalk *walk, Type *u, Ir a, Ir b) {
  for (int i = 0; i < u->u.strct.fields.n; i++) {
    StructField *f = &u->u.strct.fields.v[i];
    int64_t offset = type_field_offset(u, i);
    if (f->name[0] == '_' && !f->name[1]) continue;
    equal_part(g, walk, f->type, byte_offset(g, a, offset), byte_offset(g, b, offset));
  }
}

static void equal_elems(Gen *g, EqualWalk *walk, Type *u, Ir a, Ir b) {
  Ir i = new_alloca(g, g->i64, "");
  LLVMBuildStore(g->b, const_i64(g, 0), i);
  LLVMBasicBlockRef head = add_block(g, ""), body = add_block(g, ""), end = add_block(g, "");
  start_block(g, head);
  Ir n = LLVMBuildLoad2(g->b, g->i64, i, "");
  branch(g, LLVMBuildICmp(g->b, LLVMIntULT, n, const_i64(g, u->u.array.len), ""), body, end);
  LLVMPositionBuilderAtEnd(g->b, body);
  equal_part(g, walk, u->u.array.elem, elem_addr(g, u->u.array.elem, a, n), elem_addr(g, u->u.array.elem, b, n));
  LLVMBuildStore(g->b, LLVMBuildAdd(g->b, n, const_i64(g, 1), ""), i);
  jump(g, head);
  LLVMPositionBuilderAtEnd(g->b, end);
}

static Ir equal_mem(Gen *g, Value x, Value y) {
  Type *u = under(x);
  Ir a = x.w[0], b = y.w[0];
  if (type_size(u) == 0) return LLVMConstInt(g->i1, 1, false);
  if (type_memequal(u) && type_info(g, x.type)->nflat > MAX_FLAT)
    return RT(g, typedmemequal, NULL, a, b, const_i64(g, type_size(u)));
  EqualWalk walk = {new_alloca(g, g->i1, ""), add_block(g, "")};
  LLVMBuildStore(g->b, LLVMConstInt(g->i1, 0, false), walk.result);
  if (u->kind == T_STRUCT) equal_fields(g, &walk, u, a, b);
  else equal_elems(g, &walk, u, a, b);
  LLVMBuildStore(g->b, LLVMConstInt(g->i1, 1, false), walk.result);
  start_block(g, walk.done);
  return LLVMBuildLoad2(g->b, g->i1, walk.result, "");
}

/* Both of the same type (or both interfaces). */
Ir gen_equal(Gen *g, Value x, Value y) {
  switch (under(x)->kind) {
  case T_STRING: return string_equal(g, x, y);
  case T_INTERFACE: return iface_equal(g, x, y);
  case T_STRUCT: case T_ARRAY: return equal_mem(g, x, y);
  case T_FLOAT32: case T_FLOAT64: return LLVMBuildFCmp(g->b, LLVMRealOEQ, x.w[0], y.w[0], "");
  default: return LLVMBuildICmp(g->b, LLVMIntEQ, x.w[0], y.w[0], "");
  }
}

/* llvm.minimum and llvm.maximum are Go's: NaN wins, -0 < +0. */
Value gen_minmax(Gen *g, bool max, Value x, Value y) {
  if (type_is_float(x.type)) {
    const char *name = max ? "llvm.maximum" : "llvm.minimum";
    return value1(x.type, intrinsic_call(g, name, LLVMTypeOf(x.w[0]), (Ir[]){x.w[0], y.w[0]}, 2));
  }
  Ir take_y = gen_compare(g, max ? OP_GT : OP_LT, y, x);
  Value v = {.type = x.type, .n = x.n};
  for (int i = 0; i < x.n; i++) v.w[i] = LLVMBuildSelect(g->b, take_y, y.w[i], x.w[i], "");
  return v;
}

/* ---- conversions */
static Ir cvtt(Gen *g, Ir x, bool to64) {
  bool f32 = LLVMTypeOf(x) == g->f32;
  static const char *const names[2][2] = {{"llvm.x86.sse2.cvttsd2si", "llvm.x86.sse2.cvttsd2si64"},
                                          {"llvm.x86.sse.cvttss2si", "llvm.x86.sse.cvttss2si64"}};
  LLVMTypeRef vec = LLVMVectorType(LLVMTypeOf(x), f32 ? 4 : 2);
  Ir v = LLVMBuildInsertElement(g->b, LLVMGetPoison(vec), x, LLVMConstInt(g->i32, 0, false), "");
  return intrinsic_call(g, names[f32][to64], NULL, &v, 1);
}

/* Below 2^63 the signed conversion is right, from there on that of x - 2^63 with the top bit set; out of range both
 * give 1 << 63. */
static Ir float_to_uint64(Gen *g, Ir x) {
  Ir low = cvtt(g, x, true);
  Ir high = cvtt(g, LLVMBuildFSub(g->b, x, LLVMConstReal(LLVMTypeOf(x), 9223372036854775808.0), ""), true);
  Ir sign = LLVMBuildAShr(g->b, low, const_i64(g, 63), "");
  return LLVMBuildOr(g->b, low, LLVMBuildAnd(g->b, high, sign, ""), "");
}

static Ir float_to_int(Gen *g, Ir x, Type *to) {
  LLVMTypeRef t = scalar_type(g, to);
  unsigned w = LLVMGetIntTypeWidth(t);
  if (w == 64) return type_is_unsigned(to) ? float_to_uint64(g, x) : cvtt(g, x, true);
  bool by64 = w == 32 && type_is_unsigned(to);
  return LLVMBuildIntCast2(g->b, cvtt(g, x, by64), t, true, "");
}

static Value convert_number(Gen *g, Value x, Type *to) {
  LLVMTypeRef t = scalar_type(g, to);
  Ir v = x.w[0];
  bool from_float = type_is_float(x.type), to_float = type_is_float(to);
  if (from_float && to_float) return value1(to, LLVMBuildFPCast(g->b, v, t, ""));
  if (from_float) return value1(to, float_to_int(g, v, to));
  if (!to_float) return value1(to, LLVMBuildIntCast2(g->b, v, t, !is_unsigned(x), ""));
  return value1(to, is_unsigned(x) ? LLVMBuildUIToFP(g->b, v, t, "") : LLVMBuildSIToFP(g->b, v, t, ""));
}

/* A slice as array or array pointer: the slice must be long enough. */
static Value convert_slice_to_array(Gen *g, Value x, Type *to) {
  Type *u = type_under(to);
  bool pointer = u->kind == T_POINTER;
  Ir want = const_i64(g, type_under(pointer ? u->u.pointer.elem : u)->u.array.len);
  LLVMBasicBlockRef go_on = check_begin(g, LLVMBuildICmp(g->b, LLVMIntUGE, x.w[1], want, ""));
  RT(g, panicsliceconvert, NULL, x.w[1], want);
  check_end(g, go_on);
  return pointer ? value1(to, x.w[0]) : value_load(g, to, x.w[0]);
}

static bool is_text(Type *u) { return u->kind == T_STRING || u->kind == T_SLICE; }

Value gen_convert(Gen *g, Value x, Type *to) {
  Type *from_u = under(x), *to_u = type_under(to);
  if (type_is_numeric(x.type) && type_is_numeric(to)) return convert_number(g, x, to);
  bool text = to_u->kind == T_STRING || from_u->kind == T_STRING;
  if (text && from_u->kind != to_u->kind && (is_text(to_u) || is_text(from_u))) return gen_string_convert(g, x, to);
  if (from_u->kind == T_SLICE && to_u->kind != T_SLICE) return convert_slice_to_array(g, x, to);
  x.type = to;
  return x;
}
