/* driver.c: the compilation of a program, as a column of calls; `toy build` and `toy emit`.
 *
 * A pass runs only when no pass before it has reported an error, so that each may rely on what the earlier ones
 * promise (but a mild error of the parser's leaves a tree that can be checked); within a pass all errors of all packages
 * are reported, except that a package is not checked when what it imports is wrong.
 *
 * Every package is checked from its source. Those beside the main package are compiled along with it; those of
 * stdlib/ were compiled when the tree was built, and only their objects are linked. Objects of this compilation live
 * in memory (memfd) until the linker has read them: there is nothing to clean up after an interrupt.
 */
#define _GNU_SOURCE
#include "assemble.h"
#include "compiler.h"
#include "diag.h"
#include "driver_compile.h"
#include "emit.h"
#include "link.h"
#include "output.h"
#include "verify.h"
#include "version.h"

#include <errno.h>
#include <llvm-c/Core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void say_time(const Options *options, const char *what) {
  static struct timespec last;
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  double ms = (double)(now.tv_sec - last.tv_sec) * 1e3 + (double)(now.tv_nsec - last.tv_nsec) / 1e6;
  if (options->verbose) fprintf(stderr, "%-10s %6.1f ms\n", what, ms);
  last = now;
}

/* ---- the front end */

/* A package that is no program and has been given no path goes by its name. */
static void name_library(Package *pkg) {
  if (pkg->name && strcmp(pkg->name, "main") != 0 && strcmp(pkg->name, "_") != 0) pkg->path = pkg->name;
}

bool compile_load(const Options *options, Program *program) {
  diag_set_max(options->max_errors);
  *program = package_load(options->inputs, options->package ? options->package : "main");
  if (program->main && !options->package) name_library(program->main);
  say_time(options, "parse");
  return diag_severe() == 0 && program->main;
}

static bool check_all(PackageList order) {
  for (int i = 0, mild = diag_errors(); i < order.n && diag_errors() == mild; i++) check_package(order.v[i]);
  return diag_errors() == 0;
}

static bool escape_all(PackageList order) {
  for (int i = 0; i < order.n; i++) escape_package(order.v[i]);
  return diag_errors() == 0;
}

static bool check_is_main(const Package *pkg) {
  if (pkg->name && (strcmp(pkg->name, "main") == 0 || strcmp(pkg->name, "_") == 0)) return true; /* _: the checker */
  const char *name = pkg->name ? pkg->name : "_";
  error_at(pkg->files.v[0]->package_pos, "package %s is not a main package: it cannot be run", name);
  return false;
}

static bool front_end(const Options *options, const Program *program, bool needs_main) {
  if (needs_main && !check_is_main(program->main)) return false;
  bool good = check_all(program->order);
  say_time(options, "check");
  good = good && escape_all(program->order);
  say_time(options, "escape");
  return good;
}

/* ---- the back end */

static LLVMModuleRef generate(const Options *options, const Program *program, Package *pkg) {
  LLVMContextRef context = LLVMContextCreate();
  bool is_main = pkg == program->main && strcmp(pkg->path, "main") == 0;
  LLVMModuleRef module = gen_package(pkg, context, backend_layout(), is_main, options->opt_level > 1, program->order);
  say_time(options, "generate");
  if (diag_errors()) return NULL;
  backend_set_target(module);
  version_contract(module);
  if (is_main) version_note(module, options, "build");
  return module;
}

/* A rule that our own code generation breaks is our bug. */
static ObjectCode compile_module(const Options *options, LLVMModuleRef module, const Package *pkg) {
  BackendOptions how = {options->opt_level, options->debug_info, pkg->path};
  const char *broken = backend_run(module, &how, STAGE_OPTIMISED);
  say_time(options, "optimise");
  if (!broken) broken = backend_run_from(module, &how, STAGE_LOWERED, STAGE_STATEPOINTS);
  if (broken) internal_error(__FILE__, __LINE__, "package %s: %s", pkg->path, broken);
  say_time(options, "lower");
  ObjectCode code = backend_emit(module, STAGE_OBJECT);
  say_time(options, "code");
  return code;
}

/* The object as a file that the linker can open: it inherits the descriptor. */
static const char *object_in_memory(const char *name, ObjectCode code) {
  int fd = memfd_create(name, 0);
  size_t written = 0;
  while (fd >= 0 && written < code.size) {
    ssize_t n = write(fd, code.bytes + written, code.size - written);
    if (n < 0 && errno != EINTR) break;
    if (n > 0) written += (size_t)n;
  }
  if (fd >= 0 && written == code.size) return format("/proc/self/fd/%d", fd);
  tool_error("cannot hold the object of package %s in memory: %s", name, strerror(errno));
  return NULL;
}

/* Compiled, and its assembly files assembled, when the tree was built. */
static bool is_in_library(const Program *program, const Package *pkg) { return pkg->stdlib && pkg != program->main; }

