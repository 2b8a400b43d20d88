/* ancestors.c: TOYDEBUG=tracebackancestors=N: a traceback goes on with the stacks that the go statements behind it were
 * executed on: the parent's, its parent's, N at most.
 *
 * They are copies, made when a goroutine is born: a parent may be long gone when its child panics. A G owns an array of
 * ancestors, the nearest first: its parent's frames as they stand and the first N - 1 of its parent's own. The array
 * stays with the G when that is used again, so a report never meets freed memory. Each birth copies N records: that is
 * slow, hence off by default. The goroutines of the system's making have none.
 *
 * Rejected: records shared by reference counts. Every birth would write to a line that its siblings write to as well. */
#include "ancestors.h"

#include <string.h>

#include "traceback.h"

enum { FRAMES = 100, MOST = 1000 }; /* frames kept of one ancestor, ancestors kept of one goroutine */

struct ancestor {
  uint64_t goid;
  uintptr_t gopc;              /* of the go statement that made it; 0: the first goroutine */
  uint32_t n;
  uintptr_t pcs[FRAMES];
};
struct ancestors { uint32_t n; struct ancestor v[]; };

static uint32_t wanted(void) {
  int64_t n = debugvars.tracebackancestors;
  return n < 1 ? 1 : n > MOST ? MOST : (uint32_t)n;
}

static void note_parent(struct ancestor *a, const G *parent) {
  struct frame f;
  *a = (struct ancestor){.goid = parent->goid, .gopc = parent->gopc};
  for (bool more = frame_first(parent, &f); more && a->n < FRAMES; more = frame_next(parent, &f))
    a->pcs[a->n++] = f.pc;
}

void saveAncestors(G *newg, const G *parent) {
  uint32_t most = wanted();
  if (!newg->ancestors)
    newg->ancestors = persistentalloc(sizeof(struct ancestors) + most * sizeof(struct ancestor), 8);
  struct ancestors *all = newg->ancestors;
  const struct ancestors *old = parent->ancestors;
  uint32_t older = !old ? 0 : old->n < most ? old->n : most - 1;
  note_parent(&all->v[0], parent);
  if (older)
    memcpy(&all->v[1], old->v, older * sizeof all->v[0]);
  all->n = older + 1;
}

void printAncestors(const G *gp) {
  const struct ancestors *all = gp->ancestors;
  for (uint32_t i = 0; all && i < all->n; i++) {
    const struct ancestor *a = &all->v[i];
    rtprintf("[originating from goroutine %lu]:\n", (unsigned long)a->goid);
    traceback_pcs(a->pcs, a->n);
    if (a->n == FRAMES)
      rtprintf("...additional frames elided...\n");
    if (a->goid != 1)
      print_gostatement("created by ", a->gopc, "");
  }
}
