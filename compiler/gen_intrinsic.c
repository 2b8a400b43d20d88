/* gen_intrinsic.c: functions of math and math/bits that are one instruction, or a few: emitted in place, as those of
 * sync/atomic are (gen_atomic.c).
 *
 * The packages declare them without bodies. A call becomes LLVM's intrinsic of the same meaning, which the optimiser
 * knows and the processor has at its baseline; for functions taken as values the package's own object has a body made of
 * the same. What the baseline lacks (rounding to integers, fused multiply-add) LLVM would call from libm, on the goroutine's
 * stack: it is written out as assembly, for callers that have asked the processor. The function around it stays one of
 * baseline registers, which a stop by a signal saves.
 *
 * A name of math/bits is an operation and the width of its operand: Len8, Len16, Len32, Len64, and Len for uint. The
 * operand's own type says which.
 */
#include "gen.h"
#include <string.h>

typedef enum BitsOp {
  FLOAT_OP,                     /* an intrinsic on float64s */
  MACHINE,                      /* an instruction beyond the baseline, on float64s */
  REINTERPRET,                  /* between a float and the integer of its size */
  COUNT_ZEROS, COUNT_ONES, BIT_LENGTH, ROTATE, PERMUTE,
  WIDE_ADD, WIDE_SUB, WIDE_MUL, /* in twice the width */
} BitsOp;

typedef struct Row { const char *name; BitsOp op; const char *intrinsic; } Row;

static const Row math_rows[] = {
  {"Abs", FLOAT_OP, "llvm.fabs"},
  {"Copysign", FLOAT_OP, "llvm.copysign"},
  {"Sqrt", FLOAT_OP, "llvm.sqrt"},
  {"fused", MACHINE, "vfmadd231sd $2, $1, $0"},
  {"roundEven", MACHINE, "roundsd $$8, $0, $0"},
  {"roundDown", MACHINE, "roundsd $$9, $0, $0"},
  {"roundUp", MACHINE, "roundsd $$10, $0, $0"},
  {"roundToZero", MACHINE, "roundsd $$11, $0, $0"},
  {"Float32bits", REINTERPRET, NULL},
  {"Float32frombits", REINTERPRET, NULL},
  {"Float64bits", REINTERPRET, NULL},
  {"Float64frombits", REINTERPRET, NULL},
  {0},
};

/* Without the width. */
static const Row bits_rows[] = {
  {"LeadingZeros", COUNT_ZEROS, "llvm.ctlz"},
  {"TrailingZeros", COUNT_ZEROS, "llvm.cttz"},
  {"OnesCount", COUNT_ONES, "llvm.ctpop"},
  {"Len", BIT_LENGTH, "llvm.ctlz"},
  {"RotateLeft", ROTATE, "llvm.fshl"},
  {"Reverse", PERMUTE, "llvm.bitreverse"},
  {"ReverseBytes", PERMUTE, "llvm.bswap"},
  {"Add", WIDE_ADD, NULL},
  {"Sub", WIDE_SUB, NULL},
  {"Mul", WIDE_MUL, NULL},
  {0},
};

static bool is_width(const char *text) {
  static const char *const widths[] = {"", "8", "16", "32", "64"};
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
    if (strcmp(text, widths[i]) == 0) return true;
  return false;
}

static const Row *find_math(const char *name) {
  for (const Row *row = math_rows; row->name; row++)
    if (strcmp(name, row->name) == 0) return row;
  return NULL;
}

static const Row *find_bits(const char *name) {
  for (const Row *row = bits_rows; row->name; row++) {
    size_t n = strlen(row->name);
    if (strncmp(name, row->name, n) == 0 && is_width(name + n)) return row;
  }
  return NULL;
}

static const Row *find(const Func *f) {
  if (f->body || !f->obj || f->recv || !f->pkg->stdlib) return NULL;
  if (strcmp(f->pkg->path, "math") == 0) return find_math(f->obj->name);
  return strcmp(f->pkg->path, "math/bits") == 0 ? find_bits(f->obj->name) : NULL;
}

bool is_intrinsic(const Func *f) { return is_atomic(f) || find(f) != NULL; }

/* ---- one result */

static Ir width_of(Gen *g, Ir v) { return LLVMConstInt(LLVMTypeOf(v), LLVMGetIntTypeWidth(LLVMTypeOf(v)), false); }

/* The number of leading or trailing zeros: the width where there is nothing else. */
static Ir count_zeros(Gen *g, const char *intrinsic, Ir v) {
  return intrinsic_call(g, intrinsic, LLVMTypeOf(v), (Ir[]){v, LLVMConstInt(g->i1, 0, false)}, 2);
}

