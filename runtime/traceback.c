/* traceback.c: goroutines as text, in Go's layout.
 *
 *   goroutine 5 [chan receive, 2 minutes]:
 *   main.worker(...)
 *   	/home/u/prog.toy:12 +0x4d
 *   created by main.main in goroutine 1
 *   	/home/u/prog.toy:30 +0x8b
 *
 * What is printed are logical frames (logical.c). Arguments are not known, and main.main has none.
 *
 * Runs when the program is already wrong: on g0 or a signal stack, no locks, no allocation, no assumption but that stacks
 * are walkable. Others are frozen before their goroutines are printed; one that runs on all the same has no saved context
 * and is only named.
 *
 * At most 100 logical frames: the first 50 are printed as they are met, the rest go through a ring of 50, and the ring
 * is printed at the end, so one walk serves a stack of ten million frames.
 */
#include "traceback.h"

#include <stdio.h>
#include <string.h>

#include "ancestors.h"
#include "logical.h"
#include "stackmap.h"
#include "suspend.h"
#include "symtab.h"

enum { INNERMOST = 50, OUTERMOST = 50 };

/* ---- printing frames */

struct printer {
  uint64_t n;                         /* logical frames met */
  struct logical ring[OUTERMOST];     /* the latest of those after INNERMOST, at [(i - INNERMOST) % OUTERMOST] */
};

static void print_logical(const struct logical *l) {
  bool no_args = !strcmp(l->name, "main.main") || !strcmp(l->name, "main.init");
  rtprintf("%s(%s)\n\t%s:%u", l->name, no_args ? "" : "...", l->file, l->line);
  if (l->offset)
    rtprintf(" +0x%lx", (unsigned long)l->offset);
  rtprintf("\n");
}

/* Of the runtime's own functions only those that the program can name are of interest, and the panic that calls
 * deferred functions, under the name that the program knows, unless it is what the goroutine is doing right now. */
static const char *shown_name(const char *name, bool first) {
  static const char runtime[] = "runtime.";
  if (strncmp(name, runtime, sizeof runtime - 1))
    return name;
  if (!strcmp(name, "runtime.gopanic"))
    return first ? NULL : "panic";
  char c = name[sizeof runtime - 1];
  return (c >= 'A' && c <= 'Z') || c == '(' ? name : NULL;
}

static void meet(void *arg, const struct logical *frame) {
  struct printer *p = arg;
  struct logical shown = *frame, *l = &shown;
  l->name = shown_name(frame->name, p->n == 0);
  if (!l->name || (p->n == 0 && !strcmp(l->name, "runtime.Stack"))) /* the one that asks */
    return;
  if (p->n < INNERMOST)
    print_logical(l);
  else
    p->ring[(p->n - INNERMOST) % OUTERMOST] = *l;
  p->n++;
}

static void print_outermost(const struct printer *p) {
  if (p->n <= INNERMOST)
    return;
  uint64_t rest = p->n - INNERMOST, shown = rest < OUTERMOST ? rest : OUTERMOST;
  if (rest > shown)
    rtprintf("...%lu frames elided...\n", (unsigned long)(rest - shown));
  for (uint64_t i = rest - shown; i < rest; i++)
    print_logical(&p->ring[i % OUTERMOST]);
}

/* ---- a goroutine */

static struct { const G *gp; struct frame f; } interrupted;

void set_interrupted_frame(G *gp, struct frame f) {
  interrupted.f = f;
  interrupted.gp = gp;
}

bool traceback_first(const G *gp, struct frame *f) {
  if (gp == interrupted.gp) {
    *f = interrupted.f;
    return in_toytext(f->pc - 1);
  }
  return gp->sched.sp != 0 && frame_first(gp, f);
}

void print_gostatement(const char *prefix, uintptr_t gopc, const char *suffix) {
  const struct toy_func *f = gopc ? findfunc(gopc - 1) : NULL;
  if (!f)
    return;
  const struct toy_site *sites, *s = site_at(gopc, &sites);
  rtprintf("%s%s%s\n\t%s:%u +0x%lx\n", prefix, s ? s->func : f->name, suffix, s ? s->file : f->file, s ? s->line : f->line,
           (unsigned long)(gopc - (uintptr_t)f->entry));
}

