/* lower_aggregate.c: no struct with a managed pointer inside lives across a call.
 *
 * RS4GC looks for pointers among values of pointer type and does not look into structs: a pointer inside one that is
 * alive across a call would not be recorded, silently. A frontend takes the results of a call apart at once, but O2
 * puts them together again, and merges returns into a phi of structs. So every such struct is split: element(V, i)
 * finds or makes the i-th scalar of V (phis and selects become phis and selects of scalars), every use is rewritten
 * to scalars, and only a `ret` gets a struct, built directly before it.
 *
 * Structs without managed pointers (the results of overflow intrinsics, say) are left as they are. A struct in a
 * struct is refused: docs/abi.md returns results flattened. A constant is no danger and stays whole.
 */
#include "lower_parts.h"

typedef struct Split {
  Lower *l;
  const char *fn;
  PtrMap elements;   /* aggregate value → its scalars, LLVMValueRef[n], null where not made yet */
  ValueList touched; /* instructions that make or use such aggregates */
  ValueList phis;    /* split phis; their scalars have no incoming values yet */
} Split;

static bool is_aggregate(LLVMTypeRef type) {
  LLVMTypeKind kind = LLVMGetTypeKind(type);
  return kind == LLVMStructTypeKind || kind == LLVMArrayTypeKind;
}

static unsigned count_elements(LLVMTypeRef type) {
  return LLVMGetTypeKind(type) == LLVMStructTypeKind ? LLVMCountStructElementTypes(type)
                                                     : (unsigned)LLVMGetArrayLength2(type);
}

static LLVMTypeRef element_type(LLVMTypeRef type, unsigned i) {
  return LLVMGetTypeKind(type) == LLVMStructTypeKind ? LLVMStructGetTypeAtIndex(type, i) : LLVMGetElementType(type);
}

static bool is_managed_aggregate(LLVMValueRef value) {
  LLVMTypeRef type = LLVMTypeOf(value);
  return is_aggregate(type) && lower_holds_managed(type);
}

static LLVMValueRef element(Split *s, LLVMValueRef value, unsigned i);

static LLVMValueRef refuse(Split *s, LLVMValueRef value, const char *what) {
  char *text = LLVMPrintValueToString(value);
  lower_refuse(s->l, "function %s: %s: %s", s->fn, what, text);
  LLVMDisposeMessage(text);
  return LLVMGetUndef(s->l->i64);
}

/* An extractvalue that is itself going away stands for the scalar it extracts. */
static LLVMValueRef resolve(Split *s, LLVMValueRef scalar) {
  while (LLVMIsAExtractValueInst(scalar) && is_managed_aggregate(LLVMGetOperand(scalar, 0)) &&
         LLVMGetNumIndices(scalar) == 1 && !s->l->error) {
    LLVMValueRef behind = element(s, LLVMGetOperand(scalar, 0), LLVMGetIndices(scalar)[0]);
    if (behind == scalar) break; /* made here, directly after its call */
    scalar = behind;
  }
  return scalar;
}

/* What makes its aggregate itself keeps it, and is taken apart directly behind. */
static bool stays(LLVMValueRef in) { return LLVMIsACallInst(in) || LLVMIsAAtomicCmpXchgInst(in); }

static LLVMValueRef call_element(Split *s, LLVMValueRef call, unsigned i) {
  LLVMPositionBuilderBefore(s->l->builder, LLVMGetNextInstruction(call));
  return LLVMBuildExtractValue(s->l->builder, call, i, "");
}

static LLVMValueRef load_element(Split *s, LLVMValueRef load, unsigned i) {
  LLVMBuilderRef b = s->l->builder;
  LLVMTypeRef type = LLVMTypeOf(load), elem = element_type(type, i);
  LLVMPositionBuilderBefore(b, load);
  LLVMValueRef index[] = {LLVMConstInt(s->l->i32, 0, 0), LLVMConstInt(s->l->i32, i, 0)};
  LLVMValueRef at = LLVMBuildInBoundsGEP2(b, type, LLVMGetOperand(load, 0), index, 2, "");
  LLVMValueRef scalar = LLVMBuildLoad2(b, elem, at, "");
  LLVMSetVolatile(scalar, LLVMGetVolatile(load));
  return scalar;
}

