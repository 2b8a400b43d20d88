/* death.h: checks that a call ends the program with status 2 and a certain text on standard error. Runs it in a
 * child. */
#ifndef TOY_UNIT_DEATH_H
#define TOY_UNIT_DEATH_H

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static char death_text[16384];

/* In the child: 0. In the parent: 1 + its exit status, its standard error in death_text. */
__attribute__((unused)) static int death_fork(void) {
  int fds[2], status = 0;
  if (pipe(fds) != 0)
    abort();
  fflush(NULL);
  pid_t pid = fork();
  if (pid < 0)
    abort();
  if (pid == 0) {
    dup2(fds[1], 2);
    alarm(20);
    return 0;
  }
  close(fds[1]);
  size_t n = 0;
  for (ssize_t got; n < sizeof death_text - 1 && (got = read(fds[0], death_text + n, sizeof death_text - 1 - n)) > 0;)
    n += (size_t)got;
  death_text[n] = 0;
  close(fds[0]);
  waitpid(pid, &status, 0);
  return 1 + (WIFEXITED(status) ? WEXITSTATUS(status) : 128);
}

#define CHECK_DEATH(stmt, text)                                                                      \
  do {                                                                                               \
    int death_status = death_fork();                                                                 \
    if (death_status == 0) {                                                                         \
      stmt;                                                                                          \
      _exit(0);                                                                                      \
    }                                                                                                \
    CHECK_EQ(death_status - 1, 2);                                                                   \
    CHECK(strstr(death_text, text));                                                                 \
    if (!strstr(death_text, text))                                                                   \
      fprintf(stderr, "  no \"%s\" in:\n%s\n", text, death_text);                                    \
  } while (0)

#endif
