/* suspend.pml: two suspenders and a goroutine that runs, notices requests, parks, and is woken by somebody else
 * (ST-6, ST-8, ST-9, SP-14).
 *
 * The status word is modelled with its scan bit; the steps are suspendG, ask_to_stop, hold, resumeG (suspend.c), execute,
 * gopark, preemptPark, goschedImpl, ready (proc.c). preemptPark takes two steps: under the scan bit the M lets go of the
 * goroutine (dropg), then the bit falls.
 * Claims: never do two suspenders hold the goroutine, never does it run while it is held, its M has let go of it before
 * somebody else makes it run, only its own M's transitions find "running", and at the end it has run to its end: a
 * stop that nobody undoes would be a deadlock; and no mark is left for the G's next life.
 * Faults that must be found:
 *   PARK_WITHOUT_SCAN   preempted is entered without the bit, dropg comes afterwards
 *   CLAIM_BY_STORE      preempted → waiting is tested and stored, not exchanged
 *   STOP_MARK_STAYS     preemptStop is left set when the goroutine is held
 *   MARK_WITHOUT_SCAN   the request is set without holding the state
 *
 * RUN: %model %s
 * RUN: %model %s PARK_WITHOUT_SCAN
 * RUN: %model %s CLAIM_BY_STORE
 * RUN: %model %s STOP_MARK_STAYS
 * RUN: %model %s MARK_WITHOUT_SCAN
 *
 * Rows: ST-6, ST-8, ST-9, SP-14. */
mtype = { Runnable, Running, Waiting, Preempted, Dead };
mtype status = Runnable;
bool scan, preempt, preemptStop;
bool bound;              /* gp->m */
bool asleep;             /* in an object's queue, a waker is due */
bool released;           /* the waker has been there */
byte holders;
byte asks = 2;           /* a request is repeated; bounded here */

/* A transition of the owner: waits while a scanner holds the bit, dies when the state is another. */
inline transition(from, to) {
  atomic { !scan; assert(status == from); status = to }
}

inline look() { assert(holders == 0) }  /* the goroutine executes an instruction */

/* One M with a P; it runs the goroutine whenever it is runnable. Parks once, may be stopped anywhere. */
proctype m(bool parks) {
  bool mine = false;
end:
  do
  :: atomic { status == Runnable && !mine && !bound -> bound = true; mine = true };
     preempt = false;
     transition(Runnable, Running);
     look();
     if
     :: preempt ->
        if
        :: preemptStop ->
#ifdef PARK_WITHOUT_SCAN
           transition(Running, Preempted);
           bound = false;
#else
           atomic { !scan; assert(status == Running); status = Preempted; scan = true };
           bound = false;
           scan = false;
#endif
        :: else ->
           atomic { !scan; assert(status == Running); bound = false; status = Runnable } /* the queue hands it out afterwards */
        fi
     :: parks ->
        parks = false;
        atomic { !scan; assert(status == Running); status = Waiting; bound = false };
        asleep = true
     :: else ->
        atomic { !scan; assert(status == Running); status = Dead; bound = false };
        preemptStop = false;
        break
     fi;
     mine = false
  :: status == Dead -> break
  od
}

/* preemptone takes no lock: its request may hit at any time. */
proctype sysmon() { preempt = true }

proctype waker() {
  if
  :: asleep -> asleep = false; transition(Waiting, Runnable)
  :: status == Dead
  fi
}

proctype suspender() {
  bool stopped = false, dead = false;
  mtype was;
  do
  :: atomic { status == Dead && !scan -> dead = true }; break
  :: status == Preempted && !scan ->
#ifdef CLAIM_BY_STORE
     status = Waiting; stopped = true
#else
     if
     :: atomic { status == Preempted && !scan -> status = Waiting }; stopped = true
     :: else
     fi
#endif
  :: atomic { (status == Waiting || status == Runnable) && !scan -> scan = true; was = status };
     holders++;
#ifndef STOP_MARK_STAYS
     preemptStop = false;
#endif
     preempt = false;
     break
  :: asks > 0 && status == Running && !scan ->
#ifdef MARK_WITHOUT_SCAN
     asks--; preemptStop = true; preempt = true
#else
     if
     :: atomic { status == Running && !scan -> scan = true };
        asks--;
        preemptStop = true;
        preempt = true;
        scan = false
     :: else
     fi
#endif
  od;
  if
  :: dead -> skip
  :: else ->
     assert(holders == 1 && status == was && status != Running);
     holders--;
     scan = false;
     if
     :: stopped ->
        assert(!bound);
        transition(Waiting, Runnable)
     :: else
     fi
  fi
}

init {
  atomic { run m(true); run waker(); run sysmon(); run suspender(); run suspender() };
  _nr_pr == 1;
  assert(status == Dead && !preemptStop)
}
