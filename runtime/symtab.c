/* symtab.c: functions by address, places by call.
 *
 * The compiler's rows (section toyfuncs) come in link order, which is nearly address order but is not promised; they are
 * sorted once at start, as pointers, and searched by halves afterwards. A function ends where the next begins: all Toy code
 * lies in one section, so what is between two functions is padding.
 *
 * Link-once functions (generic code, wrappers) leave one copy and a row from each object that had one; the rows then name
 * the same entry and any of them will do.
 */
#include "symtab.h"

#include <stdlib.h>

#include "runtime.h"
#include "stackmap.h"

extern const struct toy_func __start_toyfuncs[] __attribute__((weak));
extern const struct toy_func __stop_toyfuncs[] __attribute__((weak));

static const struct toy_func **functab; /* by entry, ascending, no entry twice */
static size_t nfunctab;

static int by_entry(const void *a, const void *b) {
  uintptr_t x = (uintptr_t)(*(const struct toy_func *const *)a)->entry;
  uintptr_t y = (uintptr_t)(*(const struct toy_func *const *)b)->entry;
  return (x > y) - (x < y);
}

static void unique(void) {
  size_t n = 0;
  for (size_t i = 0; i < nfunctab; i++)
    if (n == 0 || functab[n - 1]->entry != functab[i]->entry)
      functab[n++] = functab[i];
  nfunctab = n;
}

void symtab_init(void) {
  size_t n = (size_t)(__stop_toyfuncs - __start_toyfuncs);
  functab = persistentalloc((n + 1) * sizeof *functab, 8);
  for (const struct toy_func *f = __start_toyfuncs; f < __stop_toyfuncs; f++)
    if (f->entry) /* null: a row whose link-once function another object provides */
      functab[nfunctab++] = f;
  qsort(functab, nfunctab, sizeof *functab, by_entry);
  unique();
}

/* Index of the last function that starts at or before pc, plus one; 0 if none does. */
static size_t upper(uintptr_t pc) {
  size_t lo = 0, hi = nfunctab;
  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    if ((uintptr_t)functab[mid]->entry <= pc)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

const struct toy_func *findfunc(uintptr_t pc) {
  size_t i = in_toytext(pc) ? upper(pc) : 0;
  return i ? functab[i - 1] : NULL;
}

bool is_entry(uintptr_t pc) {
  const struct toy_func *f = findfunc(pc);
  return f && (uintptr_t)f->entry == pc;
}

const struct toy_site *site_at(uintptr_t return_pc, const struct toy_site **sites) {
  const struct stackmap_record *rec = stackmap_find(return_pc);
  if (!rec)
    return NULL;
  *sites = rec->module->sites;
  return &rec->module->sites[rec->site];
}

/* Only for reports, so a walk over the whole table will do. */
const struct toy_site *site_before(uintptr_t pc, const struct toy_site **sites) {
  const struct toy_func *f = findfunc(pc);
  const struct stackmap_record *rec, *best = NULL;
  uintptr_t at, best_at = 0;
  for (size_t i = 0; f && (rec = stackmap_next(&i, &at));)
    if (at <= pc && at > best_at && at > (uintptr_t)f->entry) {
      best = rec;
      best_at = at;
    }
  if (!best)
    return NULL;
  *sites = best->module->sites;
  return &best->module->sites[best->site];
}
