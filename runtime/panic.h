/* panic.h: run-time panics raised by C, with Go's texts. They can be recovered. */
#ifndef TOY_RUNTIME_PANIC_H
#define TOY_RUNTIME_PANIC_H

/* Values of type runtime.Error, which print as "runtime error: …" and "…"; on g0 while curg is in a runtime call that
 * holds no lock and no memory. The third is a *TypeAssertionError. printf formats. */
_Noreturn void panic_runtime_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void panic_plain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void panic_assertion(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

struct toy_panic;
void printpanics(struct toy_panic *latest); /* spoils the chain */

#endif