static void print_createdby(const G *gp) {
  char parent[48];
  if (gp->goid == 1)
    return;
  snprintf(parent, sizeof parent, " in goroutine %lu", (unsigned long)gp->parentgoid);
  print_gostatement("created by ", gp->gopc, parent);
  printAncestors(gp);
}

void traceback_pcs(const uintptr_t *pcs, uint32_t n) {
  struct printer p;
  p.n = 0;
  for (uint32_t i = 0; i < n; i++)
    logical_frames(&(struct frame){.pc = pcs[i], .kind = FRAME_CALL}, meet, &p);
  print_outermost(&p);
}

void traceback(G *gp) {
  struct printer p;
  struct frame f;
  p.n = 0;
  for (bool more = traceback_first(gp, &f); more; more = frame_next(gp, &f))
    logical_frames(&f, meet, &p);
  if (gp->startfn) /* it has not run yet */
    logical_start(gp->startpc, meet, &p);
  print_outermost(&p);
  print_createdby(gp);
}

/* ---- all goroutines */

static const char *status_text(const G *gp, uint32_t status) {
  bool reason = status == Gwaiting && gp->waitreason != waitReasonZero;
  return reason ? waitreason_text[gp->waitreason] : gstatus_name(status);
}

static void header(const G *gp, uint32_t s) {
  uint32_t status = s & ~(uint32_t)Gscan;
  int64_t minutes = 0;
  if ((status == Gwaiting || status == Gsyscall) && gp->waitsince)
    minutes = (nanotime() - gp->waitsince) / (60ll * 1000 * 1000 * 1000);
  rtprintf("goroutine %lu [%s%s", (unsigned long)gp->goid, status_text(gp, status), s & Gscan ? " (scan)" : "");
  if (minutes >= 1)
    rtprintf(", %ld minutes", (long)minutes);
  if (gp->lockedm)
    rtprintf(", locked to thread");
  rtprintf("]:\n");
}

void goroutineheader(G *gp) { header(gp, readgstatus(gp)); }

/* On another thread now, its registers are its own. */
static bool runs_elsewhere(const G *gp) {
  uint32_t s = readgstatus(gp) & ~(uint32_t)Gscan;
  return (s == Grunning || s == Gcopystack) && gp != toy_m->curg;
}

/* For good, since the program dies: sysmon, which no freeze stops, may be about to shrink the stack. If somebody holds the
 * bit already, that is left to chance. */
static void keep_still(G *gp) {
  uint32_t s = readgstatus(gp);
  if (frozen() && (s == Gwaiting || s == Grunnable || s == Gsyscall))
    castogscanstatus(gp, s);
}

static void print_other(G *gp) {
  rtprintf("\n");
  goroutineheader(gp);
  keep_still(gp);
  if (runs_elsewhere(gp)) {
    rtprintf("\tgoroutine running on other thread; stack unavailable\n");
    print_createdby(gp);
  } else {
    traceback(gp);
  }
}

/* This thread's goroutine first, if it is not `me`; then all others as they were made. */
void tracebackothers(G *me) {
  G *cur = toy_m ? toy_m->curg : NULL;
  if (cur && cur != me)
    print_other(cur);
  size_t n = atomic_load_explicit(&allglen, memory_order_acquire); /* pairs with allgadd's release */
  G **gs = atomic_load_explicit(&allgs, memory_order_acquire);
  for (size_t i = 0; i < n; i++) {
    G *gp = gs[i];
    if (gp != me && gp != cur && !gp->system && (readgstatus(gp) & ~(uint32_t)Gscan) != Gdead)
      print_other(gp);
  }
}

/* ---- of a program that goes on */

static void print_suspended(G *gp) {
  struct suspended s = suspendG(gp);
  if (s.dead)
    return;
  rtprintf("\n");
  header(gp, readgstatus(gp) & ~(uint32_t)Gscan); /* the scanner is this one */
  traceback(gp);
  resumeG(s);
}

void tracebacksuspended(const G *me) {
  size_t n = atomic_load_explicit(&allglen, memory_order_acquire); /* pairs with allgadd's release */
  G **gs = atomic_load_explicit(&allgs, memory_order_acquire);
  showWaiting(waitReasonSuspendingG);
  for (size_t i = 0; i < n; i++)
    if (gs[i] != me && !gs[i]->system)
      print_suspended(gs[i]);
  showRunning();
}