static const char *package_object(const Options *options, const Program *program, Package *pkg) {
  if (is_in_library(program, pkg)) return link_stdlib_object(pkg->path);
  LLVMModuleRef module = generate(options, program, pkg);
  return module ? object_in_memory(pkg->path, compile_module(options, module, pkg)) : NULL;
}

bool compile_program(const Options *options, const Program *program, const char *output) {
  if (!front_end(options, program, true)) return false;
  backend_init(options->opt_level);
  TextList objects = {0};
  bool by_hand = options->link_words.n > 0; /* nothing but the verifier has seen hand-written code */
  for (int i = 0; i < program->order.n; i++) {
    Package *pkg = program->order.v[i];
    const char *object = package_object(options, program, pkg);
    if (!object) return false;
    list_push(&objects, object);
    if (is_in_library(program, pkg)) continue;
    if (!assemble_package(pkg, &objects)) return false;
    by_hand |= pkg->nasm > 0;
  }
  bool good = link_program(objects, options->link_words, output, options->verbose);
  say_time(options, "link");
  if (good && (by_hand || getenv("TOYVERIFY")) && !(good = verify_program(output))) unlink(output);
  say_time(options, "verify");
  return good;
}

int compile_failed(void) {
  diag_flush();
  return 1;
}

/* ---- toy build */

static const char *default_output(const Options *options) {
  const char *input = options->inputs.v[0];
  size_t length = strlen(input);
  while (length > 1 && input[length - 1] == '/') length--;
  const char *base = format("%.*s", (int)length, input), *slash = strrchr(base, '/');
  if (slash) base = slash + 1;
  if (strcmp(base, ".") == 0 || strcmp(base, "..") == 0) base = "a.out";
  size_t n = strlen(base);
  if (n > 4 && strcmp(base + n - 4, ".toy") == 0) base = format("%.*s", (int)n - 4, base);
  return options->compile_only ? format("%s.o", base) : base;
}

/* A package with assembly or C files is one object too. */
static int combine_objects(const Options *options, const Package *pkg, ObjectCode code, const char *output) {
  TextList objects = {0};
  const char *object = object_in_memory(pkg->path, code);
  if (!object) return 1;
  list_push(&objects, object);
  if (!assemble_package(pkg, &objects)) return compile_failed();
  return !link_objects(objects, output, options->verbose);
}

static int build_object(const Options *options, const Program *program, const char *output) {
  if (!front_end(options, program, false)) return compile_failed();
  backend_init(options->opt_level);
  LLVMModuleRef module = generate(options, program, program->main);
  if (!module) return compile_failed();
  ObjectCode code = compile_module(options, module, program->main);
  return program->main->nasm + program->main->nc ? combine_objects(options, program->main, code, output) : !output_write(output, code.bytes, code.size);
}

int build_command(const Options *options) {
  Program program;
  if (options->compile_only && options->link_words.n)
    return usage_error("build: with -c nothing is linked, %s neither", options->link_words.v[0]);
  if (options->package && !options->compile_only) return usage_error("build: --package goes with -c");
  const char *output = options->output ? options->output : default_output(options);
  if (!compile_load(options, &program)) return compile_failed();
  if (options->compile_only) return build_object(options, &program, output);
  return compile_program(options, &program, output) ? 0 : compile_failed();
}

/* ---- toy emit */

static int emit_tokens(const Options *options) {
  for (int i = 0; i < options->inputs.n; i++) {
    Source *source = source_load(options->inputs.v[i]);
    if (source) tokens_dump(source);
  }
  return diag_errors() ? compile_failed() : 0;
}

static int emit_ast(const Program *program) {
  if (diag_errors()) return compile_failed();
  for (int i = 0; i < program->main->files.n; i++) ast_dump_file(program->main->files.v[i]);
  return 0;
}

static int emit_escape(const Options *options, const Program *program) {
  if (!front_end(options, program, false)) return compile_failed();
  escape_dump(program->main);
  return 0;
}

static int emit_compiled(const Options *options, const Program *program) {
  if (!front_end(options, program, false)) return compile_failed();
  backend_init(options->opt_level);
  LLVMModuleRef module = generate(options, program, program->main);
  if (!module) return compile_failed();
  Options o = *options;
  o.package = program->main->path;
  return emit_module(module, &o, options->inputs.v[0]);
}

int emit_command(const Options *options) {
  if (options->emit == EMIT_NONE) return usage_error("emit: which stage? --llvm, --asm, --ast …");
  diag_set_max(options->max_errors);
  if (options->emit == EMIT_TOKENS) return emit_tokens(options);
  Program program;
  if (!compile_load(options, &program)) return compile_failed();
  if (options->emit == EMIT_AST) return emit_ast(&program);
  if (options->emit == EMIT_AST_TYPED) return check_all(program.order) ? emit_ast(&program) : compile_failed();
  if (options->emit == EMIT_ESCAPE) return emit_escape(options, &program);
  return emit_compiled(options, &program);
}
