/* lower_sites.c: every call gets a number, the number an entry in the module's site table.
 *
 * A traceback must name function, file and line of each frame, and of the frames that inlining removed. The optimiser
 * keeps exactly that in debug locations, with an inlined-at chain; they are read here, at the last moment before
 * statepoints, and turned into constant data (struct toy_site). DWARF need not be in the executable for it.
 *
 * llvm-c reads lines, columns, scopes and files of debug metadata; names and parents of scopes it only shows as operands
 * of the node. Their positions are LLVM's (DISubprogram: file, scope, name, linkage name …; DILexicalBlock: file, scope)
 * and hold for LLVM 19; a test with an inlined call in a nested block notices when they move.
 */
#include "lower_parts.h"
#include "../runtime/abi/module.h"

#include <llvm-c/DebugInfo.h>
#include <string.h>

enum { LEXICAL_BLOCK_SCOPE = 1, SUBPROGRAM_NAME = 2, SUBPROGRAM_LINKAGE_NAME = 3 };

/* ---- reading debug metadata */

static LLVMValueRef node_operand(Lower *l, LLVMMetadataRef node, unsigned index) {
  LLVMValueRef value = LLVMMetadataAsValue(l->context, node);
  unsigned n = (unsigned)LLVMGetMDNodeNumOperands(value);
  if (index >= n) return NULL;
  LLVMValueRef *operands = arena_alloc(n * sizeof *operands);
  LLVMGetMDNodeOperands(value, operands);
  return operands[index];
}

static const char *node_string(Lower *l, LLVMMetadataRef node, unsigned index) {
  LLVMValueRef operand = node_operand(l, node, index);
  unsigned length;
  const char *text = operand ? LLVMGetMDString(operand, &length) : NULL;
  return text ? intern(text, length) : NULL;
}

const char *lower_subprogram_name(Lower *l, LLVMMetadataRef sp) {
  const char *linkage = node_string(l, sp, SUBPROGRAM_LINKAGE_NAME);
  return linkage && *linkage ? linkage : node_string(l, sp, SUBPROGRAM_NAME);
}

static LLVMMetadataRef scope_subprogram(Lower *l, LLVMMetadataRef scope) {
  while (scope && LLVMGetMetadataKind(scope) != LLVMDISubprogramMetadataKind) {
    LLVMValueRef parent = node_operand(l, scope, LEXICAL_BLOCK_SCOPE);
    scope = parent ? LLVMValueAsMetadata(parent) : NULL;
  }
  return scope;
}

const char *lower_scope_file(LLVMMetadataRef scope) {
  LLVMMetadataRef file = LLVMDIScopeGetFile(scope);
  if (!file) return intern_cstr("?");
  unsigned dir_length, length;
  const char *dir = LLVMDIFileGetDirectory(file, &dir_length), *name = LLVMDIFileGetFilename(file, &length);
  if (dir_length == 0 || (length && name[0] == '/')) return intern(name, length);
  return intern_cstr(format("%.*s/%.*s", (int)dir_length, dir, (int)length, name));
}

/* ---- the table */

LLVMValueRef lower_string(Lower *l, const char *text) {
  void **slot = ptrmap_slot(&l->strings, text);
  if (*slot) return *slot;
  LLVMValueRef value = LLVMConstStringInContext2(l->context, text, strlen(text), 0);
  LLVMValueRef global = LLVMAddGlobal(l->module, LLVMTypeOf(value), "");
  LLVMSetInitializer(global, value);
  LLVMSetGlobalConstant(global, 1);
  LLVMSetLinkage(global, LLVMPrivateLinkage);
  LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
  return *slot = global;
}

uint32_t lower_func_flags(Lower *l, const char *name) {
  uint32_t flags = l->wrappers.size && *ptrmap_slot(&l->wrappers, name) ? TOY_FUNC_WRAPPER : 0;
  LLVMValueRef fn = LLVMGetNamedFunction(l->module, name);
  if (fn && lower_has_attr(fn, "toy-nopreempt")) flags |= TOY_FUNC_NOPREEMPT;
  return flags;
}

static uint32_t add_site(Lower *l, const char *func, const char *file, unsigned line, unsigned col, uint32_t inlined_at) {
  LLVMValueRef row[] = {lower_string(l, func), lower_string(l, file), LLVMConstInt(l->i32, line, 0),
                        LLVMConstInt(l->i32, col, 0), LLVMConstInt(l->i32, inlined_at, 0),
                        LLVMConstInt(l->i32, lower_func_flags(l, func), 0)};
  list_push(&l->sites, LLVMConstStructInContext(l->context, row, 6, 0));
  return (uint32_t)l->sites.n - 1;
}

static uint32_t site_of_location(Lower *l, LLVMMetadataRef location) {
  void *known = *ptrmap_slot(&l->site_of, location);
  if (known) return (uint32_t)(uintptr_t)known - 1;
  LLVMMetadataRef outer = LLVMDILocationGetInlinedAt(location), scope = LLVMDILocationGetScope(location);
  uint32_t inlined_at = outer ? site_of_location(l, outer) : TOY_SITE_NONE;
  LLVMMetadataRef sp = scope_subprogram(l, scope);
  const char *name = sp ? lower_subprogram_name(l, sp) : NULL;
  uint32_t site = add_site(l, name ? name : intern_cstr("?"), lower_scope_file(scope), LLVMDILocationGetLine(location),
                           LLVMDILocationGetColumn(location), inlined_at);
  *ptrmap_slot(&l->site_of, location) = (void *)(uintptr_t)(site + 1);
  return site;
}

/* A call that a frontend gave no location: the function at least is known. */
static uint32_t site_of_function(Lower *l, LLVMValueRef fn) {
  void *known = *ptrmap_slot(&l->site_of, fn);
  if (known) return (uint32_t)(uintptr_t)known - 1;
  LLVMMetadataRef sp = LLVMGetSubprogram(fn);
  const char *file = sp ? lower_scope_file(sp) : intern_cstr("?");
  uint32_t site = add_site(l, lower_name(fn), file, sp ? LLVMDISubprogramGetLine(sp) : 0, 0, TOY_SITE_NONE);
  *ptrmap_slot(&l->site_of, fn) = (void *)(uintptr_t)(site + 1);
  return site;
}

static void number_call(Lower *l, LLVMValueRef fn, LLVMValueRef call) {
  LLVMMetadataRef location = LLVMInstructionGetDebugLoc(call);
  char *id = format("%u", location ? site_of_location(l, location) : site_of_function(l, fn));
  LLVMAttributeRef attr = LLVMCreateStringAttribute(l->context, "statepoint-id", 13, id, (unsigned)strlen(id));
  LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, attr);
  l->has_records = true;
}

void lower_call_sites(Lower *l, LLVMValueRef fn) {
  for (LLVMBasicBlockRef bb = LLVMGetFirstBasicBlock(fn); bb; bb = LLVMGetNextBasicBlock(bb))
    for (LLVMValueRef in = LLVMGetFirstInstruction(bb); in; in = LLVMGetNextInstruction(in))
      if (lower_is_safepoint(in)) number_call(l, fn, in);
}
