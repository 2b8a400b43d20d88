/* C that goes wrong on the system stack. */
int test_depth(volatile int *p, int n);
void test_recurse(void);
void test_null(void);

int test_depth(volatile int *p, int n) {
  volatile int here[64];
  here[n % 64] = *p;
  return n == 1 << 30 ? 0 : test_depth(here, n + 1) + here[(n + 1) % 64];
}
void test_recurse(void) {
  volatile int x = 1;
  test_depth(&x, 0);
}
void test_null(void) { *(volatile int *)0 = 1; }
