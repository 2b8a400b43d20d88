/* Functions for stackdepth.test: some fit below the guard, some do not, some cannot be followed. */
#include <string.h>

#define KEEP __attribute__((noinline, used))
volatile int sink;

KEEP static int touch(volatile char *p, int n) {
  sink = p[0] + n;
  return n;
}

KEEP int shallow(int n) {
  volatile char area[64];
  area[0] = (char)n;
  return touch(area, n) + 1;
}

KEEP int aligned(int n) {
  volatile _Alignas(16) char area[80];
  area[0] = (char)n;
  return touch(area, n) + 1;
}

KEEP int deep_leaf(int n) {
  volatile char area[640];
  area[0] = (char)n;
  return touch(area, n) + 1;
}

KEEP static int half(int n) {
  volatile char area[320];
  area[0] = (char)n;
  return touch(area, n) + 1;
}

KEEP int deep_chain(int n) {
  volatile char area[320];
  area[0] = (char)n;
  return half(n) + touch(area, n);
}

/* As if the C library's memcpy were so: half a kilobyte in one of two variants. */
KEEP static void *copy_small(void *to, const void *from, size_t n) {
  volatile char area[96];
  area[0] = 0;
  sink = touch(area, (int)n);
  return to == from ? to : (void *)0;
}

KEEP static void *copy_large(void *to, const void *from, size_t n) {
  volatile char area[700];
  area[0] = 0;
  sink = touch(area, (int)n);
  return to == from ? to : (void *)0;
}

typedef void *copier(void *, const void *, size_t);
__attribute__((used)) static copier *choose_large(void) { return sink ? copy_small : copy_large; }
__attribute__((used)) static copier *choose_small(void) { return copy_small; }
void *chosen(void *, const void *, size_t) __attribute__((ifunc("choose_small")));
void *libcall(void *, const void *, size_t) __attribute__((ifunc("choose_large")));

KEEP int deep_libcall(char *p) { return libcall(p, p + 1, 40) != 0; }

KEEP int recursive(int n) {
  volatile int k = n;
  return k ? recursive(k - 1) + k : 0;
}

int mutual(int n);
KEEP static int other(int n) {
  volatile int k = n;
  return k ? mutual(k - 1) + k : 0;
}

KEEP int mutual(int n) {
  volatile int k = n;
  return k ? other(k - 1) + k : 0;
}

KEEP int indirect(int (*f)(int), int n) { return f(n) + 1; }

KEEP int dynamic(int n) {
  volatile char area[n];
  area[0] = 1;
  return touch(area, n) + area[0];
}

int main(int argc, char **argv) {
  return shallow(argc) + aligned(argc) + deep_leaf(argc) + deep_chain(argc) + deep_libcall(argv[0]) + recursive(argc) +
         mutual(argc) + indirect(shallow, argc) + dynamic(argc) + (chosen(argv, argv, 8) != 0);
}
