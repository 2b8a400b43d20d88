/* poison.pml: a preemption request against a switch of goroutines on the same thread (CP-2, FW-2).
 *
 * The guard is a word of the thread, the request a flag of the goroutine. The requester sets the flag, passes a heavy
 * fence, then stores the poison. The M, about to run the goroutine, stores the true guard, then reads the flag again and
 * poisons if it is set. Between its two steps is only a light fence: its stores may wait in its store buffer, and are
 * written back at any time, by the requester's heavy fence at the latest (fence.h).
 * Claims: a request for a goroutine that is about to run is never lost (it ends poisoned, or has already yielded); a
 * poison that lands on the wrong goroutine makes it yield at most once, with no harm.
 * Faults that must be found: NO_REREAD (gogo does not look at the flag after it stored the guard), LIGHT (the requester's
 * fence does not reach the M).
 *
 * RUN: %model %s
 * RUN: %model %s NO_REREAD
 * RUN: %model %s LIGHT
 *
 * Rows: FW-2, CP-2, CP-5. */
#define GUARD 0
#define POISON 1

byte guard = GUARD;    /* in memory */
bool buffered;         /* the M has stored to it, and memory does not have it yet */
byte newest;           /* that store */
bool preempt;          /* of the goroutine that is asked to stop */
bool requested, yielded;
byte runs, wrong_yields;

#define seen (buffered -> newest : guard)  /* by the M itself */

inline write_back() { guard = newest; buffered = false }

/* A second store while one waits: the queue of both, shortened to the newest, for the older one is overwritten unseen. */
inline store(value) { atomic { newest = value; buffered = true } }

active proctype buffer() {
end:
  do
  :: atomic { buffered -> write_back() }
  od
}

proctype requester() {
  preempt = true;      /* the truth first, then the poison */
#ifndef LIGHT
  atomic { if :: buffered -> write_back() :: else fi }
#endif
  guard = POISON;
  requested = true
}

/* newstack reads the guard once; poisoned: yield if somebody asked, else restore the guard and go on. */
inline prologue() {
  if
  :: seen == POISON ->
     if
     :: preempt -> yielded = true; preempt = false
     :: else -> wrong_yields++; store(GUARD);
#ifndef NO_REREAD
        if :: preempt -> store(POISON) :: else fi
#endif
     fi
  :: else
  fi
}

proctype m() {
  do
  :: runs < 3 && !yielded ->
     store(GUARD);                               /* gogo */
#ifndef NO_REREAD
     if :: preempt -> store(POISON) :: else fi  /* after a light fence */
#endif
     runs++;
     prologue()
  :: else -> break
  od;
  requested;                                     /* the goroutine runs on; the request has been made in full by now */
  prologue();
  prologue();
  assert(yielded);
  assert(wrong_yields <= 1)
}

init { atomic { run requester(); run m() } }
