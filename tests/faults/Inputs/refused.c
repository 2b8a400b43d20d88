/* For programs that want calls refused while they run. */
#include "refuse.h"

int refuse_threads(void) { return refuse(SYS_clone, SYS_clone3, EAGAIN); }
int refuse_memory(void) { return refuse(SYS_mmap, SYS_mremap, ENOMEM); }
int refuse_poller(int error) { return refuse(SYS_epoll_create1, SYS_eventfd2, error); }
