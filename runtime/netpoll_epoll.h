/* netpoll_epoll.h: between netpoll.c and the kernel's mechanism. */
#ifndef TOY_NETPOLL_EPOLL_H
#define TOY_NETPOLL_EPOLL_H

#include "netpoll.h"

enum { POLL_READ = 1, POLL_WRITE = 2, POLL_FAILED = 4 /* an error and nothing else */ };

int netpoll_os_init(void); /* errno; may be tried again */
bool netpoll_os_own(int fd);                   /* one of the poller's own descriptors? */
int netpoll_os_open(int fd, uint64_t data);    /* 0 or errno; data comes back with each event and is not 0 */
int netpoll_os_close(int fd);

/* An event of the descriptor that `data` names; goroutines that may go on are put on the list; returns the change of the
 * number of waiters. */
int32_t netpoll_event(struct gqueue *list, uint64_t data, uint32_t mode);

#endif
