/* panic.h: run-time panics raised by C, with Go's texts. Panics do not unwind yet: each ends the program with status 2. */
#ifndef TOY_RUNTIME_PANIC_H
#define TOY_RUNTIME_PANIC_H

/* "panic: runtime error: …" and "panic: …"; on g0 while curg is in a runtime call. printf formats. */
_Noreturn void panic_runtime_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void panic_plain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
