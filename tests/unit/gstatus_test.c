/* gstatus_test: the transition matrix of goroutines: every legal pair works, every other ends the program.
 *
 * The scan bit: taken by one of two, waited for by every transition, given back once; on states that have one only.
 *
 * Rows: PR-3, ST-1, ST-2, ST-3, ST-5, ST-6, ST-7, ST-8. */
#include <pthread.h>

#include "death.h"
#include "runtime.h"

static const uint32_t states[] = {Gidle, Grunnable, Grunning, Gsyscall, Gwaiting, Gdead, Gcopystack, Gpreempted};

/* Written out again, from systems.md and not from the source: FROM, TO. */
static const uint32_t legal[][2] = {
  {Gidle, Gdead}, {Gdead, Grunnable}, {Grunnable, Grunning}, {Grunning, Grunnable}, {Grunning, Gwaiting},
  {Grunning, Gsyscall}, {Grunning, Gcopystack}, {Grunning, Gdead}, {Grunning, Gpreempted}, {Gsyscall, Grunning},
  {Gsyscall, Grunnable}, {Gwaiting, Grunnable}, {Gcopystack, Grunning}, {Gpreempted, Gwaiting},
  {Gwaiting, Grunning}, {Gwaiting, Gcopystack}, {Grunnable, Gcopystack}, {Gcopystack, Grunnable}, {Gcopystack, Gwaiting},
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

/* ST-6: the bit is a lock for scanners. */
static void test_scan_bit(void) {
  static const uint32_t with_bit[] = {Grunnable, Grunning, Gsyscall, Gwaiting, Gpreempted};
  G gp = {.goid = 9};
  for (size_t i = 0; i < nelem(with_bit); i++) {
    uint32_t s = with_bit[i];
    unit_case = gstatus_name(s);
    atomic_store(&gp.atomicstatus, s);
    CHECK(castogscanstatus(&gp, s));
    CHECK_EQ(readgstatus(&gp), s | Gscan);
    CHECK(!castogscanstatus(&gp, s));
    casfrom_Gscanstatus(&gp, s);
    CHECK_EQ(readgstatus(&gp), s);
    CHECK_DEATH(casfrom_Gscanstatus(&gp, s), "casgstatus: goroutine 9");
  }
  atomic_store(&gp.atomicstatus, Grunning);
  CHECK(!castogscanstatus(&gp, Gwaiting));
  CHECK_DEATH(castogscanstatus(&gp, Gdead), "casgstatus: goroutine 9: dead -> dead, is running");
  CHECK_DEATH(casfrom_Gscanstatus(&gp, Gcopystack), "casgstatus: goroutine 9");
}

/* ---- a thread that gives the bit back after a while; its G's transition must not have happened before */

static G held;
static _Atomic bool waiter_through;
static _Atomic uint32_t seen_while_held, reason_while_held;

static void *give_back(void *arg) {
  usleep(20000);
  atomic_store(&seen_while_held, readgstatus(&held) | (atomic_load(&waiter_through) ? 0x8000u : 0));
  atomic_store(&reason_while_held, __atomic_load_n(&held.waitreason, __ATOMIC_RELAXED));
  casfrom_Gscanstatus(&held, (uint32_t)(uintptr_t)arg);
  return NULL;
}

static void while_held(uint32_t status, void (*transition)(void)) {
  pthread_t t;
  atomic_store(&held.atomicstatus, status | Gscan);
  atomic_store(&waiter_through, false);
  CHECK_EQ(pthread_create(&t, NULL, give_back, (void *)(uintptr_t)status), 0);
  transition();
  atomic_store(&waiter_through, true);
  pthread_join(t, NULL);
  CHECK_EQ(atomic_load(&seen_while_held), status | Gscan);
}

static void wake(void) { casgstatus(&held, Gwaiting, Grunnable); }
static void copy(void) { CHECK_EQ(casgcopystack(&held), Gwaiting); }
static void sleeps(void) { casGToWaiting(&held, Grunning, waitReasonSelect); }
static void park(void) { casGToPreemptScan(&held); }

/* ST-3, ST-7, ST-8: every transition waits for the scanner and clears nothing of its. */
static void test_scanner_in_the_way(void) {
  unit_case = "a scanner in the way";
  held.goid = 10;
  while_held(Gwaiting, wake);
  CHECK_EQ(readgstatus(&held), Grunnable);
  while_held(Gwaiting, copy);
  CHECK_EQ(readgstatus(&held), Gcopystack);
  CHECK_DEATH(casgcopystack(&held), "is copystack");
  held.waitreason = waitReasonZero;
  while_held(Grunning, sleeps);
  CHECK_EQ(readgstatus(&held), Gwaiting);
  CHECK_EQ(atomic_load(&reason_while_held), waitReasonSelect); /* ST-5: the reason comes first */
  while_held(Grunning, park);
  CHECK_EQ(readgstatus(&held), Gpreempted | Gscan);
  CHECK(!casGFromPreempted(&held));
  casfrom_Gscanstatus(&held, Gpreempted);
  CHECK(casGFromPreempted(&held));
  CHECK(!casGFromPreempted(&held)); /* one suspender */
  CHECK_EQ(readgstatus(&held), Gwaiting);
}

/* ST-5: who sees "waiting" sees a reason: one thread parks and readies, another looks. */
enum { PARKS = 200000 };
static void *parks(void *arg) {
  for (int i = 0; i < PARKS; i++) {
    held.waitreason = waitReasonZero;
    casGToWaiting(&held, Grunning, waitReasonSleep);
    casgstatus(&held, Gwaiting, Grunnable);
    casgstatus(&held, Grunnable, Grunning);
  }
  atomic_store(&waiter_through, true);
  return NULL;
}

static void test_reason(void) {
  unit_case = "waiting with a reason";
  pthread_t t;
  atomic_store(&held.atomicstatus, Grunning);
  atomic_store(&waiter_through, false);
  CHECK_EQ(pthread_create(&t, NULL, parks, NULL), 0);
  int bad = 0;
  while (!atomic_load(&waiter_through))
    if (castogscanstatus(&held, Gwaiting)) {
      bad += __atomic_load_n(&held.waitreason, __ATOMIC_RELAXED) != waitReasonSleep;
      casfrom_Gscanstatus(&held, Gwaiting);
    }
  pthread_join(t, NULL);
  CHECK_EQ(bad, 0);
}

int main(void) {
  m0_init();
  test_scan_bit();
  test_scanner_in_the_way();
  test_reason();
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
