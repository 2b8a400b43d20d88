/* poison.pml: a preemption request against a switch of goroutines on the same thread (CP-2, FW-2).
 *
 * The guard is a word of the thread, the request a flag of the goroutine. The requester sets the flag, then stores the
 * poison. The M, about to run the goroutine, stores the true guard, then reads the flag again and poisons if it is set.
 * Claims: a request for a goroutine that is about to run is never lost (it ends poisoned, or has already yielded); a
 * poison that lands on the wrong goroutine makes it yield at most once, with no harm.
 * Fault that must be found: -DNO_REREAD (gogo does not look at the flag after it stored the guard).
 *
 * RUN: %model %s
 * RUN: %model %s NO_REREAD
 *
 * Rows: FW-2, CP-2, CP-5. */
#define GUARD 0
#define POISON 1

byte guard = GUARD;
bool preempt;          /* of the goroutine that is asked to stop */
bool requested, yielded;
byte runs, wrong_yields;

proctype requester() {
  preempt = true;      /* the truth first, then the poison */
  guard = POISON;
  requested = true
}

/* newstack reads the guard once; poisoned: yield if somebody asked, else restore the guard and go on. */
inline prologue() {
  if
  :: guard == POISON ->
     if
     :: preempt -> yielded = true; preempt = false
     :: else -> wrong_yields++; guard = GUARD;
#ifndef NO_REREAD
        if :: preempt -> guard = POISON :: else fi
#endif
     fi
  :: else
  fi
}

proctype m() {
  do
  :: runs < 3 && !yielded ->
     guard = GUARD;                              /* gogo */
#ifndef NO_REREAD
     if :: preempt -> guard = POISON :: else fi  /* after a full barrier */
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
