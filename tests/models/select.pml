/* select.pml: a select on two channels and a waker on each (runtime/select.c; CH-5).
 *
 * The select queues a sudog in both, parks, and its commit releases the locks one after the other, reading the sudogs while
 * it does so. Whoever dequeues one and changes selectDone from 0 to 1 owns the wake-up. The woken goroutine takes the other sudog
 * out, without the lock of the channel that woke it, then frees both; and selects again with the same sudogs.
 * Claims: the goroutine is readied exactly once a select, by a sudog of this select; no sudog is freed while the
 * commit or a waker still reads it; no sudog stays queued.
 * Faults that must be found: -DNO_CLAIM (wakers do not look at selectDone), -DFREE_FIRST (sudogs are freed before the queues
 * have been left), -DREAD_LATE (the commit unlocks before it reads on).
 *
 * RUN: %model %s
 * RUN: %model %s NO_CLAIM
 * RUN: %model %s FREE_FIRST
 * RUN: %model %s READ_LATE
 *
 * Rows: CH-5. */
#define ROUNDS 2

mtype = { Running, Waiting, Runnable };
mtype status = Running;
bool locked[2], queued[2], live[2], selectDone, committing;
byte fired, won, rounds;

inline lock(c) { atomic { !locked[c] -> locked[c] = true } }
inline unlock(c) { locked[c] = false }

/* It runs on the M that parked, perhaps beside the goroutine itself. */
inline selparkcommit() {
#ifdef READ_LATE
  unlock(0);
  unlock(1);
  assert(live[0] && live[1]);
#else
  assert(live[0] && live[1]);
  unlock(0);
  assert(live[0] && live[1]); /* on to the next sudog, and the end of the list is seen in it */
  unlock(1);
#endif
  committing = false
}

proctype parker() { /* the M: the commit of each select */
  do
  :: committing -> selparkcommit()
  :: rounds == ROUNDS && !committing -> break
  od
}

inline leave(c) { lock(c); queued[c] = false; unlock(c) }

proctype selecter() {
  byte i;
  for (i : 1 .. ROUNDS) {
    !committing;
    lock(0);
    lock(1);
    selectDone = false;
    live[0] = true;
    live[1] = true;
    queued[0] = true;
    queued[1] = true;
    atomic { status = Waiting; committing = true };
    atomic { status == Runnable -> status = Running };
    won++;
#ifdef FREE_FIRST
    live[0] = false;
    live[1] = false;
#endif
    if
    :: fired == 0 -> leave(1)
    :: else -> leave(0)
    fi;
    live[0] = false;
    live[1] = false;
  }
  rounds = ROUNDS
}

proctype waker(byte c) {
  bool claimed;
  do
  :: rounds == ROUNDS -> break
  :: lock(c);
     claimed = false;
     if
     :: queued[c] ->
        queued[c] = false;
        assert(live[c]); /* its g is read */
#ifdef NO_CLAIM
        claimed = true;
#else
        atomic { claimed = !selectDone; selectDone = true };
#endif
     :: else
     fi;
     unlock(c);
     if
     :: claimed ->
        assert(live[c]);
        fired = c;
        assert(status == Waiting);
        status = Runnable
     :: else
     fi
  od
}

init {
  atomic { run selecter(); run parker(); run waker(0); run waker(1) };
  _nr_pr == 1;
  assert(won == ROUNDS && !queued[0] && !queued[1])
}
