/* runqempty.pml: emptiness of a local run queue judged by another thread (RQ-4).
 *
 * The owner holds one goroutine in runnext and kicks it out into the ring by readying another, over and over; it never
 * takes anything, so the queue holds work at every moment after the first put. Claim: runqempty is never true then.
 * Fault that must be found: -DNAIVE (tail is not read again after runnext, so a kick-out in between looks none).
 *
 * RUN: %model %s
 * RUN: %model %s NAIVE
 */
byte head, tail;
bool runnext = true;      /* the first put has ended */

proctype owner() {
  byte i;
  do
  :: i < 3 ->
     /* RQ-1: the new one is swapped into runnext, the old one then goes to the tail; for a moment it is in neither, but
      * the new one already is in runnext */
     runnext = true;
     tail = tail + 1;
     /* runqget of runnext: the G runs, and readies the next before it ends */
     i++;
     if :: tail != head -> runnext = false :: else fi
  :: else -> break
  od
}

proctype looker() {
  byte h, t, t2;
  bool rn, none;
  do
  :: h = head;
     t = tail;
     rn = runnext;
     t2 = tail;
     none = false;
#ifdef NAIVE
     none = (h == t && !rn);
#else
     if :: t == t2 -> none = (h == t && !rn) :: else -> skip fi;  /* else look again */
#endif
     assert(!none)
  :: break
  od
}

init { atomic { run owner(); run looker(); run looker() } }
