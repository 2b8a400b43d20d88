/* chanmove.pml: a sender that writes into the stack of a parked receiver, against a thread that moves this stack
 * (runtime/chanmove.c; SK-5, CH-2).
 *
 * One word of the stack is the element: at first it holds what an older frame left, which looks like a pointer into the stack
 * and so would be adjusted. The mover copies it and adjusts elem under the channel's lock, adjusts the new copy afterwards, and
 * takes the old stack away. Claims: the sender never writes to a stack that is gone, what it sent is in the stack on which the
 * receiver runs on, and nobody waits for ever.
 * Faults that must be found: -DMOVES_WHILE_PARKING (the mover does not look at parkingOnChan), -DNO_LOCKS (nor at
 * activeStackChans), -DPLAIN_ADJUST (a store in place of the compare-and-swap), -DREADY_UNDER_LOCK (the sender readies before
 * it unlocks).
 *
 * RUN: %model %s
 * RUN: %model %s MOVES_WHILE_PARKING
 * RUN: %model %s NO_LOCKS
 * RUN: %model %s PLAIN_ADJUST
 * RUN: %model %s READY_UNDER_LOCK
 *
 * Rows: SK-5, CH-2. */
#define STALE 1    /* looks like a pointer into the old stack */
#define ADJUSTED 2
#define SENT 5

mtype = { Running, Waiting, Runnable };
mtype status = Running;
bool scan;                           /* the lock on status and stack */
bool chan_locked, queued, parkingOnChan, activeStackChans;
byte word[2] = STALE;                /* the element's place in the old and the new stack */
bool gone[2];
byte elem = 0, stack = 0;            /* in which stack the element is; on which the goroutine runs */
bool received, sent;

inline lock() { atomic { !chan_locked -> chan_locked = true } }
inline unlock() { chan_locked = false }

proctype receiver() {
  lock();
  queued = true;
  parkingOnChan = true;
  status = Waiting;
  activeStackChans = true;           /* chanparkcommit */
  parkingOnChan = false;
  unlock();
  atomic { status == Runnable && !scan -> status = Running }
  activeStackChans = false;
  assert(word[stack] == SENT);
  received = true
}

inline goready() { atomic { !scan -> assert(status == Waiting); status = Runnable } }

proctype sender() {
  byte to;
  do
  :: lock();
     if
     :: queued ->
        queued = false;
        to = elem;
        assert(!gone[to]);
        word[to] = SENT;
#ifdef READY_UNDER_LOCK
        goready();
        unlock();
#else
        unlock();
        goready();
#endif
        break
     :: else -> unlock()
     fi
  od;
  sent = true
}

inline copy() { elem = 1; word[1] = word[0] }

proctype mover() {
  bool shared;
  atomic { status == Waiting || received -> scan = true }
  if
#ifndef MOVES_WHILE_PARKING
  :: parkingOnChan -> goto done
#endif
  :: status != Waiting -> goto done
  :: else
  fi;
#ifdef NO_LOCKS
  shared = false;
#else
  shared = activeStackChans;
#endif
  if
  :: shared -> lock(); copy(); unlock()
  :: else -> copy()
  fi;
#ifdef PLAIN_ADJUST
  if
  :: word[0] == STALE -> word[1] = ADJUSTED
  :: else
  fi;
#else
  atomic { if :: word[0] == STALE && word[1] == STALE -> word[1] = ADJUSTED :: else fi };
#endif
  stack = 1;
  gone[0] = true;
done:
  scan = false
}

init { atomic { run receiver(); run sender(); run mover() }; _nr_pr == 1; assert(received && sent) }
