/* logical.c: from a frame on the stack to functions of the source.
 *
 * A physical frame is one call on the stack; a logical frame is one function of the source. Inlining makes several logical
 * frames of one call: struct toy_site's chain, innermost first. Wrappers, which the compiler made, are left out.
 *
 * Programs hold frames as single words (runtime.Callers). The innermost frame of a call is its return address; each function it
 * was inlined into has no address of its own, so it is named by the address of its row in the table of call sites, which lies
 * outside all code: the two kinds cannot be confused, and both are looked up again without any state.
 *
 * Rejected: one word a physical frame, expanded later (then a number of frames to skip cannot end between two functions that
 * are inlined in each other). */
#include "logical.h"

#include <string.h>

#include "symtab.h"

extern const struct toy_module __start_toymodules[] __attribute__((weak));
extern const struct toy_module __stop_toymodules[] __attribute__((weak));

static uintptr_t offset_in(const struct toy_func *f, uintptr_t pc) { return f ? pc - (uintptr_t)f->entry : 0; }

static bool inlined(const struct toy_site *s) { return s->inlined_at != TOY_SITE_NONE; }

/* f: the physical function, or null; pc: the return address. */
static struct logical of_site(const struct toy_site *s, const struct toy_func *f, uintptr_t pc) {
  struct logical l = {.name = s->func, .file = s->file, .line = s->line, .pc = pc};
  if (!inlined(s)) {
    l.offset = offset_in(f, pc);
    l.entry = f ? (uintptr_t)f->entry : 0;
  }
  return l;
}

static void meet_sites(const struct toy_site *s, const struct toy_site *sites, const struct toy_func *f, uintptr_t pc,
                       logical_fn *meet, void *arg) {
  for (bool first = true;; first = false, s = &sites[s->inlined_at]) {
    struct logical l = of_site(s, f, pc);
    if (!first)
      l.pc = (uintptr_t)s;
    if (!(s->flags & TOY_FUNC_WRAPPER))
      meet(arg, &l);
    if (!inlined(s))
      return;
  }
}

static const struct toy_site *outermost(const struct toy_site *s, const struct toy_site *sites) {
  while (inlined(s))
    s = &sites[s->inlined_at];
  return s;
}

/* An instruction that is no call: the tables know its function; the line is that of the call before it, as near as the
 * tables come, or the function's own. */
static struct logical of_function(const struct toy_func *f, uintptr_t pc, bool at_entry) {
  const struct toy_site *sites, *s = at_entry ? NULL : site_before(pc, &sites);
  uint32_t line = f->line;
  if (s && !strcmp(outermost(s, sites)->func, f->name))
    line = outermost(s, sites)->line;
  return (struct logical){f->name, f->file, line, offset_in(f, pc), pc, (uintptr_t)f->entry};
}

static void meet_function(const struct toy_func *f, uintptr_t pc, bool at_entry, logical_fn *meet, void *arg) {
  struct logical l = of_function(f, pc, at_entry);
  if (!(f->flags & TOY_FUNC_WRAPPER))
    meet(arg, &l);
}

void logical_frames(const struct frame *f, logical_fn *meet, void *arg) {
  const struct toy_func *fn = findfunc(frame_is_interrupted(f) ? f->pc : f->pc - 1);
  const struct toy_site *sites, *s = f->kind == FRAME_CALL ? site_at(f->pc, &sites) : NULL;
  if (s)
    meet_sites(s, sites, fn, f->pc, meet, arg);
  else if (fn)
    meet_function(fn, f->pc, f->kind == FRAME_PROLOGUE || f->kind == FRAME_ENTRY, meet, arg);
  else
    meet(arg, &(struct logical){.name = "?", .file = "?", .offset = f->pc, .pc = f->pc});
}

void logical_start(uintptr_t entry, logical_fn *meet, void *arg) {
  const struct toy_func *f = findfunc(entry);
  if (f)
    meet_function(f, entry, true, meet, arg);
}

/* ---- back from a word */

static const struct toy_site *site_by_address(uintptr_t a) {
  for (const struct toy_module *m = __start_toymodules; m < __stop_toymodules; m++) {
    uintptr_t first = (uintptr_t)m->sites, bytes = m->nsites * sizeof *m->sites;
    if (a - first < bytes && (a - first) % sizeof *m->sites == 0)
      return (const struct toy_site *)a;
  }
  return NULL;
}

bool logical_at(uintptr_t pc, struct logical *l) {
  const struct toy_site *sites, *s = in_toytext(pc - 1) ? site_at(pc, &sites) : site_by_address(pc);
  const struct toy_func *f = findfunc(pc - 1);
  if (!s && !f)
    f = findfunc(pc); /* a function's first instruction */
  if (s)
    *l = of_site(s, f, pc);
  else if (f)
    *l = of_function(f, pc, pc == (uintptr_t)f->entry);
  return s || f;
}
