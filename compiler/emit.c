/* emit.c: the stages from IR on, as `toy emit`, `toy lower` and `toy build -c` show them.
 *
 * Text goes to standard output, or with -o to a file; an object file needs -o, or --obj to say that it is wanted on
 * standard output.
 */
#include "emit.h"
#include "object.h"
#include "output.h"

#include <llvm-c/Core.h>
#include <stdio.h>
#include <string.h>

static BackendStage last_stage(int emit) {
  switch (emit) {
  case EMIT_LLVM: return STAGE_IR;
  case EMIT_LLVM_OPTIMISED: return STAGE_OPTIMISED;
  case EMIT_LLVM_LOWERED: return STAGE_LOWERED;
  case EMIT_LLVM_STATEPOINTS: return STAGE_STATEPOINTS;
  case EMIT_ASM: return STAGE_ASM;
  default: return STAGE_OBJECT;
  }
}

static int put(const Options *options, const char *bytes, size_t size) {
  if (options->output) return !output_write(options->output, bytes, size);
  return fwrite(bytes, 1, size, stdout) != size;
}

static int put_ir(LLVMModuleRef module, const Options *options) {
  char *text = LLVMPrintModuleToString(module);
  int status = put(options, text, strlen(text));
  LLVMDisposeMessage(text);
  return status;
}

int emit_module(LLVMModuleRef module, const Options *options, const char *source) {
  BackendStage last = last_stage(options->emit);
  BackendOptions how = {options->opt_level, options->debug_info, options->package};
  const char *broken = backend_run(module, &how, last);
  if (broken) {
    fprintf(stderr, "%s:1:1: error: %s\n", source, broken);
    return 1;
  }
  if (last <= STAGE_STATEPOINTS) return put_ir(module, options);
  ObjectCode code = backend_emit(module, last);
  if (options->emit == EMIT_STACKMAPS) return object_print_stackmaps(code), 0;
  if (options->emit == EMIT_UNSAFE) return object_print_unsafe(code), 0;
  return put(options, code.bytes, code.size);
}
