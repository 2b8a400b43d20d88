/* fd.c: descriptors as package os uses them: counted references, one reader and one writer at a time, and closing.
 *
 * A descriptor's number means something only as long as it is open; the kernel gives it to the next open. So the number may
 * be closed only when no goroutine is between "this File is open" and its system call. Each operation therefore holds a
 * reference; Close marks the descriptor closed, so that no new operation begins, wakes those that wait in the poller or
 * for their turn, and whoever gives back the last reference closes the number. Close of a descriptor of the poller
 * waits for that, since it is bound to happen soon; of one that blocks in the kernel it does not: the read may last for ever.
 *
 * Readers take turns, and so do writers, in the order of their coming. That keeps the bytes of one Write together, and it
 * is what lets the poller have one waiter for each direction.
 *
 * Rejected: one word for all of it, changed by CAS, as Go has: it saves a lock in each operation, of which the system call
 * inside costs ten times as much.
 */
#include <errno.h>
#include <fcntl.h>

#include "malloc.h"
#include "netpoll.h"
#include "rtcalls.h"
#include "runtime.h"

struct toy_fd {
  int32_t fd;                 /* constant */
  struct pollDesc *pd;        /* constant; null: its calls block in the kernel */
  struct mutex lock;          /* guards the rest */
  bool closed;                /* no new operation */
  bool destroyed;             /* the number is the kernel's again */
  uint32_t refs;              /* operations under way, Close included */
  struct { bool held; struct gqueue waiters; } turn[2]; /* POLLFD_READER, POLLFD_WRITER */
  G *closer;                  /* waits for destroyed */
};

enum { BEGIN_CLOSED = -1 };

/* ---- opening */

static bool is_nonblock(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && flags & O_NONBLOCK;
}

static bool set_nonblock(int fd, bool on) {
  int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) == 0;
}

/* To the poller if the kernel can, which for a file on a disk it cannot. */
static struct pollDesc *try_poll(int fd, bool make_nonblock) {
  int err;
  struct pollDesc *pd = pollOpen(fd, &err);
  if (!pd || !make_nonblock || set_nonblock(fd, true))
    return pd;
  pollEvict(pd);
  pollClose(pd);
  return NULL;
}

/* polled: a descriptor of our own, which may be made non-blocking; else only one that is so already is polled: others may
 * use it too. */
void *rt_os_fdOpen(int64_t fd, bool polled) {
  struct toy_fd *f = mallocnoscan(sizeof *f, 8);
  f->fd = (int32_t)fd;
  if (polled || is_nonblock(f->fd))
    f->pd = try_poll(f->fd, polled);
  return f;
}

bool rt_os_fdPolled(void *fd) { return ((struct toy_fd *)fd)->pd != NULL; }

/* The number, for use outside: calls on it may expect to block. */
bool rt_os_fdSetBlocking(void *fd) { return set_nonblock(((struct toy_fd *)fd)->fd, false); }

/* ---- operations */

static enum pollerr prepare(struct toy_fd *f, int64_t m) {
  return f->pd ? pollReset(f->pd, (int)m) : POLLERR_NONE;
}

/* Woken by the one before, who has handed the turn over, or by Close. */
static uintptr_t turn_came(G *gp) {
  struct toy_fd *f = (struct toy_fd *)gp->wakearg[0];
  if (gp->param == f)
    gp->param = NULL;
  else
    return (uintptr_t)(int64_t)BEGIN_CLOSED;
  return prepare(f, (int64_t)gp->wakearg[1]);
}

static _Noreturn void await_turn(struct toy_fd *f, int64_t m) {
  G *gp = toy_m->curg;
  gp->wakearg[0] = (uintptr_t)f;
  gp->wakearg[1] = (uint64_t)m;
  gp->param = NULL;
  gp->wakefn = turn_came;
  gqueue_pushback(&f->turn[m].waiters, gp);
  goparkunlock(&f->lock, waitReasonSemacquire);
}

