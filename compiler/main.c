/* main.c: the command line of `toy`.
 *
 * Commands and flags are tables; a flag is legal for the commands in its mask. Status 0: done; 1: the program, a file
 * or the machine is at fault, with a diagnostic; 2: the command line is. `toy run` ends with the program's own
 * status.
 *
 * The command runs on a thread with a very large, lazily backed stack: tree walks of the compiler and of LLVM are
 * recursive, and the depth that the parser admits must not depend on the shell's stack limit.
 */
#include "driver.h"
#include "verify.h"
#include "version.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { RUN = 1, BUILD = 2, EMIT = 4, LOWER = 8, VERIFY = 16, VERSION = 32 };

static int complain(const char *prefix, const char *fmt, va_list ap) {
  fprintf(stderr, "toy: %s%s\n", prefix, vformat(fmt, ap));
  return 1;
}

int tool_error(const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  complain("error: ", fmt, ap);
  va_end(ap);
  return 1;
}

int usage_error(const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  complain("", fmt, ap);
  va_end(ap);
  fprintf(stderr, "Run 'toy help' for usage.\n");
  return 2;
}

/* ---- flags */

typedef enum FlagKind { FLAG_SET, FLAG_TEXT /* the next word */, FLAG_NUMBER /* --name=N */ } FlagKind;

static const struct Flag { const char *name; FlagKind kind; size_t field; int value, commands; } flags[] = {
    {"-O0", FLAG_SET, offsetof(Options, opt_level), 0, RUN | BUILD | EMIT | LOWER},
    {"-O1", FLAG_SET, offsetof(Options, opt_level), 1, RUN | BUILD | EMIT | LOWER},
    {"-O2", FLAG_SET, offsetof(Options, opt_level), 2, RUN | BUILD | EMIT | LOWER},
    {"-O3", FLAG_SET, offsetof(Options, opt_level), 3, RUN | BUILD | EMIT | LOWER},
    {"-g", FLAG_SET, offsetof(Options, debug_info), 1, RUN | BUILD | EMIT | LOWER},
    {"-v", FLAG_SET, offsetof(Options, verbose), 1, RUN | BUILD | VERIFY},
    {"-c", FLAG_SET, offsetof(Options, compile_only), 1, BUILD},
    {"-o", FLAG_TEXT, offsetof(Options, output), 0, BUILD | EMIT | LOWER},
    {"--package", FLAG_TEXT, offsetof(Options, package), 0, BUILD | EMIT | LOWER},
    {"--max-errors", FLAG_NUMBER, offsetof(Options, max_errors), 0, RUN | BUILD | EMIT},
    {"--tokens", FLAG_SET, offsetof(Options, emit), EMIT_TOKENS, EMIT},
    {"--ast", FLAG_SET, offsetof(Options, emit), EMIT_AST, EMIT},
    {"--ast=typed", FLAG_SET, offsetof(Options, emit), EMIT_AST_TYPED, EMIT},
    {"--escape", FLAG_SET, offsetof(Options, emit), EMIT_ESCAPE, EMIT},
    {"--llvm", FLAG_SET, offsetof(Options, emit), EMIT_LLVM, EMIT | LOWER},
    {"--llvm=optimised", FLAG_SET, offsetof(Options, emit), EMIT_LLVM_OPTIMISED, EMIT | LOWER},
    {"--llvm=lowered", FLAG_SET, offsetof(Options, emit), EMIT_LLVM_LOWERED, EMIT | LOWER},
    {"--llvm=statepoints", FLAG_SET, offsetof(Options, emit), EMIT_LLVM_STATEPOINTS, EMIT | LOWER},
    {"--asm", FLAG_SET, offsetof(Options, emit), EMIT_ASM, EMIT | LOWER},
    {"--obj", FLAG_SET, offsetof(Options, emit), EMIT_OBJ, EMIT | LOWER},
    {"--stackmaps", FLAG_SET, offsetof(Options, emit), EMIT_STACKMAPS, EMIT | LOWER},
    {"--unsafe-points", FLAG_SET, offsetof(Options, emit), EMIT_UNSAFE, EMIT | LOWER},
};

static bool parse_number(const char *text, int *number) {
  char *end;
  errno = 0;
  long n = strtol(text, &end, 10);
  if (errno || end == text || *end || n < 0 || n > 1000000000) return false;
  *number = (int)n;
  return true;
}

static const struct Flag *find_flag(const char *word) {
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
    size_t length = strlen(flags[i].name);
    if (strcmp(word, flags[i].name) == 0) return &flags[i];
    if (flags[i].kind == FLAG_NUMBER && strncmp(word, flags[i].name, length) == 0 && word[length] == '=')
      return &flags[i];
  }
  return NULL;
}

/* Returns how many words it took, or 0 after a complaint. */
static int take_flag(Options *o, char **words, const char *command_name, int command) {
  const struct Flag *flag = find_flag(words[0]);
  if (!flag || !(flag->commands & command)) {
    usage_error("%s: unknown flag %s", command_name, words[0]);
    return 0;
  }
  void *field = (char *)o + flag->field;
  if (flag->kind == FLAG_SET) {
    *(int *)field = flag->value;
    return 1;
  }
  if (flag->kind == FLAG_TEXT) {
    if (!words[1]) return usage_error("%s: flag %s needs a value", command_name, flag->name), 0;
    *(const char **)field = words[1];
    return 2;
  }
  const char *equals = strchr(words[0], '=');
  if (!equals || !parse_number(equals + 1, field))
    return usage_error("%s: flag %s needs a number: %s=N", command_name, flag->name, flag->name), 0;
  return 1;
}

