/* cgroup.c: how many processors the cgroup chain grants: the smallest quota of the process's group and all its parents,
 * rounded up. A container told to use 1.5 processors of 64 gets 2 Ps; 64 would spend their slices being throttled.
 *
 * Reads version 2 (cpu.max, "QUOTA PERIOD" or "max PERIOD") and version 1 (cpu.cfs_quota_us, -1 for none, and
 * cpu.cfs_period_us). The controllers are looked for where every distribution mounts them; a file that is not there,
 * or is not understood, grants everything. Read once at start, as Go does; later changes are not seen.
 */
#include "runtime.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 1024

static bool readfile(const char *path, char *buf, size_t n) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  ssize_t got = read(fd, buf, n - 1);
  close(fd);
  buf[got > 0 ? got : 0] = 0;
  return got > 0;
}

static int32_t cpus(long long quota, long long period) {
  if (quota <= 0 || period <= 0)
    return 0;
  long long n = (quota + period - 1) / period;
  return n > 1 << 20 ? 1 << 20 : (int32_t)n;
}

int32_t cgroup_quota_v2(const char *text) {
  char *end;
  long long quota = strtoll(text, &end, 10), period = 100000;
  if (end == text) /* "max" */
    return 0;
  if (*end == ' ')
    period = strtoll(end, NULL, 10);
  return cpus(quota, period);
}

int32_t cgroup_quota_v1(const char *quota, const char *period) {
  return cpus(strtoll(quota, NULL, 10), strtoll(period, NULL, 10));
}

static int32_t quota_at_v2(const char *dir) {
  char path[PATH_BYTES + 32], text[128];
  strcpy(stpcpy(path, dir), "/cpu.max");
  return readfile(path, text, sizeof text) ? cgroup_quota_v2(text) : 0;
}

static int32_t quota_at_v1(const char *dir) {
  char path[PATH_BYTES + 32], quota[64], period[64];
  strcpy(stpcpy(path, dir), "/cpu.cfs_quota_us");
  if (!readfile(path, quota, sizeof quota))
    return 0;
  strcpy(stpcpy(path, dir), "/cpu.cfs_period_us");
  return readfile(path, period, sizeof period) ? cgroup_quota_v1(quota, period) : 0;
}

/* The smallest quota at root/group and above, down to root. */
static int32_t least_quota(const char *root, const char *group, size_t grouplen, int32_t (*quota_at)(const char *)) {
  char dir[PATH_BYTES];
  size_t rootlen = strlen(root);
  int32_t least = 0;
  if (rootlen + grouplen >= sizeof dir)
    return 0;
  memcpy(dir, root, rootlen);
  memcpy(dir + rootlen, group, grouplen);
  for (size_t len = rootlen + grouplen;; len--) {
    dir[len] = 0;
    int32_t q = quota_at(dir);
    if (q > 0 && (least == 0 || q < least))
      least = q;
    while (len > rootlen && dir[len - 1] != '/')
      len--;
    if (len <= rootlen)
      return least;
  }
}

/* A line of /proc/self/cgroup is "ID:CONTROLLERS:PATH"; version 2 has no controllers. */
static int32_t quota_of_line(const char *line, size_t len) {
  const char *c1 = memchr(line, ':', len), *c2 = c1 ? memchr(c1 + 1, ':', len - (size_t)(c1 + 1 - line)) : NULL;
  if (!c2)
    return 0;
  size_t grouplen = len - (size_t)(c2 + 1 - line);
  if (c2 == c1 + 1)
    return least_quota("/sys/fs/cgroup", c2 + 1, grouplen, quota_at_v2);
  char controllers[128] = ",";
  size_t n = (size_t)(c2 - c1 - 1);
  if (n + 3 > sizeof controllers)
    return 0;
  memcpy(controllers + 1, c1 + 1, n);
  strcpy(controllers + 1 + n, ",");
  return strstr(controllers, ",cpu,") ? least_quota("/sys/fs/cgroup/cpu", c2 + 1, grouplen, quota_at_v1) : 0;
}

int32_t os_cgroupcpus(void) {
  char text[8192];
  int32_t least = 0;
  if (!readfile("/proc/self/cgroup", text, sizeof text))
    return 0;
  for (char *line = text; *line;) {
    size_t len = strcspn(line, "\n");
    int32_t q = quota_of_line(line, len);
    if (q > 0 && (least == 0 || q < least))
      least = q;
    line += len + (line[len] == '\n');
  }
  return least;
}