int64_t rt_os_fdBegin(void *fd, int64_t m) {
  struct toy_fd *f = fd;
  lock(&f->lock);
  if (f->closed) {
    unlock(&f->lock);
    return BEGIN_CLOSED;
  }
  f->refs++;
  if (f->turn[m].held)
    await_turn(f, m);
  f->turn[m].held = true;
  unlock(&f->lock);
  return prepare(f, m);
}

/* Under lock. */
static bool drop_ref(struct toy_fd *f) {
  if (f->refs-- == 0)
    throwf("fd: descriptor %d has no references", f->fd);
  return f->closed && f->refs == 0;
}

bool rt_os_fdEnd(void *fd, int64_t m) {
  struct toy_fd *f = fd;
  lock(&f->lock);
  if (!f->turn[m].held)
    throwf("fd: descriptor %d: an operation ends that never began", f->fd);
  G *next = gqueue_pop(&f->turn[m].waiters);
  f->turn[m].held = next != NULL;
  bool last = drop_ref(f);
  unlock(&f->lock);
  if (next) {
    next->param = f;
    goready(next);
  }
  return last;
}

int64_t rt_os_fdWait(void *fd, int64_t m) { return pollWait(((struct toy_fd *)fd)->pd, (int)m); }

/* For what is neither reading nor writing. */
bool rt_os_fdRef(void *fd) {
  struct toy_fd *f = fd;
  lock(&f->lock);
  bool open = !f->closed;
  f->refs += open;
  unlock(&f->lock);
  return open;
}

bool rt_os_fdUnref(void *fd) {
  struct toy_fd *f = fd;
  lock(&f->lock);
  bool last = drop_ref(f);
  unlock(&f->lock);
  return last;
}

int64_t rt_os_fdNumber(void *fd) { return ((struct toy_fd *)fd)->fd; }

void rt_os_fdDeadline(void *fd, int64_t ns, bool reading, bool writing) {
  pollSetDeadline(((struct toy_fd *)fd)->pd, ns > 0 ? when_after(ns) : ns, reading, writing);
}

/* ---- closing */

/* Who waits for his turn has not begun: his reference goes. */
static struct gqueue send_away(struct toy_fd *f) {
  struct gqueue away = {NULL, NULL};
  for (int m = 0; m < 2; m++) {
    for (G *gp; (gp = gqueue_pop(&f->turn[m].waiters)); f->refs--)
      gqueue_pushback(&away, gp);
  }
  return away;
}

/* 0: it was closed before. 1: the caller must destroy it. 2: another does, and the caller waits. 3: another does, some time. */
int64_t rt_os_fdClose(void *fd) {
  struct toy_fd *f = fd;
  lock(&f->lock);
  if (f->closed) {
    unlock(&f->lock);
    return 0;
  }
  f->closed = true;
  f->refs++;
  struct gqueue away = send_away(f);
  unlock(&f->lock);
  for (G *gp; (gp = gqueue_pop(&away));)
    goready(gp);
  if (f->pd)
    pollEvict(f->pd);
  if (rt_os_fdUnref(f))
    return 1;
  return f->pd ? 2 : 3;
}

void rt_os_fdAwaitDestroyed(void *fd) {
  struct toy_fd *f = fd;
  lock(&f->lock);
  if (f->destroyed) {
    unlock(&f->lock);
    return;
  }
  f->closer = toy_m->curg;
  goparkunlock(&f->lock, waitReasonSemacquire);
}

/* Before the number is closed. */
void rt_os_fdForget(void *fd) {
  struct toy_fd *f = fd;
  if (f->pd)
    pollClose(f->pd);
}

/* After it. */
void rt_os_fdDestroyed(void *fd) {
  struct toy_fd *f = fd;
  lock(&f->lock);
  f->destroyed = true;
  G *closer = f->closer;
  unlock(&f->lock);
  if (closer)
    goready(closer);
}
