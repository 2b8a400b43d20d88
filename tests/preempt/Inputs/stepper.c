/* stepper.c: runs a program under ptrace and asks for preemption at every instruction of its compiled code.
 *
 *   stepper PLACES PREFIX PERCENT PROGRAM…
 *
 * PLACES is what places.py says of PROGRAM. Each instruction gets a breakpoint. Where one is hit, the marks of a
 * request are set as preemptone does (the goroutine, its P, the poisoned guard, the pending flag) and SIGURG is
 * delivered before that very instruction, through the kernel and the runtime's own handler. What must follow:
 *   - the signal is acknowledged (preemptGen), wherever it hit (the pending flag tells nothing: sysmon may have asked
 *     since);
 *   - where the tables allow a stop, the next thing is asyncPreempt's first instruction, its return address is the
 *     place to resume at, and the frame chain leads from there through compiled code to the goroutine's start; where
 *     not, the goroutine goes on, and asyncPreempt is not called;
 *   - before a stopped goroutine comes back to the instruction, the program's other goroutines have had a turn
 *     (main.turns);
 *   - of functions whose names begin with PREFIX, if they were called at all, PERCENT of the instructions have been
 *     met.
 * PERCENT 0: the last two are not asked for.
 * What the program prints is compared by the test with what it prints when nobody disturbs it.
 *
 * On one P (the test sets TOYMAXPROCS=1) one thread at a time runs compiled code, so a breakpoint may be lifted while a
 * thread passes it, and one variable remembers which: it is planted again at that thread's next stop. An instruction is
 * asked at its hits 1, 2, 4, 8, … and loses its breakpoint after LAST_HIT, so the cost is a few stops an instruction,
 * however long the program runs.
 *
 * Rejected: single steps (a hundred times as many stops, nearly all in the runtime's C); the trap flag from inside (no
 * kernel signal frame, no SIGURG: Inputs/step.c, for IR that no Toy program makes).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime.h"

enum { LAST_HIT = 32, MAX_GOROUTINES = 64, MAX_FRAMES = 100000, BREAKPOINT = 0xcc };

/* ---- what PLACES says */

struct place {
  uintptr_t at, resume; /* resume 0: must not be stopped */
  char fn[128];
  uint8_t byte;         /* the program's own */
  bool planted;
  unsigned hits, accepted, refused;
};

static struct place *places;
static size_t nplaces;
static struct place entry_of_asyncPreempt;
static intptr_t off_toy_g, off_toy_m;
static uintptr_t at_turns, at_gostart_ret;

static _Noreturn void __attribute__((format(printf, 1, 2))) die(const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  fputs("stepper: ", stderr);
  vfprintf(stderr, fmt, ap);
  fputc('\n', stderr);
  exit(1);
}

static void take_symbol(const char *name, intptr_t value) {
  if (!strcmp(name, "toy_g")) off_toy_g = value;
  else if (!strcmp(name, "toy_m")) off_toy_m = value;
  else if (!strcmp(name, "main.turns")) at_turns = (uintptr_t)value;
  else if (!strcmp(name, "toy_gostart_ret")) at_gostart_ret = (uintptr_t)value;
  else entry_of_asyncPreempt.at = (uintptr_t)value;
}

static int by_address(const void *a, const void *b) {
  uintptr_t x = ((const struct place *)a)->at, y = ((const struct place *)b)->at;
  return (x > y) - (x < y);
}

static void read_places(const char *path) {
  FILE *f = fopen(path, "r");
  char line[512], name[128];
  intptr_t value;
  if (!f)
    die("%s: %s", path, strerror(errno));
  while (fgets(line, sizeof line, f)) {
    struct place p = {0};
    if (sscanf(line, "symbol %127s %ld", name, &value) == 2) {
      take_symbol(name, value);
    } else if (sscanf(line, "place %lu %lu %127s", &p.at, &p.resume, p.fn) == 3) {
      places = realloc(places, (nplaces + 1) * sizeof *places);
      places[nplaces++] = p;
    }
  }
  fclose(f);
  qsort(places, nplaces, sizeof *places, by_address);
  if (!nplaces || !off_toy_g || !off_toy_m || !at_turns || !at_gostart_ret || !entry_of_asyncPreempt.at)
    die("%s: incomplete", path);
}

static struct place *place_at(uintptr_t at) {
  struct place key = {.at = at};
  if (at == entry_of_asyncPreempt.at)
    return &entry_of_asyncPreempt;
  return bsearch(&key, places, nplaces, sizeof *places, by_address);
}

static bool in_text(uintptr_t at) { return at >= places[0].at && at <= places[nplaces - 1].at + 15; }

/* ---- the program's memory */

static pid_t program;
static int memory;

