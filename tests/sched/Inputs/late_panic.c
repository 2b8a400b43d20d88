#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

static void *wait_for_input(void *flag) {
  char c;
  if (read(0, &c, 1) < 0) _exit(9);
  __atomic_store_n((int64_t *)flag, 1, __ATOMIC_RELEASE);
  return NULL;
}

/* Sets *flag, from a thread of its own, when there is input or its end. */
int watch_input(int64_t *flag) {
  pthread_t thread;
  return pthread_create(&thread, NULL, wait_for_input, flag);
}