static LLVMValueRef phi_element(Split *s, LLVMValueRef phi, unsigned i) {
  LLVMPositionBuilderBefore(s->l->builder, phi);
  return LLVMBuildPhi(s->l->builder, element_type(LLVMTypeOf(phi), i), "");
}

static LLVMValueRef select_element(Split *s, LLVMValueRef select, unsigned i) {
  LLVMValueRef yes = element(s, LLVMGetOperand(select, 1), i), no = element(s, LLVMGetOperand(select, 2), i);
  LLVMPositionBuilderBefore(s->l->builder, select);
  return LLVMBuildSelect(s->l->builder, LLVMGetOperand(select, 0), yes, no, "");
}

static LLVMValueRef freeze_element(Split *s, LLVMValueRef freeze, unsigned i) {
  LLVMValueRef scalar = element(s, LLVMGetOperand(freeze, 0), i);
  LLVMPositionBuilderBefore(s->l->builder, freeze);
  return LLVMBuildFreeze(s->l->builder, scalar, "");
}

static LLVMValueRef insert_element(Split *s, LLVMValueRef insert, unsigned i) {
  if (LLVMGetNumIndices(insert) != 1) return refuse(s, insert, "a nested aggregate");
  return LLVMGetIndices(insert)[0] == i ? LLVMGetOperand(insert, 1) : element(s, LLVMGetOperand(insert, 0), i);
}

static LLVMValueRef make_element(Split *s, LLVMValueRef value, unsigned i) {
  if (LLVMIsAConstant(value)) return LLVMGetAggregateElement(value, i);
  if (stays(value)) return call_element(s, value, i);
  if (LLVMIsAPHINode(value)) return phi_element(s, value, i);
  if (LLVMIsAInsertValueInst(value)) return insert_element(s, value, i);
  if (LLVMIsASelectInst(value)) return select_element(s, value, i);
  if (LLVMIsALoadInst(value)) return load_element(s, value, i);
  if (LLVMIsAFreezeInst(value)) return freeze_element(s, value, i);
  return refuse(s, value, "an aggregate with managed pointers made by an instruction that cannot be split");
}

static LLVMValueRef element(Split *s, LLVMValueRef value, unsigned i) {
  LLVMTypeRef type = LLVMTypeOf(value);
  if (is_aggregate(element_type(type, i))) return refuse(s, value, "a nested aggregate");
  void **slot = ptrmap_slot(&s->elements, value);
  if (!*slot) *slot = arena_alloc(count_elements(type) * sizeof(LLVMValueRef));
  LLVMValueRef *scalars = *slot;
  if (scalars[i]) return scalars[i];
  scalars[i] = make_element(s, value, i);
  return scalars[i] = resolve(s, scalars[i]);
}

/* ---- uses */

static void split_phi(Split *s, LLVMValueRef phi) {
  for (unsigned i = 0; i < count_elements(LLVMTypeOf(phi)); i++) element(s, phi, i);
  list_push(&s->phis, phi);
}

/* After all else is split, or an incoming value might be looked up before its scalars can be placed. */
static void fill_phi(Split *s, LLVMValueRef phi) {
  for (unsigned i = 0; i < count_elements(LLVMTypeOf(phi)) && !s->l->error; i++) {
    LLVMValueRef scalar = element(s, phi, i);
    for (unsigned k = 0; k < LLVMCountIncoming(phi); k++) {
      LLVMValueRef value = element(s, LLVMGetIncomingValue(phi, k), i);
      LLVMBasicBlockRef from = LLVMGetIncomingBlock(phi, k);
      LLVMAddIncoming(scalar, &value, &from, 1);
    }
  }
}

static void rebuild_ret(Split *s, LLVMValueRef ret) {
  LLVMValueRef value = LLVMGetOperand(ret, 0);
  LLVMTypeRef type = LLVMTypeOf(value);
  LLVMValueRef built = LLVMGetPoison(type);
  for (unsigned i = 0; i < count_elements(type) && !s->l->error; i++) {
    LLVMValueRef scalar = element(s, value, i);
    LLVMPositionBuilderBefore(s->l->builder, ret);
    built = LLVMBuildInsertValue(s->l->builder, built, scalar, i, "");
  }
  LLVMSetOperand(ret, 0, built);
}