static void get(uintptr_t at, void *to, size_t n) {
  if (pread(memory, to, n, (off_t)at) != (ssize_t)n)
    die("nothing to read at %#lx", at);
}
static void put(uintptr_t at, const void *from, size_t n) {
  if (pwrite(memory, from, n, (off_t)at) != (ssize_t)n)
    die("nothing to write at %#lx", at);
}
static uintptr_t word(uintptr_t at) {
  uintptr_t v;
  get(at, &v, sizeof v);
  return v;
}
static uint32_t half(uintptr_t at) {
  uint32_t v;
  get(at, &v, sizeof v);
  return v;
}
#define FIELD(object, type, field) ((object) + offsetof(type, field))

static void plant(struct place *p) {
  uint8_t trap = BREAKPOINT;
  if (!p->planted)
    get(p->at, &p->byte, 1), put(p->at, &trap, 1);
  p->planted = true;
}
static void lift(struct place *p) {
  if (p->planted)
    put(p->at, &p->byte, 1);
  p->planted = false;
}

/* ---- goroutines that are stopped, by their G */

static struct stopped { uintptr_t g; struct place *at; uint64_t turns; } stopped[MAX_GOROUTINES];
static uintptr_t partner; /* the goroutine that counts the turns: its own do not show in its own stops */
static unsigned long stops, refusals, back, back_after_turns, foreign;

static struct stopped *stopped_of(uintptr_t g) {
  for (int i = 0; i < MAX_GOROUTINES; i++)
    if (stopped[i].g == g || !stopped[i].g) {
      stopped[i].g = g;
      return &stopped[i];
    }
  die("more than %d goroutines", MAX_GOROUTINES);
}

/* True if the goroutine has come back to where it was stopped: no new visit. */
static bool has_come_back(uintptr_t g, const struct place *p) {
  struct stopped *s = stopped_of(g);
  if (s->at != p)
    return false;
  s->at = NULL;
  if (g != partner) {
    back++;
    back_after_turns += word(at_turns) > s->turns;
  }
  return true;
}

/* ---- asking and judging */

static struct asking { struct place *at; uintptr_t g, m; uint32_t gen; } asking; /* the request under way; at null: none */

static void poke_request(const struct asking *a) {
  uint8_t yes = 1;
  uint32_t pending = 1;
  uintptr_t poison = TOY_STACK_PREEMPT, p = word(FIELD(a->m, M, p));
  put(FIELD(a->g, G, preempt), &yes, 1);
  put(FIELD(p, P, preempt), &yes, 1);
  put(word(FIELD(a->m, M, guard)), &poison, sizeof poison);
  put(FIELD(a->m, M, signalPending), &pending, sizeof pending);
}

/* As if the runtime had sent it. */
static void make_ours(pid_t tid) {
  siginfo_t info = {.si_signo = SIGURG, .si_code = SI_TKILL};
  info.si_pid = program;
  info.si_uid = getuid();
  if (ptrace(PTRACE_SETSIGINFO, tid, 0, &info))
    die("PTRACE_SETSIGINFO: %s", strerror(errno));
}

static void check_chain(const struct place *p, const struct user_regs_struct *r) {
  uintptr_t bp = r->rbp, lo = r->rsp, pc;
  for (int n = 0; n < MAX_FRAMES; n++) {
    if (bp <= lo)
      break;
    pc = word(bp + 8);
    if (pc == at_gostart_ret)
      return;
    if (!in_text(pc))
      break;
    lo = bp;
    bp = word(bp);
  }
  die("%s: stopped at %#lx, and its callers cannot be found from rbp %#llx", p->fn, p->at, r->rbp);
}

static void judge(const struct user_regs_struct *r, bool accepted) {
  struct place *p = asking.at;
  bool allowed = p->resume != 0;
  asking.at = NULL;
  if (half(FIELD(asking.m, M, preemptGen)) == asking.gen)
    die("%s: the signal at %#lx was not acknowledged", p->fn, p->at);
  if (accepted != allowed)
    die("%s: stopped %s at %#lx", p->fn, accepted ? "where it must not be" : "not, which is allowed,", p->at);
  if (!accepted) {
    p->refused++, refusals++;
    return;
  }
  if (word(r->rsp) != p->resume)
    die("%s: stopped at %#lx, goes on at %#lx instead of %#lx", p->fn, p->at, word(r->rsp), p->resume);
  check_chain(p, r);
  p->accepted++, stops++;
  struct stopped *s = stopped_of(asking.g);
  s->at = place_at(p->resume);
  s->turns = word(at_turns);
}

/* ---- stops */

static struct place *lifted; /* to be planted again at the next stop */

static void go_on(pid_t tid, int sig) {
  if (ptrace(PTRACE_CONT, tid, 0, sig) && errno != ESRCH)
    die("PTRACE_CONT: %s", strerror(errno));
}

static bool wants_asking(const struct place *p) { return p->hits <= LAST_HIT && (p->hits & (p->hits - 1)) == 0; }

