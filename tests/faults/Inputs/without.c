/* without threads|poller PROGRAM ARGS: runs it where these are refused from the start. */
#include <stdio.h>
#include <string.h>

#include "refuse.h"

int main(int argc, char **argv) {
  int bad = strcmp(argv[1], "threads") == 0 ? refuse(SYS_clone, SYS_clone3, EAGAIN)
                                            : refuse(SYS_epoll_create1, SYS_eventfd2, EMFILE);
  if (bad) return perror("seccomp"), 77;
  execv(argv[2], argv + 2);
  return perror(argv[2]), 78;
}
