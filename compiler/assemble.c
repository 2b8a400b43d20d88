/* assemble.c: assembly and C files of a package, and the functions that they define.
 *
 * A package's folder may have .S files beside its .toy files, and `toy build` takes them on the command line: GNU syntax, read
 * by the C preprocessor first, assembled by the C compiler (TOY_CC names another one) with the folder of toy_asm.h on its
 * search path. A function that a .toy file declares without a body must be defined there, under its full symbol (docs/abi.md);
 * one that is not is reported at its declaration, which the linker could not name. C files are compiled by the same compiler;
 * what they lack the linker knows best, since C's functions may as well be in a library.
 *
 * Objects lie in memory: the assembler writes to a descriptor that it inherits, and so does the linker read it.
 */
#define _GNU_SOURCE
#include "assemble.h"
#include "diag.h"
#include "link.h"
#include "link_config.h"
#include "object.h"
#include "types.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

const char *assemble_headers(void) {
  const char *folder = link_library_folder();
  return folder ? format("%s/../include", folder) : NULL;
}

typedef enum SourceKind { SOURCE_ASSEMBLY, SOURCE_C } SourceKind;

static bool run_compiler(SourceKind kind, const char *source, const char *object) {
  const char *cc = getenv("TOY_CC"), *headers = assemble_headers(), *who = kind == SOURCE_C ? "C compiler" : "assembler";
  if (!cc || !*cc) cc = LINK_CC;
  const char *const assembly[] = {cc, "-c", "-x", "assembler-with-cpp", "-I", headers, "-o", object, source, NULL};
  const char *const c[] = {cc, "-c", "-x", "c", "-O2", "-fno-pie", "-I", headers, "-o", object, source, NULL};
  char **words = (char **)(kind == SOURCE_C ? c : assembly);
  pid_t pid;
  int status, refused = headers ? posix_spawnp(&pid, cc, NULL, NULL, words, environ) : ENOENT;
  if (refused) return tool_error("cannot start the %s %s: %s", who, cc, strerror(refused)), false;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return tool_error("waiting for the %s: %s", who, strerror(errno)), false;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  tool_error("the %s failed on %s (its messages are above)", who, source);
  return false;
}

/* Mapped for good: the process ends soon. */
static bool read_object(int fd, ObjectCode *code) {
  struct stat st;
  if (fstat(fd, &st) < 0 || st.st_size == 0) return false;
  code->size = (size_t)st.st_size;
  code->bytes = mmap(NULL, code->size, PROT_READ, MAP_PRIVATE, fd, 0);
  return code->bytes != MAP_FAILED;
}

static bool is_defined(const char *symbol, const ObjectCode *codes, int n) {
  for (int i = 0; i < n; i++)
    if (object_defines(codes[i], symbol)) return true;
  return false;
}

static bool check_definitions(const Package *pkg, const ObjectCode *codes) {
  bool good = true;
  for (int i = 0; i < pkg->funcs.n && !pkg->stdlib; i++) {
    Func *f = pkg->funcs.v[i];
    if (f->body || f->c || is_defined(f->symbol, codes, pkg->nasm)) continue;
    error_at(f->obj->pos, "function %s has no body here and no assembly file of its package defines %s", f->obj->name, f->symbol);
    good = false;
  }
  return good;
}

static bool assemble_one(SourceKind kind, const char *source, const char **object, ObjectCode *code) {
  int fd = memfd_create(source, 0);
  if (fd < 0) return tool_error("cannot hold the object of %s in memory: %s", source, strerror(errno)), false;
  *object = format("/proc/self/fd/%d", fd);
  if (!run_compiler(kind, source, *object)) return false;
  return read_object(fd, code) || (tool_error("the %s wrote no object for %s", kind == SOURCE_C ? "C compiler" : "assembler", source), false);
}

bool assemble_package(const Package *pkg, TextList *objects) {
  ObjectCode *codes = arena_alloc((size_t)(pkg->nasm + pkg->nc + 1) * sizeof *codes);
  for (int i = 0; i < pkg->nasm + pkg->nc; i++) {
    const char *object, *source = i < pkg->nasm ? pkg->asm_files[i] : pkg->c_files[i - pkg->nasm];
    if (!assemble_one(i < pkg->nasm ? SOURCE_ASSEMBLY : SOURCE_C, source, &object, &codes[i])) return false;
    list_push(objects, object);
  }
  return check_definitions(pkg, codes);
}
