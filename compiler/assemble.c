/* assemble.c: assembly files of a package, and the functions that they define.
 *
 * A package's folder may have .S files beside its .toy files, and `toy build` takes them on the command line: GNU syntax, read
 * by the C preprocessor first, assembled by the C compiler (TOY_CC names another one) with the folder of toy_asm.h on its
 * search path. A function that a .toy file declares without a body must be defined there, under its full symbol (docs/abi.md);
 * one that is not is reported at its declaration, which the linker could not name.
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

static bool run_assembler(const char *source, const char *object) {
  const char *cc = getenv("TOY_CC"), *headers = assemble_headers();
  if (!cc || !*cc) cc = LINK_CC;
  const char *const words[] = {cc, "-c", "-x", "assembler-with-cpp", "-I", headers, "-o", object, source, NULL};
  pid_t pid;
  int status, refused = headers ? posix_spawnp(&pid, cc, NULL, NULL, (char **)words, environ) : ENOENT;
  if (refused) return tool_error("cannot start the assembler %s: %s", cc, strerror(refused)), false;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return tool_error("waiting for the assembler: %s", strerror(errno)), false;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  tool_error("the assembler failed on %s (its messages are above)", source);
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
    if (f->body || is_defined(f->symbol, codes, pkg->nasm)) continue;
    error_at(f->obj->pos, "function %s has no body here and no assembly file of its package defines %s", f->obj->name, f->symbol);
    good = false;
  }
  return good;
}

static bool assemble_one(const char *source, const char **object, ObjectCode *code) {
  int fd = memfd_create(source, 0);
  if (fd < 0) return tool_error("cannot hold the object of %s in memory: %s", source, strerror(errno)), false;
  *object = format("/proc/self/fd/%d", fd);
  if (!run_assembler(source, *object)) return false;
  return read_object(fd, code) || (tool_error("the assembler wrote no object for %s", source), false);
}

bool assemble_package(const Package *pkg, TextList *objects) {
  ObjectCode *codes = arena_alloc((size_t)(pkg->nasm + 1) * sizeof *codes);
  for (int i = 0; i < pkg->nasm; i++) {
    const char *object;
    if (!assemble_one(pkg->asm_files[i], &object, &codes[i])) return false;
    list_push(objects, object);
  }
  return check_definitions(pkg, codes);
}
