/* syscall.h: see syscall.c. */
#ifndef TOY_SYSCALL_H
#define TOY_SYSCALL_H

#include <stdint.h>

#include "runtime.h"

/* What the stubs of amd64/syscall.S hand over: the number and six arguments. On the goroutine's stack, which does not
 * move while it is in the kernel. */
struct syscall_args { uintptr_t trap, a[6]; };

/* PARK bodies: the kernel's raw answer. Error iff in [-4095, -1]; the stubs split it. */
uintptr_t rt_syscall6(const struct syscall_args *args);
uintptr_t rt_syscallwrite(const struct syscall_args *args);

/* On g0, for curg. Between the two the goroutine has no right to a P: sysmon may take it. exitsyscall either returns
 * with a P, or parks the goroutine for a P and never returns; its call then results in `ret`. */
void entersyscall(G *gp);
void exitsyscall(G *gp, uintptr_t ret);

/* As entersyscall, for a call known to block: the P is handed over at once. */
void entersyscallblock(G *gp);

#endif