/* The last operand is in the register of the result. */
static Ir machine(Gen *g, const char *text, const Ir *args, int n) {
  const char *constraints = n == 1 ? "=x,0" : "=x,x,x,0";
  LLVMTypeRef type = LLVMFunctionType(g->f64, (LLVMTypeRef[]){g->f64, g->f64, g->f64}, (unsigned)n, false);
  Ir code = LLVMGetInlineAsm(type, text, strlen(text), constraints, strlen(constraints), false, false,
                             LLVMInlineAsmDialectATT, false);
  return LLVMBuildCall2(g->b, type, code, (Ir *)args, (unsigned)n, "");
}

static Ir emit(Gen *g, const Row *row, const Ir *args, int n, LLVMTypeRef result) {
  Ir x = args[0];
  switch (row->op) {
  case FLOAT_OP: return intrinsic_call(g, row->intrinsic, g->f64, (Ir[]){x, n > 1 ? args[1] : NULL}, n);
  case MACHINE: return machine(g, row->intrinsic, args, n);
  case REINTERPRET: return LLVMBuildBitCast(g->b, x, result, "");
  case COUNT_ZEROS: return count_zeros(g, row->intrinsic, x);
  case COUNT_ONES: return intrinsic_call(g, row->intrinsic, LLVMTypeOf(x), (Ir[]){x}, 1);
  case BIT_LENGTH: return LLVMBuildSub(g->b, width_of(g, x), count_zeros(g, row->intrinsic, x), "");
  case ROTATE: {
    Ir by = LLVMBuildIntCast2(g->b, args[1], LLVMTypeOf(x), false, ""); /* modulo the width, so negative ones are right */
    return intrinsic_call(g, row->intrinsic, LLVMTypeOf(x), (Ir[]){x, x, by}, 3);
  }
  case PERMUTE: return LLVMGetIntTypeWidth(LLVMTypeOf(x)) == 8 && strcmp(row->intrinsic, "llvm.bswap") == 0
    ? x : intrinsic_call(g, row->intrinsic, LLVMTypeOf(x), (Ir[]){x}, 1);
  case WIDE_ADD: case WIDE_SUB: case WIDE_MUL: break;
  }
  unreachable_case("intrinsic %d", row->op);
}

/* ---- two results: low and high half of an exact result in twice the width */

static Ir wide_op(Gen *g, BitsOp op, Ir a, Ir b) {
  if (op == WIDE_MUL) return LLVMBuildMul(g->b, a, b, "");
  return op == WIDE_ADD ? LLVMBuildAdd(g->b, a, b, "") : LLVMBuildSub(g->b, a, b, "");
}

static void emit_wide(Gen *g, BitsOp op, const Ir *args, int n, Ir *low, Ir *high) {
  LLVMTypeRef t = LLVMTypeOf(args[0]);
  unsigned width = LLVMGetIntTypeWidth(t);
  LLVMTypeRef twice = LLVMIntTypeInContext(g->cx, 2 * width);
  Ir wide = LLVMBuildZExt(g->b, args[0], twice, "");
  for (int i = 1; i < n; i++) wide = wide_op(g, op, wide, LLVMBuildZExt(g->b, args[i], twice, ""));
  *low = LLVMBuildTrunc(g->b, wide, t, "");
  *high = LLVMBuildTrunc(g->b, LLVMBuildLShr(g->b, wide, LLVMConstInt(twice, width, false), ""), t, "");
}

/* Go's order: a sum before its carry, a product's high half before the low one. A borrow is 1, not all ones. */
static void gen_wide(Gen *g, const Row *row, const Ir *args, int n, const TypeList *results, ValueList *out) {
  Ir low, high;
  emit_wide(g, row->op, args, n, &low, &high);
  if (row->op == WIDE_SUB) high = LLVMBuildAnd(g->b, high, const_int_like(g, high, 1), "");
  bool high_first = row->op == WIDE_MUL;
  list_push(out, value1(results->v[0], high_first ? high : low));
  list_push(out, value1(results->v[1], high_first ? low : high));
}

void gen_intrinsic(Gen *g, Func *f, const ValueList *args, ValueList *out) {
  if (is_atomic(f)) {
    gen_atomic(g, f, args, out);
    return;
  }
  if (!out) return; /* nothing but results */
  const Row *row = find(f);
  const TypeList *results = &type_under(f->sig)->u.func.results;
  Ir words[3];
  check_that(args->n >= 1 && args->n <= 3);
  for (int i = 0; i < args->n; i++) words[i] = args->v[i].w[0];
  if (results->n == 2) {
    gen_wide(g, row, words, args->n, results, out);
    return;
  }
  LLVMTypeRef t = scalar_type(g, results->v[0]);
  Ir v = emit(g, row, words, args->n, t);
  if (LLVMGetTypeKind(t) == LLVMIntegerTypeKind) v = LLVMBuildIntCast2(g->b, v, t, false, "");
  list_push(out, value1(results->v[0], v));
}

/* The body of f in its package's object. */
void gen_intrinsic_body(Gen *g, Func *f) {
  ValueList args = fn_params(g), results = {0};
  gen_intrinsic(g, f, &args, &results);
  return_values(g, &results);
}
