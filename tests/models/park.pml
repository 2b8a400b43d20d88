/* park.pml: parking against a waker that comes between the unlock and the scheduler (PR-1, PR-3).
 *
 * The goroutine enqueues itself under the channel's lock, then parks: on g0 running→waiting, and only then the unlock
 * function gives the lock back. A waker that dequeues it under the lock therefore always finds it waiting.
 * Claims: ready never meets another status than waiting, and the goroutine runs again.
 * Fault that must be found: -DUNLOCK_FIRST (the lock is released before the status is changed).
 *
 * RUN: %model %s
 * RUN: %model %s UNLOCK_FIRST
 *
 * Rows: PR-1, PR-2. */
mtype = { Running, Waiting, Runnable };
mtype status = Running;
bool locked, enqueued, ran_again;

inline lock() { atomic { !locked -> locked = true } }
inline unlock() { locked = false }

proctype parker() {
  lock();
  enqueued = true;
#ifdef UNLOCK_FIRST
  unlock();
  status = Waiting
#else
  status = Waiting;
  unlock()
#endif
}

proctype waker() {
  bool mine;
  do
  :: lock();
     mine = enqueued;
     enqueued = false;
     unlock();
     if :: mine -> assert(status == Waiting); status = Runnable; break :: else fi
  od
}

proctype other_m() { status == Runnable -> status = Running; ran_again = true }

init { atomic { run parker(); run waker(); run other_m() }; _nr_pr == 1; assert(ran_again) }
