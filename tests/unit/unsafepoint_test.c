/* The unsafe-point table: which instructions are refused, which go back to their sequence's start, what is an error.
 *
 * Rows: SP-10, SP-11. */
#define UNIT_ALONE
#include "../../runtime/unsafepoint.c"
#include "unit.h"

static struct toy_func function = {.name = "f"};
const struct toy_func *findfunc(uintptr_t pc) { return function.entry && pc >= (uintptr_t)function.entry ? &function : NULL; }

static const struct toy_unsafe *row(uintptr_t begin, uintptr_t end, uint64_t kind) {
  static struct toy_unsafe r;
  r = (struct toy_unsafe){(void *)begin, (void *)end, kind};
  return &r;
}

struct want { uintptr_t pc; bool ok; uintptr_t resume; };

static void expect(const struct want *w, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uintptr_t resume = 0;
    CHECK_EQ(unsafepoint_resume(w[i].pc, &resume), w[i].ok);
    if (w[i].ok)
      CHECK_EQ(resume, w[i].resume);
  }
}
#define EXPECT(...) expect((struct want[]){__VA_ARGS__}, sizeof((struct want[]){__VA_ARGS__}) / sizeof(struct want))

static void fresh(void) {
  static struct toy_unsafe space[16];
  rows = space;
  nrows = 0;
}

int main(void) {
  unsafepoint_init(); /* a program without rows */
  EXPECT({5, true, 5});

  fresh();
  add_row(row(10, 20, TOY_UNSAFE));
  EXPECT({9, true, 9}, {10, true, 10}, {11, false, 0}, {19, false, 0}, {20, true, 20});

  unit_case = "touching rows stay two";
  fresh();
  add_row(row(10, 20, TOY_RESTART));
  add_row(row(20, 30, TOY_RESTART));
  EXPECT({15, true, 10}, {20, true, 20}, {21, true, 20}, {29, true, 20}, {30, true, 30});

  unit_case = "a sequence in a function never stopped";
  fresh();
  add_row(row(10, 100, TOY_UNSAFE));
  add_row(row(20, 30, TOY_RESTART));
  add_row(row(90, 110, TOY_UNSAFE));
  add_row(row(120, 130, TOY_RESTART));
  EXPECT({25, false, 0}, {50, false, 0}, {105, false, 0}, {110, true, 110}, {125, true, 120});
  CHECK_EQ(nrows, 2);

  unit_case = "back to the function's entry";
  fresh();
  CHECK_THROWS(add_row(row(10, 20, TOY_RESTART_ENTRY)), "has no entry");
  function.entry = (void *)4;
  add_row(row(4, 10, TOY_RESTART_ENTRY));
  add_row(row(20, 30, TOY_RESTART_ENTRY));
  EXPECT({4, true, 4}, {5, true, 4}, {9, true, 4}, {10, true, 10}, {20, true, 20}, {21, true, 4}, {29, true, 4}, {30, true, 30});
  CHECK_THROWS(add_row(row(40, 4 + TOY_RESTART_MAX + 1, TOY_RESTART_ENTRY)), "too long");
  CHECK_THROWS(add_row(row(25, 35, TOY_UNSAFE)), "inside a restartable");
  function.entry = NULL;

  fresh();
  CHECK_THROWS(add_row(row(10, 10, TOY_UNSAFE)), "is empty");
  CHECK_THROWS(add_row(row(10, 20, 7)), "unknown kind");
  CHECK_THROWS(add_row(row(10, 10 + TOY_RESTART_MAX + 1, TOY_RESTART)), "too long");
  add_row(row(10, 30, TOY_RESTART));
  CHECK_THROWS(add_row(row(20, 40, TOY_UNSAFE)), "inside a restartable");
  return unit_end();
}
