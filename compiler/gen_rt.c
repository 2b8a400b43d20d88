/* gen_rt.c: runtime functions as compiled code sees them, from the one table runtime/abi/runtime.def; and intrinsics.
 *
 * A function is declared when first called, with what its kind promises: LEAF is no safe point, NORET never returns and
 * is cold (so the checks that lead to it cost a predicted branch). They use the C convention and return two words at
 * most.
 */
#include "gen.h"
#include <string.h>

typedef enum RtKind { LEAF, LEAFASM, G0, PARK, NORET, ASM } RtKind;
typedef enum RtValue { END, VOID, I1, I8, I32, I64, F64, PTR, REF, REF_I64, I64_I64, I32_I64, PTR_REF } RtValue;

typedef struct RtFunc { const char *symbol; RtKind kind; RtValue result, args[8]; } RtFunc;

static const RtFunc rt_table[] = {
#define TOYRT(NAME, KIND, RESULT, ...) [RT_##NAME] = {"toy_" #NAME, KIND, RESULT, {__VA_ARGS__}},
#define TOYPKG(...)
#include "../runtime/abi/runtime.def"
#undef TOYRT
#undef TOYPKG
};
_Static_assert(RT_COUNT <= sizeof(((Gen *)0)->rt) / sizeof(Ir), "Gen.rt is too small");

static LLVMTypeRef pair_type(Gen *g, LLVMTypeRef a, LLVMTypeRef b) {
  return LLVMStructTypeInContext(g->cx, (LLVMTypeRef[]){a, b}, 2, false);
}

static LLVMTypeRef rt_value_type(Gen *g, RtValue v) {
  switch (v) {
  case VOID: return g->voidt;
  case I1: case I8: return g->i8;
  case I32: return g->i32;
  case I64: return g->i64;
  case F64: return g->f64;
  case PTR: return g->ptr;
  case REF: return g->ref;
  case REF_I64: return pair_type(g, g->ref, g->i64);
  case I64_I64: return pair_type(g, g->i64, g->i64);
  case I32_I64: return pair_type(g, g->i32, g->i64);
  case PTR_REF: return pair_type(g, g->ptr, g->ref);
  case END: break;
  }
  unreachable_case("value kind %d in runtime.def", v);
}

static LLVMAttributeRef enum_attr(Gen *g, const char *name, uint64_t value) {
  unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
  check_that(kind != 0);
  return LLVMCreateEnumAttribute(g->cx, kind, value);
}

void add_fn_attr(Gen *g, Ir fn, const char *name) {
  LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex, enum_attr(g, name, 0));
}

void add_param_attr(Gen *g, Ir fn, int index, const char *name) {
  LLVMAddAttributeAtIndex(fn, (LLVMAttributeIndex)(index + 1), enum_attr(g, name, 0));
}

static void add_return_attr(Gen *g, Ir fn, const char *name) {
  LLVMAddAttributeAtIndex(fn, LLVMAttributeReturnIndex, enum_attr(g, name, 0));
}

static bool returns_new_memory(enum RtId id) { return id == RT_newobject || id == RT_makechan; }

static Ir declare_rt(Gen *g, enum RtId id) {
  const RtFunc *f = &rt_table[id];
  LLVMTypeRef args[8];
  unsigned n = 0;
  while (n < 8 && f->args[n] != END) args[n] = rt_value_type(g, f->args[n]), n++;
  g->rt_type[id] = LLVMFunctionType(rt_value_type(g, f->result), args, n, false);
  Ir fn = LLVMAddFunction(g->mod, f->symbol, g->rt_type[id]);
  add_fn_attr(g, fn, "nounwind");
  if (f->kind == LEAF || f->kind == LEAFASM)
    LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex,
                            LLVMCreateStringAttribute(g->cx, "gc-leaf-function", 16, "", 0));
  if (f->kind == NORET) add_fn_attr(g, fn, "noreturn"), add_fn_attr(g, fn, "cold");
  if (id == RT_deferframe) add_fn_attr(g, fn, "returns_twice");
  if (returns_new_memory(id)) add_return_attr(g, fn, "noalias"), add_return_attr(g, fn, "nonnull");
  return fn;
}

/* The first word of the result, the second one through `second`; null for void. */
Ir rt_call(Gen *g, enum RtId id, Ir *second, Ir *args, int n) {
  if (!g->rt[id]) g->rt[id] = declare_rt(g, id);
  const RtFunc *f = &rt_table[id];
  Ir call = LLVMBuildCall2(g->b, g->rt_type[id], g->rt[id], args, (unsigned)n, "");
  if (f->result == VOID) return NULL;
  if (f->result == I1) return LLVMBuildICmp(g->b, LLVMIntNE, call, LLVMConstInt(g->i8, 0, false), "");
  if (f->result < REF_I64) return call;
  Ir first = LLVMBuildExtractValue(g->b, call, 0, "");
  Ir other = LLVMBuildExtractValue(g->b, call, 1, "");
  if (second) *second = other;
  return first;
}

Ir intrinsic_call(Gen *g, const char *name, LLVMTypeRef overload, Ir *args, int n) {
  unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
  check_that(id != 0);
  LLVMTypeRef *types = overload ? &overload : NULL;
  Ir fn = LLVMGetIntrinsicDeclaration(g->mod, id, types, overload ? 1 : 0);
  LLVMTypeRef type = LLVMIntrinsicGetType(g->cx, id, types, overload ? 1 : 0);
  return LLVMBuildCall2(g->b, type, fn, args, (unsigned)n, "");
}
