/* lockedm.h: goroutines tied to their threads (lockedm.c says what that means). */
#ifndef TOY_RUNTIME_LOCKEDM_H
#define TOY_RUNTIME_LOCKEDM_H

#include "runtime.h"

void lockOSThread(void); /* the runtime's own count, of curg and its M */
void unlockOSThread(void);
void stoplockedm(int64_t ns, void (*late)(void *), void *arg); /* ns, late, arg: as stopm_or */
void startlockedm(G *gp);
bool release_tie(M *mp, G *gp); /* gp ends; true: its thread must end too */
void startTemplateThread(void);
void newm_by_template(M *mp);

/* m.c */
void mPark(int64_t ns, void (*late)(void *), void *arg); /* sleep on the own note; late once after ns, if not null */
void start_thread(M *mp);
void mexit(void);             /* the end of a thread; the first one sleeps for good instead */

#endif
