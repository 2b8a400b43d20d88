/* channb.pml: operations that do not wait and look before they lock (runtime/chan.c, Without the lock; CH-7).
 *
 * A receive that does not wait meets a send into a ring of one and a close; a send that does not wait meets a receiver that
 * waits and a close that sends it away. Claims: "closed" is said only when nothing is left to receive; "nothing there" only if
 * at one moment of the call the channel was open and empty; "no room" only if at one moment it was open without a receiver.
 * Faults that must be found: -DNO_SECOND_LOOK (closed is believed without looking at the ring again), -DCLOSED_FIRST (the send
 * looks whether the channel is closed before it looks for a receiver).
 *
 * RUN: %model %s
 * RUN: %model %s NO_SECOND_LOOK
 * RUN: %model %s CLOSED_FIRST
 *
 * Rows: CH-7. */
bool locked, closed;
byte qcount, items;        /* as others see it without the lock; what is really there */
byte waiting = 1;          /* receivers in the queue of the other channel */
bool locked2, closed2;
bool open_and_empty, open_and_full;

inline lock(l) { atomic { !l -> l = true } }

/* Every change that could make or end such a moment goes through here. */
inline note() {
  if :: !closed && qcount == 0 -> open_and_empty = true :: else fi;
  if :: !closed2 && waiting == 0 -> open_and_full = true :: else fi
}

proctype sender() {
  lock(locked);
  atomic { qcount = 1; items = 1; note() };
  locked = false;
  lock(locked);
  atomic { closed = true; note() };
  locked = false
}

inline take() {
  lock(locked);
  if
  :: qcount > 0 -> atomic { qcount = 0; items = 0; note() }
  :: else -> assert(!closed || items == 0)
  fi;
  locked = false
}

proctype nbrecv() {
  atomic { open_and_empty = false; note() };
  if
  :: qcount != 0 -> take()
  :: else ->
     if
     :: !closed -> assert(open_and_empty)
     :: else ->
#ifdef NO_SECOND_LOOK
        assert(items == 0)
#else
        if
        :: qcount != 0 -> take()
        :: else -> assert(items == 0)
        fi
#endif
     fi
  fi
}

proctype closer() { /* closed, then its receivers sent away */
  lock(locked2);
  atomic { closed2 = true; note() };
  atomic { waiting = 0; note() };
  locked2 = false
}

proctype nbsend() {
  bool was_closed;
  atomic { open_and_full = false; note() };
#ifdef CLOSED_FIRST
  was_closed = closed2;
  if :: waiting == 0 && !was_closed -> assert(open_and_full) :: else fi
#else
  if
  :: waiting == 0 ->
     was_closed = closed2;
     if :: !was_closed -> assert(open_and_full) :: else fi
  :: else
  fi
#endif
}

init { atomic { run sender(); run nbrecv(); run closer(); run nbsend() }; _nr_pr == 1 }
