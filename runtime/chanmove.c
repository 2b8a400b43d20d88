/* chanmove.c: moving the stack of a goroutine that waits on channels.
 *
 * The elements of its sudogs lie on that stack as a rule, and whoever finds such a sudog in a queue copies straight into or
 * out of it, under the lock of the channel. So the mover needs what the parker published, and all of it:
 *   - The parker: [channel locks held, sudogs queued] parkingOnChan = true; status running→waiting; activeStackChans =
 *     true; parkingOnChan = false (release); unlock every channel. Then partners may write to its stack.
 *   - The mover holds the scan bit of the status, so the goroutine neither runs on nor frees its sudogs. It reads
 *     parkingOnChan (acquire): true means that the parker is between the second step and the last, about to release locks
 *     without looking at the stack again: the mover lets the stack alone. Otherwise activeStackChans tells whether
 *     partners can be there. If so it locks every channel of gp->waiting, which is in lock order with duplicates beside
 *     each other, so it cannot meet a select or another mover the wrong way round.
 *   - A partner finishes with the element before it unlocks, and takes the scan bit's lock (casgstatus in goready) only after:
 *     no partner holds a channel while it waits for the mover.
 * While the locks are held, elem pointers are changed and the part of the stack up to the highest element is copied. After the
 * unlock partners write to the new place; what the mover still adjusts there it must not overwrite (chan.h).
 *
 * Rejected: holding the locks for the whole move (the other side waits while a deep stack is walked); elements staged in the
 * sudog (one more copy in every hand-over, for a move that hardly ever happens).
 */
#include "chan.h"
#include "timerchan.h"

void chan_lock_waiting(G *gp) {
  struct hchan *last = NULL;
  for (struct sudog *sg = gp->waiting; sg; sg = sg->waitlink) {
    if (sg->c != last)
      chan_lock(sg->c);
    last = sg->c;
  }
}

void chan_unlock_waiting(G *gp) {
  struct hchan *last = NULL;
  for (struct sudog *sg = gp->waiting; sg; sg = sg->waitlink) {
    if (sg->c != last)
      chan_unlock(sg->c);
    last = sg->c;
  }
}

uintptr_t sudog_stack_top(const G *gp) {
  uintptr_t top = 0;
  for (struct sudog *sg = gp->waiting; sg; sg = sg->waitlink) {
    uintptr_t end = (uintptr_t)sg->elem + ((struct hchan *)sg->c)->elemsize;
    if (end - gp->stack.lo <= gp->stack.hi - gp->stack.lo && (uintptr_t)sg->elem >= gp->stack.lo && end > top)
      top = end;
  }
  return top;
}