/* ---- commands */

static int help_command(const Options *options) {
  fputs("Toy compiles a subset of Go to native code with goroutines.\n\n"
        "usage: toy COMMAND [FLAGS] ...\n\n"
        "  toy run [FLAGS] FILE.toy... [-- ARGS]   compile and run; exits with the program's status\n"
        "  toy build [FLAGS] [-o OUT] FILE.toy...|DIR [FILE.S FILE.c FILE.o FILE.a -LDIR -lNAME...]\n"
        "  toy emit STAGE FILE.toy...|DIR          print a stage: --tokens --ast[=typed] --escape\n"
        "                                          --llvm[=optimised|lowered|statepoints]\n"
        "                                          --asm --obj --stackmaps --unsafe-points\n"
        "  toy lower FILE.ll|FILE.bc -o OUT.o      the back end alone, for any frontend's IR (docs/abi.md)\n"
        "  toy verify BINARY...                    proves that the runtime can stop, walk and move the program's code\n"
        "  toy version [BINARY...]                 of the compiler; of what made a program\n"
        "  toy help\n\n"
        "flags:\n"
        "  -O0 -O1 -O2 -O3   how hard to optimise (-O2)\n"
        "  -g                line tables for debuggers\n"
        "  -o OUT            name of the result (the first file's name without .toy)\n"
        "  -c                compile one package to an object file, do not link\n"
        "  --package PATH    with -c: the import path of the package; if not set, its name\n"
        "  -lNAME -LDIR      link with libNAME.a, looked for in DIR (docs/c.md)\n"
        "  -v                show what is run and how long it takes\n"
        "  --max-errors=N    stop after N errors (20), 0: never\n",
        stdout);
  return 0;
}

static int later_command(const Options *options) { return tool_error("not yet supported: this command"); }

static const struct Command {
  const char *name;
  int (*run)(const Options *);
  int mask;
  bool needs_input;
} commands[] = {
    {"run", run_command, RUN, true},          {"build", build_command, BUILD, true},
    {"emit", emit_command, EMIT, true},       {"lower", lower_command, LOWER, true},
    {"verify", verify_command, VERIFY, true},
    {"version", version_command, VERSION, false},
    {"--version", version_command, VERSION, false},
    {"help", help_command, 0, false},         {"--help", help_command, 0, false},
    {"-h", help_command, 0, false},           {"fmt", later_command, 0, false},
    {"test", later_command, 0, false},
};

static const struct Command *find_command(const char *name) {
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
    if (strcmp(commands[i].name, name) == 0) return &commands[i];
  return NULL;
}

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), k = strlen(end);
  return n >= k && strcmp(text + n - k, end) == 0;
}

/* What a program is linked with besides what is compiled. */
static bool is_link_word(const char *word, int command) {
  if (!(command & (RUN | BUILD))) return false;
  bool library = word[0] == '-' && (word[1] == 'l' || word[1] == 'L') && word[2];
  return library || (word[0] != '-' && (ends_with(word, ".o") || ends_with(word, ".a")));
}

/* False after a complaint. */
static bool parse_words(Options *o, const struct Command *command, char **words) {
  static char *no_args[] = {NULL};
  o->args = no_args;
  while (*words) {
    if (command->mask == RUN && strcmp(*words, "--") == 0) {
      o->args = words + 1;
      return true;
    }
    if (is_link_word(*words, command->mask)) {
      list_push(&o->link_words, *words++);
    } else if (**words == '-' && (*words)[1] && command->mask) {
      int taken = take_flag(o, words, command->name, command->mask);
      if (taken == 0) return false;
      words += taken;
    } else {
      list_push(&o->inputs, *words++);
    }
  }
  return true;
}

typedef struct Job { int argc; char **argv; int status; } Job;

static int run_job(const Job *job) {
  if (job->argc < 2) return help_command(NULL), 2;
  const struct Command *command = find_command(job->argv[1]);
  if (!command) return usage_error("unknown command %s", job->argv[1]);
  Options options = {.opt_level = 2, .max_errors = 20};
  if (!parse_words(&options, command, job->argv + 2)) return 2;
  if (command->needs_input && options.inputs.n == 0) return usage_error("%s: no input files", command->name);
  return command->run(&options);
}

static void *job_thread(void *argument) {
  Job *job = argument;
  job->status = run_job(job);
  return NULL;
}

/* Lazily backed, so its size is a matter of address space only; under a limit on that, less has to do. */
static void *map_stack(size_t *bytes) {
  int lazy = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;
  for (*bytes = (size_t)1 << 30; *bytes >= (size_t)64 << 20; *bytes /= 2) {
    void *stack = mmap(NULL, *bytes, PROT_READ | PROT_WRITE, lazy, -1, 0);
    if (stack != MAP_FAILED) return stack;
  }
  return NULL;
}

int main(int argc, char **argv) {
  Job job = {argc, argv, 1};
  size_t stack_bytes;
  void *stack = map_stack(&stack_bytes);
  if (!stack) return tool_error("no address space for the compiler's stack: %s", strerror(errno));
  pthread_attr_t attr;
  pthread_t thread;
  int refused = pthread_attr_init(&attr);
  if (!refused) refused = pthread_attr_setstack(&attr, stack, stack_bytes);
  if (!refused) refused = pthread_create(&thread, &attr, job_thread, &job);
  if (!refused) refused = pthread_join(thread, NULL);
  if (refused) return tool_error("cannot start the compiler's thread: %s", strerror(refused));
  if (fflush(stdout) || ferror(stdout)) return tool_error("cannot write to standard output: %s", strerror(errno));
  return job.status;
}
