/* lower_split.c: very long blocks are cut.
 *
 * For each call RS4GC computes what is alive there by walking the call's block from its end: quadratic in the calls
 * of one block, seconds for a function of some thousand statements in a row, and a program may be generated. A block
 * that is a tenth as long is walked a tenth as often; the code generator joins the pieces again.
 */
#include "lower_parts.h"

enum { BLOCK_MAX_CALLS = 32 };

/* Moves all before `at` into a new block ahead of its own. The rest keeps the old block, which phis of successors name;
 * the terminator is taken out meanwhile, because replacing the block would rename those phis' edges as well. */
static void cut_before(Lower *l, LLVMBasicBlockRef block, LLVMValueRef at) {
  LLVMBasicBlockRef head = LLVMInsertBasicBlockInContext(l->context, block, "");
  LLVMValueRef end = LLVMGetBasicBlockTerminator(block);
  LLVMInstructionRemoveFromParent(end);
  LLVMReplaceAllUsesWith(LLVMBasicBlockAsValue(block), LLVMBasicBlockAsValue(head));
  LLVMPositionBuilderAtEnd(l->builder, block);
  LLVMInsertIntoBuilder(l->builder, end);
  LLVMPositionBuilderAtEnd(l->builder, head);
  for (LLVMValueRef in = LLVMGetFirstInstruction(block), next; in != at; in = next) {
    next = LLVMGetNextInstruction(in);
    const char *name = lower_name(in);
    LLVMInstructionRemoveFromParent(in);
    LLVMInsertIntoBuilderWithName(l->builder, in, name);
  }
  LLVMBuildBr(l->builder, block);
}

static void cut_block(Lower *l, LLVMBasicBlockRef block) {
  int calls = 0;
  for (LLVMValueRef in = LLVMGetFirstInstruction(block), next; in; in = next) {
    next = LLVMGetNextInstruction(in);
    if (!lower_is_safepoint(in) || ++calls < BLOCK_MAX_CALLS || LLVMIsATerminatorInst(next)) continue;
    cut_before(l, block, next);
    calls = 0;
  }
}

void lower_split(Lower *l, LLVMValueRef fn) {
  LLVMSetCurrentDebugLocation2(l->builder, NULL);
  for (LLVMBasicBlockRef bb = LLVMGetFirstBasicBlock(fn), next; bb; bb = next) {
    next = LLVMGetNextBasicBlock(bb); /* pieces are put ahead of bb */
    cut_block(l, bb);
  }
}
