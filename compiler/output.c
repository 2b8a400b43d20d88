/* output.c: a reader of the output never sees half of it, and a refused write leaves the old file alone.
 *
 * What is not a regular file (/dev/null, a pipe) is written in place: renaming would replace the device.
 */
#include "output.h"
#include "driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *output_temporary(const char *path) {
  char *name = format("%s.XXXXXX", path);
  int fd = mkstemp(name);
  if (fd < 0) {
    tool_error("cannot write %s: %s", path, strerror(errno));
    return NULL;
  }
  close(fd);
  return name;
}

static bool write_all(int fd, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t n = write(fd, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes += n, size -= (size_t)n;
  }
  return true;
}

static bool write_in_place(const char *path, const char *bytes, size_t size) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  bool done = fd >= 0 && write_all(fd, bytes, size);
  if (fd >= 0 && close(fd) < 0) done = false;
  if (!done) tool_error("cannot write %s: %s", path, strerror(errno));
  return done;
}

static mode_t default_mode(void) {
  mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

bool output_write(const char *path, const char *bytes, size_t size) {
  struct stat st;
  if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
    if (!S_ISDIR(st.st_mode)) return write_in_place(path, bytes, size);
    tool_error("cannot write %s: it is a folder", path);
    return false;
  }
  const char *name = output_temporary(path);
  if (!name) return false;
  int fd = open(name, O_WRONLY | O_TRUNC | O_CLOEXEC);
  bool done = fd >= 0 && write_all(fd, bytes, size) && fchmod(fd, default_mode()) == 0;
  if (fd >= 0 && close(fd) < 0) done = false;
  if (done) done = rename(name, path) == 0;
  if (!done) {
    tool_error("cannot write %s: %s", path, strerror(errno));
    unlink(name);
  }
  return done;
}
