/* unsafepoint.c: sequences of compiled code that hold a value of their thread or processor between two instructions.
 *
 * A row covers begin < pc < end: at begin nothing has happened yet, at end all has. TOY_UNSAFE rows refuse the stop.
 * TOY_RESTART rows allow it and send the goroutine back to begin, so the sequence must be idempotent up to its last
 * instruction. TOY_RESTART_ENTRY rows send it to the function's entry: for functions, or beginnings of functions, without a
 * frame. Rows may touch; touching rows stay two, since begin of the second is a point where a stop is allowed and
 * is nobody's restart point. A row that begins inside an unsafe one (a sequence in a function that is never stopped)
 * becomes part of it; one that begins inside a restartable one is an error. A row may only be restarted from within
 * TOY_RESTART_MAX bytes: a longer one is a mistake of the compiler. Errors are found at start.
 *
 * Rejected: a code per instruction byte (Go's PC-value tables): most functions have no row at all, and the rows that exist are
 * few enough to sort at start.
 */
#include "unsafepoint.h"

#include <stdlib.h>
#include <string.h>

#include "runtime.h"
#include "symtab.h"

extern const struct toy_unsafe __start_toyunsafe[] __attribute__((weak));
extern const struct toy_unsafe __stop_toyunsafe[] __attribute__((weak));

enum { TOY_RESTART_MAX = 64 }; /* bytes */

static struct toy_unsafe *rows; /* by begin, ascending */
static uint64_t nrows;

static int by_begin(const void *a, const void *b) {
  uintptr_t x = (uintptr_t)((const struct toy_unsafe *)a)->begin, y = (uintptr_t)((const struct toy_unsafe *)b)->begin;
  return (x > y) - (x < y);
}

static uintptr_t restart_point(const struct toy_unsafe *r) {
  return (uintptr_t)(r->kind == TOY_RESTART ? r->begin : findfunc((uintptr_t)r->begin)->entry);
}

static void check_row(const struct toy_unsafe *r) {
  const struct toy_func *f = findfunc((uintptr_t)r->begin);
  const char *bad = NULL;
  if (r->begin >= r->end)
    bad = "is empty";
  else if (r->kind != TOY_UNSAFE && r->kind != TOY_RESTART && r->kind != TOY_RESTART_ENTRY)
    bad = "is of unknown kind";
  else if (r->kind == TOY_RESTART_ENTRY && !f)
    bad = "has no entry";
  else if (r->kind != TOY_UNSAFE && (uintptr_t)r->end - restart_point(r) > TOY_RESTART_MAX)
    bad = "is too long to restart";
  if (bad) {
    throwf("unsafe range %p-%p in %s %s", r->begin, r->end, f ? f->name : "unknown code", bad);
  }
}

/* Appends r to the table, or joins it to the unsafe row that it begins in. */
static void add_row(const struct toy_unsafe *r) {
  struct toy_unsafe *prev = nrows ? &rows[nrows - 1] : NULL;
  check_row(r);
  if (!prev || prev->end <= r->begin)
    rows[nrows++] = *r;
  else if (prev->kind != TOY_UNSAFE)
    throwf("unsafe range %p-%p begins inside a restartable one", r->begin, r->end);
  else if (r->end > prev->end)
    prev->end = r->end;
}

void unsafepoint_init(void) {
  uint64_t n = (uint64_t)(__stop_toyunsafe - __start_toyunsafe);
  rows = persistentalloc((n + 1) * sizeof *rows, 8);
  if (n)
    memcpy(rows, __start_toyunsafe, n * sizeof *rows);
  qsort(rows, n, sizeof *rows, by_begin);
  for (uint64_t i = 0; i < n; i++)
    add_row(&rows[i]); /* writes at or below what it reads */
}

bool unsafepoint_in(const struct toy_unsafe *table, uint64_t n, uintptr_t pc, uintptr_t *resume) {
  uint64_t lo = 0, hi = n; /* rows below lo begin before pc */
  while (lo < hi) {
    uint64_t mid = lo + (hi - lo) / 2;
    if ((uintptr_t)table[mid].begin < pc)
      lo = mid + 1;
    else
      hi = mid;
  }
  *resume = pc;
  const struct toy_unsafe *r = lo ? &table[lo - 1] : NULL;
  if (!r || pc >= (uintptr_t)r->end)
    return true;
  if (r->kind == TOY_UNSAFE)
    return false;
  *resume = restart_point(r);
  return true;
}

bool unsafepoint_resume(uintptr_t pc, uintptr_t *resume) { return unsafepoint_in(rows, nrows, pc, resume); }
