/* timer.h: timers and the heaps they wait in; see timer.c. Included by runtime.h, behind struct mutex. */
#ifndef TOY_TIMER_H
#define TOY_TIMER_H

#define TIMER_NEVER INT64_MAX

enum timerbits {
  TIMER_HEAPED = 1,   /* in some P's heap */
  TIMER_MODIFIED = 2, /* heaped, and `when` differs from what the heap thinks */
  TIMER_ZOMBIE = 4    /* heaped, and to be taken out: stopped, or nobody waits on its channel */
};

/* What a timer does when it fires: on g0, by an M that has a P, without locks; it must not park. delay: how late, ns. */
typedef void (*timerfn)(void *arg, uint64_t seq, int64_t delay);

struct timer {
  struct mutex mu;             /* guards all below, unless said otherwise */
  _Atomic uint8_t astate;      /* state as of the last unlock: for a look without the lock */
  uint8_t state;               /* enum timerbits */
  bool isChan;                 /* constant: arg is an hchan (timerchan.c) */
  uint32_t blocked;            /* goroutines waiting on the channel */
  _Atomic int32_t sending;     /* one-shots fired and not sent yet: +1 under mu, -1 under the channel's lock */
  int64_t when, period;        /* ns; when 0: not set. period > 0: a ticker */
  timerfn f;
  void *arg;
  uint64_t seq;                /* of a channel timer: changed under mu and the channel's lock, so either lets one read it */
  struct timers *ts;           /* the heap it is in, or null; changed under that heap's lock too */
};

struct timerwhen { struct timer *t; int64_t when; };

/* A P's timers. mu guards heap, n and cap; the atomic words are for those who only want to know whether to come. */
struct timers {
  struct mutex mu;
  uint32_t n, cap;
  struct timerwhen *heap;
  _Atomic uint32_t len;             /* n as of the last unlock */
  _Atomic int32_t zombies;          /* in the heap */
  _Atomic int64_t minWhenHeap;      /* of heap[0]; 0: empty */
  _Atomic int64_t minWhenModified;  /* no later than the earliest `when` of modified ones; 0: none */
};

/* Sets t, whether it is set or not. f null: function and argument stay. True: it was set and has not fired. */
bool timer_modify(struct timer *t, int64_t when, int64_t period, timerfn f, void *arg, uint64_t seq);
bool timer_stop(struct timer *t);                  /* the same result */
int64_t timers_wakeTime(struct timers *ts);        /* when someone must look at ts; 0: never */
void timers_take(struct timers *ts, struct timers *src); /* world stopped */
int64_t timeSleepUntil(void);                      /* over all Ps; TIMER_NEVER: no timer */
int64_t when_after(int64_t ns);                    /* now + ns on the clock of timers, TIMER_NEVER at most */

/* What findRunnable has learned about time on its way: 0 is "not known" and "no timer". */
struct timelook { int64_t now, pollUntil; };
bool checkTimers(P *pp, struct timelook *look);    /* runs what is due; true: something ran */
int64_t checkTimersNoP(int64_t pollUntil);         /* over the Ps that may have timers */

#endif
