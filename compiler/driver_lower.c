/* driver_lower.c: `toy lower`: any frontend's module, as text or bitcode, through the back end.
 *
 * This is the door for other frontends: what docs/abi.md asks of a module is checked on the way, in words.
 */
#include "contract.h"
#include "driver.h"
#include "emit.h"
#include "version.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm-c/IRReader.h>
#include <stdio.h>
#include <string.h>

static int file_error(const char *path, const char *message) {
  fprintf(stderr, "%s:1:1: error: %s\n", path, message);
  return 1;
}

/* LLVM's parser says line and column itself, after "error: " or the buffer's name. */
static LLVMModuleRef read_module(LLVMContextRef context, const char *path) {
  LLVMMemoryBufferRef buffer;
  LLVMModuleRef module = NULL;
  char *message = NULL;
  if (LLVMCreateMemoryBufferWithContentsOfFile(path, &buffer, &message)) {
    file_error(path, message);
    return NULL;
  }
  if (!LLVMParseIRInContext(context, buffer, &module, &message)) return module;
  if (strncmp(message, path, strlen(path)) == 0) fprintf(stderr, "%s\n", message);
  else file_error(path, message);
  return NULL;
}

static bool is_verified(LLVMModuleRef module, const char *path) {
  char *message = NULL;
  if (!LLVMVerifyModule(module, LLVMReturnStatusAction, &message)) return true;
  file_error(path, message);
  return false;
}

int lower_command(const Options *options) {
  Options o = *options;
  if (o.inputs.n != 1) return usage_error("lower: one file at a time");
  if (!o.output && o.emit == EMIT_NONE) return usage_error("lower: needs -o OUT.o");
  if (!o.package) o.package = "main";
  backend_init(o.opt_level);
  const char *path = o.inputs.v[0];
  LLVMModuleRef module = read_module(LLVMContextCreate(), path);
  if (!module) return 1;
  const char *broken = contract_check(module);
  if (broken) return file_error(path, broken);
  backend_set_target(module);
  if (!is_verified(module, path)) return 1;
  version_contract(module);
  LLVMValueRef program = LLVMGetNamedFunction(module, "toy_program");
  if (program && !LLVMIsDeclaration(program)) version_note(module, &o, "lower");
  return emit_module(module, &o, path);
}
