/* netpoll_epoll.c: the kernel's side of the poller: one epoll instance, edge-triggered, and an eventfd to interrupt it.
 *
 * A descriptor is registered once, for both directions, when it is opened, and never again: an edge is reported whether or
 * not somebody waits, and is remembered in the descriptor's state words (netpoll.c). So waiting costs no system call.
 *
 * The wait is interrupted by a write to the eventfd. wakeSig is 1 from the decision to write until the waiter has read: so
 * however many want to interrupt, there is one write a sleep. A look that does not wait leaves the eventfd as it is, for
 * the one who does.
 *
 * Closing the descriptor removes it from epoll, but an event may already be on its way in another thread's array: it
 * carries the descriptor's sequence number, which has changed by then.
 */
#define _GNU_SOURCE /* epoll_pwait2 */
#include "netpoll_epoll.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 128 };
static int epfd = -1, eventfd_fd = -1;
static _Atomic uint32_t wakeSig;
static _Atomic bool no_pwait2; /* an old kernel: time in milliseconds */

static int add(int fd, uint32_t events, uint64_t data) {
  struct epoll_event ev = {.events = events, .data.u64 = data};
  return epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev) == 0 ? 0 : errno;
}

static int make_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }
static int make_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/* A program that has reached its limit of open files may still sleep: for the two descriptors that takes, the limit is
 * lifted for a moment as far as the hard one allows. */
static int with_room(int (*make)(void)) {
  int fd = make();
  struct rlimit was, more;
  if (fd >= 0 || errno != EMFILE || getrlimit(RLIMIT_NOFILE, &was))
    return fd;
  more = (struct rlimit){was.rlim_max, was.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &more) == 0) {
    fd = make();
    int err = errno;
    setrlimit(RLIMIT_NOFILE, &was);
    errno = err;
  }
  return fd;
}

int netpoll_os_init(void) {
  if (epfd < 0)
    epfd = with_room(make_epoll);
  if (epfd >= 0 && eventfd_fd < 0)
    eventfd_fd = with_room(make_eventfd);
  if (epfd < 0 || eventfd_fd < 0)
    return errno;
  int err = add(eventfd_fd, EPOLLIN, 0);
  if (err)
    throwf("netpoll: epoll_ctl of the eventfd failed: errno=%d", err);
  return 0;
}

bool netpoll_os_own(int fd) { return fd >= 0 && (fd == epfd || fd == eventfd_fd); }

int netpoll_os_open(int fd, uint64_t data) { return add(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, data); }

int netpoll_os_close(int fd) {
  struct epoll_event ev = {0};
  return epoll_ctl(epfd, EPOLL_CTL_DEL, fd, &ev) == 0 ? 0 : errno;
}

void netpollBreak(void) {
  uint32_t none = 0;
  uint64_t one = 1;
  if (!atomic_compare_exchange_strong_explicit(&wakeSig, &none, 1, memory_order_seq_cst, memory_order_seq_cst))
    return;
  STAT(pollbreak);
  while (write(eventfd_fd, &one, sizeof one) != sizeof one) {
    if (errno == EAGAIN)
      return; /* it is readable, which is all we want */
    if (errno != EINTR)
      throwf("netpollBreak: write failed: errno=%d", errno);
  }
}

/* Only who waited: wakeSig is cleared after the read, or a break between the two would be lost. */
static void take_break(void) {
  uint64_t n;
  if (read(eventfd_fd, &n, sizeof n) < 0 && errno != EAGAIN && errno != EINTR)
    throwf("netpoll: read of the eventfd failed: errno=%d", errno);
  atomic_store_explicit(&wakeSig, 0, memory_order_seq_cst);
}

/* Never less than was asked: a timer that is looked at too early is looked at twice. */
static int milliseconds(int64_t delay) {
  if (delay <= 0)
    return delay < 0 ? -1 : 0;
  int64_t ms = delay / 1000000 + (delay % 1000000 != 0);
  return ms < 1000000000 ? (int)ms : 1000000000;
}

static int wait_events(struct epoll_event *ev, int64_t delay) {
  if (!atomic_load_explicit(&no_pwait2, memory_order_relaxed)) {
    struct timespec ts = {delay / 1000000000, delay % 1000000000};
    int n = epoll_pwait2(epfd, ev, EVENTS, delay < 0 ? NULL : &ts, NULL);
    if (n >= 0 || errno != ENOSYS)
      return n;
    atomic_store_explicit(&no_pwait2, true, memory_order_relaxed);
  }
  return epoll_wait(epfd, ev, EVENTS, milliseconds(delay));
}

static uint32_t modes(uint32_t events) {
  uint32_t m = 0;
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
    m |= POLL_READ;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
    m |= POLL_WRITE;
  return events == EPOLLERR ? m | POLL_FAILED : m;
}

struct gqueue netpoll(int64_t delay, int32_t *delta) {
  struct epoll_event ev[EVENTS];
  struct gqueue list = {NULL, NULL};
  *delta = 0;
  if (epfd < 0)
    return list;
  int n = wait_events(ev, delay);
  if (n < 0 && errno != EINTR)
    throwf("netpoll: epoll_wait failed: errno=%d", errno);
  for (int i = 0; i < n; i++) {
    if (ev[i].data.u64)
      *delta += netpoll_event(&list, ev[i].data.u64, modes(ev[i].events));
    else if (delay != 0)
      take_break();
  }
  return list; /* interrupted by a signal: the caller computes its time anew */
}
