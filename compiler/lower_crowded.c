/* lower_crowded.c: functions with very many pointers alive over very many calls.
 *
 * Each pointer that is alive over a call is a slot and a relocation there. For hundreds of pointers over hundreds of
 * calls, which no one writes by hand but programs generate, RS4GC takes minutes. In such a function variables stay in
 * memory, as the frontend has put them, and what calls return is put there too: as stack objects, addressed at their
 * uses (lower_stackobj.c), they cost nothing at the calls in between. The function is slower and its compilation
 * linear.
 */
#include "lower_parts.h"

enum { MAX_POINTER_CALLS = 60000 }; /* pointers times calls of one function; about a second of compile time */

static bool is_pointer_result(LLVMValueRef in) {
  LLVMTypeRef type = LLVMTypeOf(in);
  return lower_is_safepoint(in) && LLVMGetTypeKind(type) == LLVMPointerTypeKind && lower_holds_managed(type);
}

/* Nothing is alive over a call that does not return. */
static bool is_survived(LLVMValueRef in) {
  return lower_is_safepoint(in) && !LLVMIsAUnreachableInst(LLVMGetNextInstruction(in));
}

bool lower_is_crowded(LLVMValueRef fn) {
  uint64_t pointers = 0, calls = 0;
  unsigned always = LLVMGetEnumAttributeKindForName("alwaysinline", 12);
  if (LLVMGetEnumAttributeAtIndex(fn, LLVMAttributeFunctionIndex, always)) return false;
  for (LLVMBasicBlockRef bb = LLVMGetFirstBasicBlock(fn); bb; bb = LLVMGetNextBasicBlock(bb))
    for (LLVMValueRef in = LLVMGetFirstInstruction(bb); in; in = LLVMGetNextInstruction(in)) {
      calls += is_survived(in);
      pointers += is_pointer_result(in) || (LLVMIsAAllocaInst(in) && lower_holds_managed(LLVMGetAllocatedType(in)));
    }
  return pointers * calls > MAX_POINTER_CALLS;
}

/* The place where a use needs its value: a phi needs it at the end of the block that it comes from. */
static LLVMValueRef place_of_use(LLVMValueRef user, unsigned operand) {
  return LLVMIsAPHINode(user) ? LLVMGetBasicBlockTerminator(LLVMGetIncomingBlock(user, operand)) : user;
}

static void reload(LLVMBuilderRef b, LLVMValueRef user, LLVMValueRef result, LLVMValueRef slot) {
  for (unsigned i = 0; i < (unsigned)LLVMGetNumOperands(user); i++) {
    if (LLVMGetOperand(user, i) != result) continue;
    LLVMPositionBuilderBefore(b, place_of_use(user, i));
    LLVMSetOperand(user, i, LLVMBuildLoad2(b, LLVMTypeOf(result), slot, ""));
  }
}

static void demote(LLVMBuilderRef b, LLVMValueRef fn, LLVMValueRef result) {
  ValueList users = {0};
  for (LLVMUseRef use = LLVMGetFirstUse(result); use; use = LLVMGetNextUse(use)) list_push(&users, LLVMGetUser(use));
  if (users.n == 0) return;
  LLVMPositionBuilderBefore(b, LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(fn)));
  LLVMValueRef slot = LLVMBuildAlloca(b, LLVMTypeOf(result), "");
  for (int i = 0; i < users.n; i++) reload(b, users.v[i], result, slot);
  LLVMPositionBuilderBefore(b, LLVMGetNextInstruction(result));
  LLVMBuildStore(b, result, slot);
}

void lower_demote_results(LLVMValueRef fn) {
  LLVMBuilderRef b = LLVMCreateBuilderInContext(LLVMGetModuleContext(LLVMGetGlobalParent(fn)));
  ValueList results = {0};
  for (LLVMBasicBlockRef bb = LLVMGetFirstBasicBlock(fn); bb; bb = LLVMGetNextBasicBlock(bb))
    for (LLVMValueRef in = LLVMGetFirstInstruction(bb); in; in = LLVMGetNextInstruction(in))
      if (is_pointer_result(in)) list_push(&results, in);
  for (int i = 0; i < results.n; i++) demote(b, fn, results.v[i]);
  LLVMDisposeBuilder(b);
}
