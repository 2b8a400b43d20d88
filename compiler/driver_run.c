/* driver_run.c: `toy run`: compiles to a cached executable, then becomes it.
 *
 * The executable's name is a hash of all that went into it: the text and absolute name of every source file, the
 * flags, the compiler, the runtime and the compiled library (by size and time of change: they are files of one
 * build). A second run of the same program is a parse and an exec. Entries that nobody has run for some days are
 * removed when a new one is made.
 *
 * The cache is a folder that only its owner can write: $XDG_CACHE_HOME/toy, else ~/.cache/toy, else one in /tmp.
 */
#include "driver_compile.h"
#include "link.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <llvm-c/blake3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { KEY_BYTES = 20, KEEP_SECONDS = 5 * 24 * 3600 };

/* ---- the key */

static void add_text(llvm_blake3_hasher *hasher, const char *text) {
  llvm_blake3_hasher_update(hasher, text, strlen(text) + 1);
}

static void add_identity(llvm_blake3_hasher *hasher, const char *path) {
  struct stat st = {0};
  if (stat(path, &st) < 0) return; /* the link will say what is missing */
  int64_t identity[] = {(int64_t)st.st_dev, (int64_t)st.st_ino, st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec};
  add_text(hasher, path);
  llvm_blake3_hasher_update(hasher, identity, sizeof identity);
}

static void add_source(llvm_blake3_hasher *hasher, const Source *source) {
  char absolute[PATH_MAX];
  uint64_t size = source->size;
  add_text(hasher, realpath(source->path, absolute) ? absolute : source->path);
  llvm_blake3_hasher_update(hasher, &size, sizeof size);
  llvm_blake3_hasher_update(hasher, source->text, source->size);
}

static const char *program_key(const Options *options, const Program *program) {
  llvm_blake3_hasher hasher;
  uint8_t bytes[KEY_BYTES];
  char text[KEY_BYTES * 2 + 1];
  llvm_blake3_hasher_init(&hasher);
  for (int i = 0; i < program->sources.n; i++) add_source(&hasher, program->sources.v[i]);
  for (int i = 0; i < program->order.n; i++)
    if (program->order.v[i]->stdlib) add_identity(&hasher, link_stdlib_object(program->order.v[i]->path));
  add_identity(&hasher, "/proc/self/exe");
  add_identity(&hasher, link_runtime_path());
  for (int i = 0; i < options->link_words.n; i++) {
    add_text(&hasher, options->link_words.v[i]);
    add_identity(&hasher, options->link_words.v[i]);
  }
  const char *linker = getenv("TOY_LD");
  add_text(&hasher, format("-O%d -g%d %s", options->opt_level, options->debug_info, linker ? linker : ""));
  llvm_blake3_hasher_finalize(&hasher, bytes, sizeof bytes);
  for (int i = 0; i < KEY_BYTES; i++) snprintf(text + i * 2, 3, "%02x", bytes[i]);
  return format("%s", text);
}

/* ---- the folder */

/* Ours alone: another user's folder could hand us another user's program. */
static bool is_usable(const char *folder) {
  struct stat st;
  if (mkdir(folder, 0700) < 0 && errno != EEXIST) return false;
  if (lstat(folder, &st) < 0 || !S_ISDIR(st.st_mode)) return false;
  return st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH)) && access(folder, W_OK | X_OK) == 0;
}

static const char *cache_folder(void) {
  const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  const char *parent = xdg && *xdg == '/' ? xdg : home && *home == '/' ? format("%s/.cache", home) : NULL;
  if (parent) {
    mkdir(parent, 0700); /* whether it worked shows in the next line */
    const char *folder = format("%s/toy", parent);
    if (is_usable(folder)) return folder;
  }
  const char *tmp = getenv("TMPDIR");
  const char *folder = format("%s/toy-%u", tmp && *tmp == '/' ? tmp : "/tmp", (unsigned)geteuid());
  if (is_usable(folder)) return folder;
  tool_error("no folder for compiled programs: neither %s/toy nor %s can be written by this user alone",
             parent ? parent : "~/.cache", folder);
  return NULL;
}

static void remove_old(const char *folder) {
  DIR *dir = opendir(folder);
  if (!dir) return;
  time_t now = time(NULL);
  for (struct dirent *entry; (entry = readdir(dir));) {
    struct stat st;
    const char *path = format("%s/%s", folder, entry->d_name);
    if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && now - st.st_mtime > KEEP_SECONDS) unlink(path);
  }
  closedir(dir);
}

/* Null after a message. */
static const char *cached_program(const Options *options, const Program *program) {
  const char *folder = cache_folder();
  if (!folder) return NULL;
  const char *path = format("%s/%s", folder, program_key(options, program));
  if (access(path, X_OK) == 0) {
    utimensat(AT_FDCWD, path, NULL, 0); /* marks it as in use; a refusal only shortens its life */
    return path;
  }
  remove_old(folder);
  return compile_program(options, program, path) ? path : NULL;
}

static int become(const char *path, char **args) {
  TextList words = {0};
  list_push(&words, path);
  for (; *args; args++) list_push(&words, *args);
  list_push(&words, NULL);
  execv(path, (char **)words.v);
  return tool_error("cannot run %s: %s", path, strerror(errno));
}

int run_command(const Options *options) {
  Program program;
  if (!compile_load(options, &program)) return compile_failed();
  const char *path = cached_program(options, &program);
  return path ? become(path, options->args) : compile_failed();
}