/* The signal to go on with. */
static int visit(pid_t tid, struct place *p, const struct user_regs_struct *r) {
  uintptr_t g = word(r->fs_base + (uintptr_t)off_toy_g), m = word(r->fs_base + (uintptr_t)off_toy_m);
  if (has_come_back(g, p) || (p->hits++, !wants_asking(p)))
    return 0;
  if (!strcmp(p->fn, "main.partner"))
    partner = g;
  if (word(FIELD(m, M, curg)) != g)
    die("%s: compiled code runs at %#lx on no goroutine's stack", p->fn, p->at);
  asking = (struct asking){p, g, m, half(FIELD(m, M, preemptGen))};
  poke_request(&asking);
  make_ours(tid);
  return SIGURG;
}

static void on_breakpoint(pid_t tid, struct place *p, struct user_regs_struct *r) {
  int sig = 0;
  r->rip = p->at;
  if (ptrace(PTRACE_SETREGS, tid, 0, r))
    die("PTRACE_SETREGS: %s", strerror(errno));
  bool entered = p == &entry_of_asyncPreempt;
  if (asking.at)
    judge(r, entered);
  else if (entered)
    foreign++;
  if (!entered)
    sig = visit(tid, p, r);
  lift(p);
  if (entered || p->hits < LAST_HIT)
    lifted = p;
  go_on(tid, sig);
}

/* Sysmon asks too. While a request of ours is under way its signal would only hide the answer. */
static void on_signal(pid_t tid, int sig) {
  if (sig == SIGURG && asking.at)
    sig = 0;
  go_on(tid, sig == SIGSTOP ? 0 : sig);
}

static void on_stop(pid_t tid, int status) {
  struct user_regs_struct r;
  int sig = WSTOPSIG(status);
  if (status >> 16 || sig != SIGTRAP) {
    on_signal(tid, status >> 16 ? 0 : sig);
    return;
  }
  if (ptrace(PTRACE_GETREGS, tid, 0, &r))
    die("PTRACE_GETREGS: %s", strerror(errno));
  if (lifted)
    plant(lifted);
  lifted = NULL;
  struct place *p = place_at(r.rip - 1);
  if (!p)
    die("a trap of the program's own at %#llx", r.rip);
  on_breakpoint(tid, p, &r);
}

/* ---- the program's life */

static void start(char **argv) {
  int status;
  char path[64];
  program = fork();
  if (program == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execv(argv[0], argv);
    _exit(127);
  }
  if (waitpid(program, &status, 0) != program || !WIFSTOPPED(status))
    die("%s does not start", argv[0]);
  snprintf(path, sizeof path, "/proc/%d/mem", program);
  memory = open(path, O_RDWR);
  if (memory < 0 || ptrace(PTRACE_SETOPTIONS, program, 0, PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL))
    die("%s: %s", path, strerror(errno));
  for (size_t i = 0; i < nplaces; i++)
    plant(&places[i]);
  plant(&entry_of_asyncPreempt);
  go_on(program, 0);
}

static int follow(void) {
  for (;;) {
    int status;
    pid_t tid = waitpid(-1, &status, __WALL);
    if (tid < 0)
      die("waitpid: %s", strerror(errno));
    if (WIFSTOPPED(status))
      on_stop(tid, status);
    else if (tid == program)
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}

/* ---- the account */

static int report(const char *prefix, unsigned percent) {
  size_t met = 0, all = 0, allowed = 0, asked = 0;
  for (size_t i = 0, first = 0; i < nplaces; i++) {
    const struct place *p = &places[i];
    if (strcmp(p->fn, places[first].fn))
      first = i;
    allowed += p->accepted != 0;
    asked += p->hits != 0;
    if (strncmp(p->fn, prefix, strlen(prefix)) || !places[first].hits)
      continue; /* inlined wherever it is used, perhaps */
    all++, met += p->hits != 0;
    if (!p->hits)
      printf("not reached: %s+%#lx\n", p->fn, p->at - places[first].at);
  }
  printf("%lu stops, %lu refusals, %lu of sysmon's; %lu back, %lu of them after others' turns\n", stops, refusals, foreign,
         back, back_after_turns);
  printf("%zu instructions met, %zu of them stopped at; of %s: %zu of %zu\n", asked, allowed, prefix, met, all);
  if (!percent)
    return 0;
  if (met * 100 < all * percent)
    die("only %zu of %zu instructions of %s were met", met, all, prefix);
  if (allowed * 10 < asked * 6)
    die("only %zu of %zu instructions could be stopped at", allowed, asked);
  if (back_after_turns * 4 < back * 3 || back * 2 < stops) /* the partner too is stopped in the middle of a turn */
    die("nobody else ran while goroutines were stopped");
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 5)
    die("usage: stepper PLACES PREFIX PERCENT PROGRAM...");
  read_places(argv[1]);
  start(argv + 4);
  int status = follow();
  if (status)
    die("the program ended with status %d", status);
  return report(argv[2], (unsigned)atoi(argv[3]));
}
