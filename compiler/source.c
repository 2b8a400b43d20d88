/* source.c: source files in memory, and positions in them.
 *
 * All files live in one space of positions: file after file, each with one position more than it has bytes, so that its
 * end has a position of its own. A Pos is therefore four bytes and finds its file by bisection over the files and its
 * line by bisection over the line starts, which are found once, at loading. Nothing else in the compiler counts lines.
 *
 * A loaded text is valid UTF-8 without NUL bytes and has a NUL after its last byte: the lexer needs no other end mark
 * and never meets half a character. What is not so is refused here, with the position of the first bad byte; a binary
 * file thus gets one message and not thousands.
 *
 * Reading goes through read(2) rather than mmap: a file that another process truncates would turn into SIGBUS, and the
 * closing NUL would need a page of its own.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"

enum { SOURCE_MAX_BYTES = 1 << 30 };

static struct { Source **v; int n, cap; } sources; /* by rising base */
static Pos next_base = 1;

static void index_lines(Source *s) {
  int cap = 0;
  uint32_t *lines = NULL;
  const char *at = s->text, *end = s->text + s->size;
  for (s->nlines = 0;; at++) {
    if (s->nlines == cap) lines = list_grow(lines, &cap, sizeof *lines);
    lines[s->nlines++] = (uint32_t)(at - s->text);
    at = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    if (!at) break;
  }
  s->lines = lines;
}

/* Bytes of the well-formed UTF-8 sequence at `at`, 0 if there is none (overlong forms and surrogates are not). */
static size_t utf8_length(const unsigned char *at) {
  static const struct { unsigned char lead_min, lead_max, second_min, second_max, length; } forms[] = {
    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
    {0xf4, 0xf4, 0x80, 0x8f, 4},
  };
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    if (*at < forms[i].lead_min || *at > forms[i].lead_max) continue;
    if (forms[i].length == 1) return 1;
    if (at[1] < forms[i].second_min || at[1] > forms[i].second_max) return 0;
    for (size_t k = 2; k < forms[i].length; k++)
      if (at[k] < 0x80 || at[k] > 0xbf) return 0;
    return forms[i].length;
  }
  return 0;
}

/* Reports the first byte that no source may have. The NUL beyond the end stops every multi-byte sequence. */
static bool text_is_valid(const Source *s) {
  const unsigned char *text = (const unsigned char *)s->text;
  for (size_t i = 0; i < s->size;) {
    uint64_t word;
    if (s->size - i >= sizeof word) {
      memcpy(&word, text + i, sizeof word);
      bool ascii = !(word & 0x8080808080808080u), has_nul = (word - 0x0101010101010101u) & ~word & 0x8080808080808080u;
      if (ascii && !has_nul) {
        i += sizeof word;
        continue;
      }
    }
    size_t length = utf8_length(text + i);
    bool late_bom = i && length == 3 && !memcmp(text + i, "\xef\xbb\xbf", 3);
    const char *complaint = !text[i] ? "invalid NUL character"
                            : !length ? "invalid UTF-8 encoding"
                            : late_bom ? "invalid BOM in the middle of the file"
                                       : NULL;
    if (complaint) {
      error_at(s->base + (Pos)i, "%s", complaint);
      return false;
    }
    i += length;
  }
  return true;
}

static bool refuse(const char *path, const char *why) {
  error_in_file(path, "cannot read %s: %s", path, why);
  return false;
}

/* Reads to the end of the file whatever its stated size is (pipes have none). */
static bool read_all(int fd, const char *path, char **text, size_t *size) {
  size_t cap = 1 << 16;
  char *buffer = NULL;
  for (*size = 0;;) {
    char *grown = realloc(buffer, cap + 1);
    if (!grown) break;
    buffer = grown;
    ssize_t got = read(fd, buffer + *size, cap - *size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    if (got == 0) {
      buffer[*size] = 0;
      *text = buffer;
      return true;
    }
    *size += (size_t)got;
    if (*size > SOURCE_MAX_BYTES) {
      free(buffer);
      return refuse(path, "larger than 1 GiB");
    }
    if (*size == cap) cap *= 2;
  }
  int why = errno;
  free(buffer);
  return refuse(path, strerror(why));
}

static bool read_file(const char *path, char **text, size_t *size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return refuse(path, strerror(errno));
  struct stat st;
  bool ok = fstat(fd, &st) == 0 || refuse(path, strerror(errno));
  if (ok && S_ISDIR(st.st_mode)) ok = refuse(path, strerror(EISDIR));
  if (ok) ok = read_all(fd, path, text, size);
  close(fd); /* only read from: nothing can be lost here */
  return ok;
}

Source *source_load(const char *path) {
  char *text;
  size_t size;
  if (!read_file(path, &text, &size)) return NULL;
  if (size >= UINT32_MAX - next_base) {
    refuse(path, "more than 4 GiB of source in one compilation");
    return NULL;
  }
  Source *s = NEW(Source);
  *s = (Source){.path = intern_cstr(path), .text = text, .size = size, .base = next_base};
  next_base += (Pos)size + 1;
  index_lines(s);
  list_push(&sources, s);
  return text_is_valid(s) ? s : NULL;
}

static const Source *source_of(Pos pos) {
  int lo = 0, hi = sources.n; /* the last one with base <= pos is in [lo, hi) */
  check_that(pos > 0 && pos < next_base);
  while (hi - lo > 1) {
    int mid = lo + (hi - lo) / 2;
    if (sources.v[mid]->base <= pos) lo = mid;
    else hi = mid;
  }
  return sources.v[lo];
}

static int line_of(const Source *s, Pos pos) {
  uint32_t offset = pos - s->base;
  int lo = 0, hi = s->nlines;
  while (hi - lo > 1) {
    int mid = lo + (hi - lo) / 2;
    if (s->lines[mid] <= offset) lo = mid;
    else hi = mid;
  }
  return lo;
}

Place pos_place(Pos pos) {
  if (!pos) return (Place){"?", 0, 0};
  const Source *s = source_of(pos);
  int line = line_of(s, pos);
  return (Place){s->path, line + 1, (int)(pos - s->base - s->lines[line]) + 1};
}

const char *pos_line_text(Pos pos, size_t *length) {
  const Source *s = source_of(pos);
  int line = line_of(s, pos);
  size_t start = s->lines[line], end = line + 1 < s->nlines ? s->lines[line + 1] - 1 : s->size;
  *length = end - start;
  return s->text + start;
}
