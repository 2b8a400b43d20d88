/* link.c: runs the linker.
 *
 * The executable is static and position-dependent: with lazy binding the dynamic linker's resolver would run on a 2 KiB
 * stack, and stack maps hold absolute addresses. --eh-frame-hdr is asked for because static executables get no table of
 * call-frame information otherwise, and the runtime looks every stopped PC up in it.
 *
 * The linker is started directly: a C compiler's driver in front of it would cost as much as the link.
 * TOY_LD names another linker; any that takes GNU ld's options serves.
 */
#include "link.h"
#include "link_config.h"
#include "output.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

const char *link_library_folder(void) {
  static const char *folder;
  if (folder) return folder;
  char path[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  if (n < 0) {
    tool_error("cannot find the compiler's own file: %s", strerror(errno));
    return NULL;
  }
  path[n] = 0;
  for (int up = 0; up < 2; up++) {
    char *slash = strrchr(path, '/');
    if (slash) *slash = 0;
  }
  return folder = format("%s/lib", path);
}

const char *link_runtime_path(void) {
  const char *folder = link_library_folder();
  return folder ? format("%s/libtoyrt.a", folder) : NULL;
}

const char *link_stdlib_object(const char *package_path) {
  const char *folder = link_library_folder();
  return folder ? format("%s/stdlib/%s.o", folder, package_path) : NULL;
}

const char *link_stdlib_sources(void) { return LINK_STDLIB_SOURCES; }

/* The linker's own complaint would name the file, but not why it should be there. Word 0 is the linker itself. */
static bool all_exist(TextList words) {
  for (int i = 1; i < words.n; i++) {
    if (words.v[i][0] != '/' || access(words.v[i], R_OK) == 0) continue;
    tool_error("cannot read %s: %s%s", words.v[i], strerror(errno),
               strstr(words.v[i], "libtoyrt.a") ? " (is the runtime built?)" : "");
    return false;
  }
  return true;
}

static void push_all(TextList *list, const char *const *words) {
  for (; *words; words++) list_push(list, *words);
}

/* Where libraries lie that no -L names: beside libc. */
static void push_link_words(TextList *words, TextList given) {
  bool libraries = false;
  for (int i = 0; i < given.n; i++) {
    list_push(words, given.v[i]);
    libraries |= given.v[i][0] == '-' && given.v[i][1] == 'l';
  }
  const char *slash = strrchr(LINK_LIBC, '/');
  if (libraries && slash) list_push(words, format("-L%.*s", (int)(slash - LINK_LIBC), LINK_LIBC));
}

static TextList command_line(const char *linker, TextList objects, TextList given, const char *output) {
  static const char *const head[] = {"-m", "elf_x86_64", "-static", "--eh-frame-hdr", "--build-id=none",
                                     "-z", "noexecstack", "-o", NULL};
  static const char *const start[] = {LINK_CRT1, LINK_CRTI, LINK_CRTBEGIN, NULL};
  static const char *const end[] = {"--start-group", LINK_LIBGCC, LINK_LIBGCC_EH, LINK_LIBM, LINK_LIBC,
                                    "--end-group", LINK_CRTEND, LINK_CRTN, NULL};
  TextList words = {0};
  list_push(&words, linker);
  if (strstr(linker, "lld")) list_push(&words, "--threads=1"); /* so small a link costs less than the threads for it */
  push_all(&words, head);
  list_push(&words, output);
  push_all(&words, start);
  for (int i = 0; i < objects.n; i++) list_push(&words, objects.v[i]);
  push_link_words(&words, given);
  list_push(&words, link_runtime_path());
  push_all(&words, end);
  return words;
}

static bool spawn_and_wait(TextList words) {
  pid_t pid;
  int status, refused = posix_spawnp(&pid, words.v[0], NULL, NULL, (char **)words.v, environ);
  if (refused) {
    tool_error("cannot start the linker %s: %s", words.v[0], strerror(refused));
    return false;
  }
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return tool_error("waiting for the linker: %s", strerror(errno)), false;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  if (WIFSIGNALED(status)) tool_error("the linker %s was killed by signal %d", words.v[0], WTERMSIG(status));
  else tool_error("the linker %s failed (its messages are above)", words.v[0]);
  return false;
}

static void print_words(TextList words) {
  for (int i = 0; i < words.n; i++) fprintf(stderr, "%s%s", i ? " " : "", words.v[i]);
  fprintf(stderr, "\n");
}

/* A rename would put the executable in the place of a folder's name or of a device. */
static bool is_replaceable(const char *output) {
  struct stat st;
  if (stat(output, &st) < 0 || S_ISREG(st.st_mode)) return true;
  return tool_error("cannot write %s: it is %s", output, S_ISDIR(st.st_mode) ? "a folder" : "not a file"), false;
}

static const char *linker_name(void) {
  const char *linker = getenv("TOY_LD");
  return linker && *linker ? linker : LINK_LINKER;
}

/* Runs the command, whose output is `temporary`, and gives that its name. */
static bool link_to(TextList words, const char *temporary, const char *output, bool verbose) {
  if (verbose) print_words(words);
  list_push(&words, NULL);
  words.n--;
  if (all_exist(words) && spawn_and_wait(words)) {
    if (rename(temporary, output) == 0) return true;
    tool_error("cannot write %s: %s", output, strerror(errno));
  }
  unlink(temporary);
  return false;
}

static bool can_read(TextList given) {
  for (int i = 0; i < given.n; i++)
    if (given.v[i][0] != '-' && access(given.v[i], R_OK) < 0)
      return tool_error("cannot read %s: %s", given.v[i], strerror(errno)), false;
  return true;
}

bool link_program(TextList objects, TextList given, const char *output, bool verbose) {
  if (!is_replaceable(output) || !link_library_folder() || !can_read(given)) return false;
  const char *temporary = output_temporary(output);
  return temporary && link_to(command_line(linker_name(), objects, given, temporary), temporary, output, verbose);
}

bool link_objects(TextList objects, const char *output, bool verbose) {
  const char *temporary = is_replaceable(output) ? output_temporary(output) : NULL;
  TextList words = {0};
  if (!temporary) return false;
  const char *const head[] = {linker_name(), "-m", "elf_x86_64", "-r", "-o", temporary, NULL};
  push_all(&words, head);
  for (int i = 0; i < objects.n; i++) list_push(&words, objects.v[i]);
  return link_to(words, temporary, output, verbose);
}
