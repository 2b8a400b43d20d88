/* gstatus_test: the transition matrix of goroutines: every legal pair works, every other ends the program.
 *
 * Rows: PR-3, ST-1, ST-2, ST-3. */
#include "death.h"
#include "runtime.h"

static const uint32_t states[] = {Gidle, Grunnable, Grunning, Gsyscall, Gwaiting, Gdead, Gcopystack, Gpreempted};

/* Written out again, from systems.md and not from the source: FROM, TO. */
static const uint32_t legal[][2] = {
  {Gidle, Gdead}, {Gdead, Grunnable}, {Grunnable, Grunning}, {Grunning, Grunnable}, {Grunning, Gwaiting},
  {Grunning, Gsyscall}, {Grunning, Gcopystack}, {Grunning, Gdead}, {Grunning, Gpreempted}, {Gsyscall, Grunning},
  {Gsyscall, Grunnable}, {Gwaiting, Grunnable}, {Gcopystack, Grunning}, {Gpreempted, Gwaiting},
};

static bool is_legal(uint32_t from, uint32_t to) {
  for (size_t i = 0; i < nelem(legal); i++)
    if (legal[i][0] == from && legal[i][1] == to)
      return true;
  return false;
}

static void one(uint32_t from, uint32_t to) {
  static char name[64];
  G gp = {.goid = 7};
  atomic_store(&gp.atomicstatus, from);
  snprintf(name, sizeof name, "%s -> %s", gstatus_name(from), gstatus_name(to));
  unit_case = name;
  if (is_legal(from, to)) {
    casgstatus(&gp, from, to);
    CHECK_EQ(readgstatus(&gp), to);
  } else {
    CHECK_DEATH(casgstatus(&gp, from, to), "casgstatus: goroutine 7");
  }
}

int main(void) {
  m0_init();
  for (size_t i = 0; i < nelem(states); i++)
    for (size_t j = 0; j < nelem(states); j++)
      one(states[i], states[j]);
  unit_case = "double ready";
  G gp = {.goid = 8};
  atomic_store(&gp.atomicstatus, Grunnable);
  CHECK_DEATH(casgstatus(&gp, Gwaiting, Grunnable), "is runnable");
  unit_case = "ready of a running goroutine";
  atomic_store(&gp.atomicstatus, Grunning);
  CHECK_DEATH(goready(&gp), "casgstatus: goroutine 8: waiting -> runnable, is running");
  unit_case = "the scan bit in an argument";
  CHECK_DEATH(casgstatus(&gp, Grunning | Gscan, Grunnable), "casgstatus");
  return unit_end();
}
