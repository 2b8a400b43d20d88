/* lock.pml: a runtime lock whose release is a plain store, and waiters that sleep (runtime/lock.c).
 *
 * x86 keeps a thread's own stores in a buffer for a while: the releasing store of held is modelled so (buffered: it is on its
 * way), everything else goes to memory at once. Atomic operations of a thread and the barrier that a waiter sends to all
 * others empty the buffer. Claims: one thread at a time, and nobody sleeps for ever.
 * Faults that must be found: -DNO_BARRIER (the waiter does not make others empty their buffers), -DFORGETS (who gets the lock
 * after having slept does not set sleepers again), -DNO_CHECK (the waiter sleeps whatever the word has become).
 *
 * RUN: %model %s
 * RUN: %model %s NO_BARRIER
 * RUN: %model %s FORGETS
 * RUN: %model %s NO_CHECK
 */
#define N 3

bool held, sleepers;
bool buffered[N];      /* a store of held = 0 that only its own thread has seen so far */
bool asleep[N];
byte inside;

inline drain(t) { atomic { if :: buffered[t] -> buffered[t] = false; held = false :: else fi } }

/* A compare-and-swap: empties the own buffer first. */
inline trylock(t, got) { atomic { drain(t); got = !held; held = true } }

inline others_drain() {
#ifndef NO_BARRIER
  drain(0); drain(1); drain(2)
#else
  skip
#endif
}

inline sleep(t) {
  atomic {
    if
#ifdef NO_CHECK
    :: true -> asleep[t] = true
#else
    :: held && sleepers -> asleep[t] = true
    :: else
#endif
    fi
  };
  !asleep[t]
}

/* One of those asleep, whichever. */
inline wake() {
  atomic {
    if
    :: asleep[0] -> asleep[0] = false
    :: asleep[1] -> asleep[1] = false
    :: asleep[2] -> asleep[2] = false
    :: else
    fi
  }
}

proctype thread(byte t) {
  bool got, slept, some;
  byte round;
  for (round : 1 .. 2) {
    slept = false;
    trylock(t, got);
    do
    :: got -> break
    :: else ->
       sleepers = true;
       atomic { others_drain() };
       trylock(t, got);
       if
       :: got
       :: else -> drain(t); sleep(t); slept = true; trylock(t, got)
       fi
    od;
#ifndef FORGETS
    if :: slept -> sleepers = true :: else fi;
#endif
    inside++;
    assert(inside == 1);
    inside--;
    buffered[t] = true; /* held = 0 */
    some = sleepers;    /* may overtake the store */
    if
    :: some -> drain(t); sleepers = false; wake()
    :: else
    fi
  }
  drain(t)
}

/* The hardware: a buffered store reaches memory some time. */
active proctype memory() {
end:
  do
  :: atomic { buffered[0] -> drain(0) }
  :: atomic { buffered[1] -> drain(1) }
  :: atomic { buffered[2] -> drain(2) }
  od
}

init { atomic { run thread(0); run thread(1); run thread(2) } }
