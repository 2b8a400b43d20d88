/* callers.c: what a program may ask about stacks while it runs: runtime.Stack, Caller, Callers and what a word of
 * theirs stands for.
 *
 * Each is a runtime call of the goroutine that asks, so its own stack is walked from gp->sched like any other's. The text of
 * Stack goes the way of a report (rtprintf), into a buffer instead of standard error (M.writebuf). For all goroutines
 * the world is stopped first, so that the text shows one moment, and each is suspended while it is printed, since
 * one in a system call may come back and queue meanwhile.
 *
 * The frame of the Toy function that makes the call, and that the caller knows by name (runtime.Callers), is number 0. */
#include "logical.h"
#include "rtcalls.h"
#include "runtime.h"
#include "traceback.h"

/* ---- Stack */

void rt_runtime_worldacquire(void) { worldsema_acquire(NULL); }

static void write_stacks(G *gp, bool all) {
  goroutineheader(gp);
  traceback(gp);
  if (all)
    tracebacksuspended(gp);
}

int64_t rt_runtime_stack(void *buf, int64_t n, bool all) {
  struct writebuf text = {buf, (size_t)n, 0};
  G *gp = toy_m->curg;
  if (all)
    stopTheWorld("stack trace");
  toy_m->writebuf = &text;
  write_stacks(gp, all);
  toy_m->writebuf = NULL;
  if (all) {
    startTheWorld();
    worldsema_release();
  }
  return (int64_t)text.used;
}

/* ---- Callers */

struct collector { int64_t skip, n, max; uintptr_t *pcs; };

static void collect(void *arg, const struct logical *l) {
  struct collector *c = arg;
  if (c->skip > 0)
    c->skip--;
  else if (c->n < c->max)
    c->pcs[c->n++] = l->pc;
}

int64_t rt_runtime_callers(int64_t skip, void *pcs, int64_t max) {
  struct collector c = {.skip = skip, .max = max, .pcs = pcs};
  struct frame f;
  const G *gp = toy_m->curg;
  for (bool more = frame_first(gp, &f); more && c.n < max; more = frame_next(gp, &f))
    logical_frames(&f, collect, &c);
  return c.n;
}

/* ---- what a word stands for; the layout is that of type place in stdlib/runtime */

struct place { struct toy_str function, file; int64_t line; uintptr_t entry; };

static struct toy_str string_of(const char *s) { return (struct toy_str){s, (int64_t)__builtin_strlen(s)}; }

bool rt_runtime_placeof(int64_t pc, void *out) {
  struct logical l;
  if (!logical_at((uintptr_t)pc, &l))
    return false;
  *(struct place *)out = (struct place){string_of(l.name), string_of(l.file), l.line, l.entry};
  return true;
}
