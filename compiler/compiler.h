/* compiler.h: the passes, in order, each with its contract; the driver (driver.c) is a column of these calls.
 *
 *   source → tokens → AST → checked AST → escape facts → LLVM IR → optimised → lowered → object → linked
 *
 * Every pass reports user errors with error_at() (diag.h) and goes on where it can; the driver stops after a pass when
 * diag_errors() > 0.
 */
#ifndef TOY_COMPILER_H
#define TOY_COMPILER_H

#include "ast.h"
#include <llvm-c/Target.h>

/* A package: the files of one folder, or the files named on the command line. */
struct Package {
  const char *path;         /* import path: "main", "os", "math/rand" */
  const char *name;
  const char *dir;
  FileList files;
  const char **asm_files; int nasm; /* its assembly files: what is declared without a body may be defined there */
  const char **c_files; int nc;     /* its C files, for functions under //toy:c */
  PackageList imports;      /* direct ones, each once */
  struct Scope *scope;      /* (checker) package-level objects */
  FuncList funcs;           /* (checker) all functions and literals with bodies, and bodyless declarations; literals after the function around them */
  ObjectList globals;       /* (checker) package-level variables */
  ObjectList types;         /* (checker) named types, local ones too */
  struct InitStep { ObjectList lhs; Expr *rhs; Pos pos; } *init; int ninit; /* (checker) variable initialisation in Go's order; lhs null objects are _; several lhs: rhs is a tuple */
  FuncList init_funcs;      /* (checker) func init(), in order; symbols PKG.init.0, PKG.init.1 … */
  bool checked, stdlib;
};

/* parser.y, lexer.re. Needs a loaded source. Makes File; always returns one, also after errors. The tree is at most
 * PARSE_MAX_DEPTH deep: deeper sources are reported. */
enum { PARSE_MAX_DEPTH = 10000 };
struct Source;
File *parse_file(struct Source *source);
void tokens_dump(struct Source *source);   /* `toy emit --tokens`, one line a token: LINE:COL KIND TEXT */

/* check*.c. Needs pkg->files parsed, imports checked (Decl.import.pkg set). Fills every field marked (checker). */
void check_package(Package *pkg);

/* escape.c. Needs a checked package whose imports are analysed. Fills Object.escapes, Expr.escapes, Func.escape. */
void escape_package(Package *pkg);
void escape_dump(Package *pkg);            /* `toy emit --escape`: FILE:LINE:COL: x escapes to heap / moved to heap: x / does not escape */

/* gen*.c. Needs escape facts. Makes plain frontend IR (docs/abi.md), verified; late lowering has not run.
 * main package: also toy_program(), which runs the initialisers of all packages in `order` (imports first).
 * inlines: functions may be inlined, and small ones of other packages are there too (gen_import.c); else none is: as in
 * clang, -O1 is for short compilation, and inlined chains cost the most of it. */
LLVMModuleRef gen_package(Package *pkg, LLVMContextRef context, LLVMTargetDataRef layout, bool is_main, bool inlines,
                          PackageList order);

#endif
