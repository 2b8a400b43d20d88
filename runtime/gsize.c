/* gsize.c: TOYDEBUG=gsize=1: at exit, goroutines by state, and the stacks that goroutines have beside those that the allocator
 * has handed out, by size. The two are counted apart, so that a stack that is lost, or owned twice, shows.
 *
 * The program is frozen first. Goroutines that no freeze stops in time (in C at that moment) may still be counted wrong: the
 * numbers are exact in a program that ends with its goroutines at rest. */
#include "runtime.h"

enum { CLASSES = STACK_ORDERS + 1, STATES = Gpreempted + 1 }; /* the last class: all larger ones */

static uint32_t class_of(size_t bytes) {
  uint32_t order = 0;
  while (order < STACK_ORDERS && ((size_t)TOY_STACK_MIN << order) < bytes)
    order++;
  return order;
}

static void count(uint64_t states[STATES], uint64_t stacks[CLASSES]) {
  size_t n = atomic_load_explicit(&allglen, memory_order_acquire); /* partner: allgadd */
  G **gs = atomic_load_explicit(&allgs, memory_order_acquire);
  for (size_t i = 0; i < n; i++) {
    states[readgstatus(gs[i]) & ~(uint32_t)Gscan]++;
    if (gs[i]->stack.lo)
      stacks[class_of(gs[i]->stack.hi - gs[i]->stack.lo)]++;
  }
}

static void print_class(uint32_t c, uint64_t stacks) {
  rtprintf("gsize: stacks of %s%lu bytes: %lu, handed out: %lu\n", c == STACK_ORDERS ? "more than " : "",
           (unsigned long)TOY_STACK_MIN << (c == STACK_ORDERS ? c - 1 : c), (unsigned long)stacks,
           (unsigned long)stackinuse(c));
}

void gsize_print(void) {
  uint64_t states[STATES] = {0}, stacks[CLASSES] = {0};
  freezetheworld();
  count(states, stacks);
  for (uint32_t s = 0; s < STATES; s++)
    if (states[s])
      rtprintf("gsize: %s: %lu\n", gstatus_name(s), (unsigned long)states[s]);
  for (uint32_t c = 0; c < CLASSES; c++)
    print_class(c, stacks[c]);
}
