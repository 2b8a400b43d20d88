/* driver.h: the command line, taken apart, and the commands. */
#ifndef TOY_DRIVER_H
#define TOY_DRIVER_H

#include "backend.h"
#include "util.h"

DEFINE_LIST(TextList, const char *);

typedef enum EmitKind {
  EMIT_NONE, EMIT_TOKENS, EMIT_AST, EMIT_AST_TYPED, EMIT_ESCAPE,
  EMIT_LLVM, EMIT_LLVM_OPTIMISED, EMIT_LLVM_LOWERED, EMIT_LLVM_STATEPOINTS,
  EMIT_ASM, EMIT_OBJ, EMIT_STACKMAPS, EMIT_UNSAFE
} EmitKind;

typedef struct Options {
  TextList inputs;          /* files, or one folder */
  TextList link_words;      /* objects, archives, -l and -L, in the order given */
  char **args;              /* after --, null-terminated */
  const char *output;       /* -o */
  const char *package;      /* --package: import path of what is compiled */
  int opt_level, debug_info, compile_only, verbose, max_errors, emit;
} Options;

/* Each returns the exit status. */
int run_command(const Options *options);
int build_command(const Options *options);
int emit_command(const Options *options);
int lower_command(const Options *options);

int usage_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));  /* status 2 */
int tool_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));   /* status 1: the machine refused */

#endif
