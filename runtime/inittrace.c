/* inittrace.c: TOYDEBUG=inittrace=1: what the initialisation of each package cost.
 *
 * The compiler puts a call before and a call after each package that has something to do (compiler/init_order.c decides the
 * order). A line is written in Go's form: when it began, counted from the first goroutine's start, how long it took, and what
 * the initialising goroutine allocated meanwhile. That is goroutine 1, and it does one package after the other, so the counters
 * are plain words that only it touches; what goroutines started by an initialiser allocate is theirs.
 */
#include "inittrace.h"

#include "print.h"
#include "rtcalls.h"
#include "runtime.h"

static int64_t runtimeInitTime, begin;

void inittrace_init(void) {
  runtimeInitTime = nanotime();
  alloc_count.on = debugvars.inittrace > 0;
}

void rt_inittaskbegin(void) {
  if (!alloc_count.on)
    return;
  alloc_count = (struct alloc_count){.on = true, .goid = toy_m->curg->goid};
  begin = nanotime();
}

/* Milliseconds: from ten on whole ones, below them two digits with at most three behind the point. */
void out_ms(struct outbuf *b, uint64_t ns) {
  static const uint64_t powers[] = {1, 10, 100, 1000};
  uint64_t value = ns / 1000, places = 3;
  if (ns >= 10000000)
    value = ns / 1000000, places = 0;
  for (; places && value >= 100; value /= 10)
    places--;
  out_uint(b, value / powers[places]);
  if (value && places)
    out_cstr(b, ".");
  for (uint64_t i = places; value && i-- > 0;)
    out_uint(b, value / powers[i] % 10);
}

void rt_inittaskdone(const void *package) {
  if (!alloc_count.on)
    return;
  int64_t now = nanotime();
  struct outbuf b;
  out_init(&b);
  out_cstr(&b, "init ");
  out_cstr(&b, package);
  out_cstr(&b, " @");
  out_ms(&b, (uint64_t)(begin - runtimeInitTime));
  out_cstr(&b, " ms, ");
  out_ms(&b, (uint64_t)(now - begin));
  out_cstr(&b, " ms clock, ");
  out_uint(&b, alloc_count.bytes);
  out_cstr(&b, " bytes, ");
  out_uint(&b, alloc_count.allocs);
  out_cstr(&b, " allocs\n");
  out_flush(&b);
}
