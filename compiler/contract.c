/* contract.c: what can be told of a module before any pass has run: target, and the runtime's symbols as it declares them.
 *
 * A declaration that is not the table's would be called with arguments in the wrong places, or be a safe point where there is
 * none, and nothing later could notice: symbols have no types for a linker. The table is toy.h's, made from runtime.def.
 */
#include "contract.h"
#include "backend.h"
#include "lower_parts.h"
#include "../runtime/abi/toy.h"

#include <string.h>

static const struct toy_call calls[] = {
#define TOYRT TOY_CALL_ROW
#define TOYPKG(...)
#include "../runtime/abi/runtime.def"
#undef TOYRT
#undef TOYPKG
};

/* ---- signatures */

static bool is_int(LLVMTypeRef type, unsigned bits) {
  return LLVMGetTypeKind(type) == LLVMIntegerTypeKind && LLVMGetIntTypeWidth(type) == bits;
}

static bool is_pointer(LLVMTypeRef type, unsigned space) {
  return LLVMGetTypeKind(type) == LLVMPointerTypeKind && LLVMGetPointerAddressSpace(type) == space;
}

static bool is_value(LLVMTypeRef type, unsigned char value);

static bool is_pair(LLVMTypeRef type, unsigned char first, unsigned char second) {
  return LLVMGetTypeKind(type) == LLVMStructTypeKind && LLVMCountStructElementTypes(type) == 2 &&
         is_value(LLVMStructGetTypeAtIndex(type, 0), first) && is_value(LLVMStructGetTypeAtIndex(type, 1), second);
}

/* A byte for a bool is the same register. */
static bool is_value(LLVMTypeRef type, unsigned char value) {
  switch (value) {
  case TOY_V_VOID: return LLVMGetTypeKind(type) == LLVMVoidTypeKind;
  case TOY_V_I1: return is_int(type, 1) || is_int(type, 8);
  case TOY_V_I8: return is_int(type, 8);
  case TOY_V_I32: return is_int(type, 32);
  case TOY_V_I64: return is_int(type, 64);
  case TOY_V_F64: return LLVMGetTypeKind(type) == LLVMDoubleTypeKind;
  case TOY_V_PTR: return is_pointer(type, 0);
  case TOY_V_REF: return is_pointer(type, MANAGED);
  case TOY_V_REF_I64: return is_pair(type, TOY_V_REF, TOY_V_I64);
  case TOY_V_I64_I64: return is_pair(type, TOY_V_I64, TOY_V_I64);
  case TOY_V_I32_I64: return is_pair(type, TOY_V_I32, TOY_V_I64);
  case TOY_V_PTR_REF: return is_pair(type, TOY_V_PTR, TOY_V_REF);
  default: return false;
  }
}

static bool agrees(const struct toy_call *call, LLVMTypeRef type) {
  LLVMTypeRef params[8];
  unsigned n = LLVMCountParamTypes(type);
  if (n > 8 || LLVMIsFunctionVarArg(type) || !is_value(LLVMGetReturnType(type), call->signature[0])) return false;
  LLVMGetParamTypes(type, params);
  for (unsigned i = 0; i < n; i++)
    if (!is_value(params[i], call->signature[i + 1])) return false;
  return call->signature[n + 1] == TOY_V_END;
}

static const char *value_name(unsigned char value) {
  static const char *const names[] = {"", "void", "i1", "i8", "i32", "i64", "double", "ptr", "ptr addrspace(1)",
                                      "{ptr addrspace(1), i64}", "{i64, i64}", "{i32, i64}", "{ptr, ptr addrspace(1)}"};
  return names[value];
}

static const char *signature_text(const struct toy_call *call) {
  const char *text = format("%s (", value_name(call->signature[0]));
  for (int i = 1; call->signature[i] != TOY_V_END; i++)
    text = format("%s%s%s", text, i > 1 ? ", " : "", value_name(call->signature[i]));
  return format("%s)", text);
}

static bool is_leaf(const struct toy_call *call) { return !(call->effects & TOY_MAY_MOVE); }

static const char *check_call(LLVMModuleRef module, const struct toy_call *call) {
  LLVMValueRef fn = LLVMGetNamedFunction(module, call->symbol);
  if (!fn) return NULL;
  if (!LLVMIsDeclaration(fn)) return format("function %s is the runtime's, and is defined here", call->symbol);
  if (!agrees(call, LLVMGlobalGetValueType(fn)))
    return format("function %s is declared with another signature than the runtime's: %s", call->symbol, signature_text(call));
  if (lower_has_attr(fn, "gc-leaf-function") && !is_leaf(call))
    return format("function %s is no leaf: the stack may move in it", call->symbol);
  return NULL;
}

const char *contract_check(LLVMModuleRef module) {
  const char *layout = LLVMGetDataLayoutStr(module), *triple = LLVMGetTarget(module);
  if (*layout && strcmp(layout, backend_layout_text())) return format("the data layout is %s and must be %s", layout, backend_layout_text());
  if (*triple && strncmp(triple, "x86_64-", 7)) return format("the target is %s and must be x86_64-unknown-linux-gnu", triple);
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    const char *broken = check_call(module, &calls[i]);
    if (broken) return broken;
  }
  return NULL;
}
