/* lock_test.c: the runtime's lock under eight threads, some of which hold it so long that others sleep: nobody is let in beside
 * another, nobody is forgotten asleep; with the kernel's barrier and without. And what is wrong is noticed. */
#include <pthread.h>

#include "death.h"
#include "runtime.h"
#include "unit.h"

enum { THREADS = 8, TIMES = 20000, LONG_EVERY = 1000 };
static struct mutex l;
static uint64_t count, slept;

static void *work(void *unused) {
  M *mp = calloc(1, sizeof *mp);
  toy_m = mp;
  for (int i = 0; i < TIMES; i++) {
    lock(&l);
    uint64_t seen = count;
    if (i % LONG_EVERY == 0) {
      usleep_os(300);
      slept++;
    }
    count = seen + 1;
    unlock(&l);
  }
  CHECK_EQ(mp->locks, 0);
  return NULL;
}

static void run(void) {
  pthread_t t[THREADS];
  count = slept = 0;
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&t[i], NULL, work, NULL) != 0)
      abort();
  for (int i = 0; i < THREADS; i++)
    pthread_join(t[i], NULL);
  CHECK_EQ(count, THREADS * TIMES);
  CHECK_EQ(slept, THREADS * TIMES / LONG_EVERY);
  CHECK_EQ(l.held, 0);
}

static void unlock_twice(void) {
  lock(&l);
  unlock(&l);
  unlock(&l);
}

int main(void) {
  m0_init();
  ncpu = os_ncpu();
  alarm(100); /* a lost wake-up */
  unit_case = "full barriers on both sides";
  run();
  CHECK_DEATH(unlock_twice(), "unlock of unlocked lock");
  unit_case = "waiters make the barrier";
  os_membarrier_register();
  run();
  CHECK_DEATH(unlock_twice(), "unlock of unlocked lock");
  return unit_end();
}
