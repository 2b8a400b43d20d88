/* timermask.pml: the bit "this P may have timers", and who puts timers in (TN-3, RQ-10).
 *
 * A P sets a timer, which it alone does, then goes idle: it reads its heap's length without the lock and drops its bit if that
 * is 0. Meanwhile a thief runs the heap's timers: it takes a ticker off and puts it back, and takes a one-shot off for good.
 * The length that others read is written when the heap's lock is released. A sleeper looks at the bits when the P is idle.
 * Claim: whoever finds the heap unlocked and the P idle with its bit clear finds no timer in it.
 * Faults that must be found: -DEARLY (the length is written at each change, so the P reads 0 while the ticker is out);
 * -DNOBIT (taking the P off the idle list leaves the bit clear, so that a timer it adds is overlooked).
 *
 * RUN: %model %s
 * RUN: %model %s EARLY
 * RUN: %model %s NOBIT
 */
byte heap;           /* timers in it */
byte told;           /* what is told of it */
bool locked, may = true, idle;

inline acquire() { atomic { !locked -> locked = true } }
inline release() { told = heap; locked = false }
inline change(n) {
  heap = heap + n;
#ifdef EARLY
  told = heap
#endif
}

proctype owner() {
  byte turns;
  do
  :: turns < 2 ->
     turns++;
     /* maybeAdd, with the P in hand; at most two timers */
     if
     :: acquire(); if :: heap < 2 -> change(1) :: else fi; release()
     :: skip
     fi;
     /* pidleput */
     if :: told == 0 -> may = false :: else fi;
     idle = true;
     /* pidleget, by whoever wants a P; from then on it may add */
#ifndef NOBIT
     may = true;
#endif
     idle = false
  :: else -> break
  od;
  /* goes idle for good */
  if :: told == 0 -> may = false :: else fi;
  idle = true
}

proctype thief() {
  byte turns;
  do
  :: turns < 2 ->
     turns++;
     acquire();
     if
     :: heap > 0 -> heap = heap - 1;  /* a ticker is taken out */
#ifdef EARLY
        told = heap;
#endif
        change(1)                     /* and put back with its next time */
     :: heap > 0 -> change(-1)        /* a one-shot */
     :: heap == 0 -> skip
     fi;
     release()
  :: else -> break
  od
}

proctype sleeper() {
end_nobody_looks:
  atomic { idle && !may && !locked -> assert(heap == 0) }
}

init { atomic { run owner(); run thief(); run sleeper() } }
