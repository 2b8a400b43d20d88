/* lockrank.c: builds with TOY_LOCKRANK: every lock is checked against the order of lockrank.h, on every path that a test
 * takes, whether or not another thread is there to make the deadlock happen.
 *
 * A thread's locks are kept as a stack; they may be released in any order. C holds no runtime lock while its goroutine
 * moves to another thread (schedule dies of that), so the list belongs to the thread. */
#include "lockrank.h"

#include "runtime.h"

#ifdef TOY_LOCKRANK
#undef lock /* the plain one, of lock.c */
#include <string.h>

enum { MOST = 64 };
enum order { ONE, ORDERED };

static const struct { enum order order; const char *file, *text; } ranks[] = {
#define X(order, file, text) {order, file, text},
  TOY_LOCKRANKS(X)
#undef X
};

static _Thread_local struct { const struct mutex *l; int rank; const char *file, *text; } held[MOST];
static _Thread_local int nheld;

static int rank_of(const char *file, const char *text) {
  for (size_t i = 0; i < nelem(ranks); i++)
    if (!strcmp(ranks[i].text, text) && (!ranks[i].file || !strcmp(ranks[i].file, file)))
      return (int)i;
  throwf("lock %s of %s has no rank", text, file);
}

static bool may_follow(int i, const struct mutex *l, int rank) {
  if (held[i].rank == rank)
    return ranks[rank].order == ORDERED && held[i].l < l;
  return held[i].rank < rank;
}

void lock_ranked(struct mutex *l, const char *file, const char *text) {
  int rank = rank_of(file, text);
  for (int i = 0; i < nheld; i++)
    if (!may_follow(i, l, rank)) {
      int n = nheld;
      nheld = 0; /* the report takes locks of its own, or none */
      throwf("lock order: %s (%s) taken under %s (%s), %d held", text, file, held[i].text, held[i].file, n);
    }
  if (nheld == MOST)
    throw("too many locks held");
  held[nheld].l = l;
  held[nheld].rank = rank;
  held[nheld].file = file;
  held[nheld++].text = text;
  lock(l);
}

void lock_released(const struct mutex *l) {
  int i = nheld - 1;
  while (i >= 0 && held[i].l != l)
    i--;
  if (i < 0)
    throw("unlock of a lock that this thread does not hold");
  for (nheld--; i < nheld; i++)
    held[i] = held[i + 1];
}
#else
typedef int lockrank_is_off;
#endif