static void split_store(Split *s, LLVMValueRef store) {
  LLVMBuilderRef b = s->l->builder;
  LLVMValueRef value = LLVMGetOperand(store, 0), to = LLVMGetOperand(store, 1);
  LLVMTypeRef type = LLVMTypeOf(value);
  for (unsigned i = 0; i < count_elements(type) && !s->l->error; i++) {
    LLVMValueRef scalar = element(s, value, i);
    LLVMValueRef index[] = {LLVMConstInt(s->l->i32, 0, 0), LLVMConstInt(s->l->i32, i, 0)};
    LLVMPositionBuilderBefore(b, store);
    LLVMValueRef part = LLVMBuildStore(b, scalar, LLVMBuildInBoundsGEP2(b, type, to, index, 2, ""));
    LLVMSetVolatile(part, LLVMGetVolatile(store));
  }
}

static void rewrite_extract(Split *s, LLVMValueRef extract) {
  if (LLVMGetNumIndices(extract) != 1) {
    refuse(s, extract, "a nested aggregate");
    return;
  }
  LLVMValueRef scalar = element(s, LLVMGetOperand(extract, 0), LLVMGetIndices(extract)[0]);
  if (!s->l->error) LLVMReplaceAllUsesWith(extract, scalar);
}

/* At once, so that no other instruction comes between. */
static void split_maker(Split *s, LLVMValueRef in) {
  for (unsigned i = 0; i < count_elements(LLVMTypeOf(in)) && !s->l->error; i++) element(s, in, i);
}

static void rewrite_use(Split *s, LLVMValueRef in) {
  if (LLVMIsAExtractValueInst(in)) rewrite_extract(s, in);
  else if (LLVMIsAReturnInst(in)) rebuild_ret(s, in);
  else if (LLVMIsAStoreInst(in)) split_store(s, in);
  else if (LLVMIsAPHINode(in)) split_phi(s, in);
  else if (LLVMIsACallInst(in)) {
    for (unsigned i = 0; i < LLVMGetNumArgOperands(in); i++)
      if (is_managed_aggregate(LLVMGetOperand(in, i))) refuse(s, in, "an aggregate passed as an argument");
  }
  if (stays(in) && is_managed_aggregate(in)) split_maker(s, in);
}

static bool uses_aggregate(LLVMValueRef in) {
  for (int i = 0; i < LLVMGetNumOperands(in); i++) {
    LLVMValueRef operand = LLVMGetOperand(in, (unsigned)i);
    if (!operand || LLVMIsABasicBlock(operand) || LLVMIsAConstant(operand)) continue;
    if (is_managed_aggregate(operand)) return true;
  }
  return false;
}

/* What is left uses only itself: phis may do so in circles. */
static void remove_dead(Split *s) {
  for (int i = 0; i < s->touched.n; i++) {
    LLVMValueRef in = s->touched.v[i];
    if (LLVMIsAReturnInst(in) || stays(in)) continue;
    LLVMTypeRef type = LLVMTypeOf(in);
    if (LLVMGetTypeKind(type) != LLVMVoidTypeKind) LLVMReplaceAllUsesWith(in, LLVMGetPoison(type));
    LLVMInstructionEraseFromParent(in);
  }
}

void lower_aggregates(Lower *l, LLVMValueRef fn) {
  Split s = {.l = l, .fn = lower_name(fn)};
  for (LLVMBasicBlockRef bb = LLVMGetFirstBasicBlock(fn); bb; bb = LLVMGetNextBasicBlock(bb))
    for (LLVMValueRef in = LLVMGetFirstInstruction(bb); in; in = LLVMGetNextInstruction(in))
      if ((LLVMGetTypeKind(LLVMTypeOf(in)) != LLVMVoidTypeKind && is_managed_aggregate(in)) || uses_aggregate(in))
        list_push(&s.touched, in);
  for (int i = 0; i < s.touched.n && !l->error; i++) rewrite_use(&s, s.touched.v[i]);
  for (int i = 0; i < s.phis.n && !l->error; i++) fill_phi(&s, s.phis.v[i]);
  if (!l->error) remove_dead(&s);
}
