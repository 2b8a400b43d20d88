/* timeradjust.pml: the earliest time of a heap as read without its lock, while one thread sets a timer of it to an earlier time
 * and another tidies the heap (TN-1).
 *
 * The timer stands in the heap for time 9; its setter makes it 3: under the timer's lock it changes `when`, publishes the mark
 * (astate), and lowers minWhenModified. The tidier, under the heap's lock, makes minWhenHeap the least of both words, clears
 * minWhenModified if it is still that one, looks at the mark, moves what is marked, and writes minWhenHeap anew. A reader reads minWhenModified, then
 * minWhenHeap. Claim: after the setter is done, the reader gets at most 3.
 * Faults that must be found: -DLATEMARK (the mark is published after minWhenModified); -DUNSEEN (it is published only when
 * minWhenModified has to be lowered; somebody else's setting has lowered it already); -DNOLOCKIN (minWhenHeap is not lowered
 * first); -DBLIND (minWhenModified is cleared whatever it is now); -DREVERSED (the reader reads in the other order).
 *
 * RUN: %model %s
 * RUN: %model %s LATEMARK
 * RUN: %model %s UNSEEN
 * RUN: %model %s NOLOCKIN
 * RUN: %model %s BLIND
 * RUN: %model %s REVERSED
 */
#define NONE 0
byte when = 9, inheap = 9;
bool mark, timerlock, done;
byte minHeap = 9, minModified = NONE;

inline lockTimer() { atomic { !timerlock -> timerlock = true } }

inline lower() {
  if
  :: atomic { minModified == NONE || minModified > 3 -> minModified = 3 }
  :: atomic { minModified != NONE && minModified <= 3 -> skip }
  fi
}

proctype setter() {
  lockTimer();
  when = 3;
#ifdef LATEMARK
  lower();
  mark = true;
#else
#ifdef UNSEEN
  if
  :: minModified == NONE || minModified > 3 -> mark = true; lower()
  :: else -> skip
  fi;
#else
  mark = true;
  lower();
#endif
#endif
  mark = true;
  timerlock = false;
  done = true
}

proctype tidier() {
  byte h, m, turns;
  do
  :: turns < 2 ->
     turns++;
again:
     m = minModified;
#ifndef NOLOCKIN
     h = minHeap;
     if :: m != NONE && m < h -> h = m :: else fi;
     minHeap = h;
#endif
#ifdef BLIND
     minModified = NONE;
#else
     atomic { if :: minModified == m -> minModified = NONE :: else -> goto again fi };
#endif
     if
     :: mark -> lockTimer(); inheap = when; mark = false; timerlock = false
     :: else -> skip
     fi;
     minHeap = inheap
  :: else -> break
  od
}

proctype reader() {
  byte h, m;
  done;
#ifdef REVERSED
  h = minHeap;
  m = minModified;
#else
  m = minModified;
  h = minHeap;
#endif
  if :: m != NONE && m < h -> h = m :: else fi;
  assert(h <= 3)
}

init {
  atomic {
    if :: minModified = NONE :: minModified = 2 fi;  /* perhaps another timer's setting is on its way */
    run setter(); run tidier(); run reader()
  }
}
