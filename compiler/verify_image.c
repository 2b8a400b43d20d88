/* verify_image.c: an ELF executable, read without trusting it.
 *
 * Offsets and sizes are compared in the form "what is left", so that no sum can wrap; a table that does not lie in the file
 * whole is as good as absent, and absence is the caller's finding. Only what the verifier needs is kept: named sections and
 * functions by address.
 */
#include "verify_parts.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *map_file(Image *image, const char *path) {
  struct stat st;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return strerror(errno);
  if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) return close(fd), "not a file";
  if (st.st_size < (off_t)sizeof(Elf64_Ehdr)) return close(fd), "not an ELF executable";
  void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  if (bytes == MAP_FAILED) return strerror(errno);
  *image = (Image){.path = path, .bytes = bytes, .size = (size_t)st.st_size};
  return NULL;
}

static const void *file_at(const Image *image, uint64_t offset, uint64_t bytes) {
  return offset <= image->size && bytes <= image->size - offset ? image->bytes + offset : NULL;
}

/* The text at `offset` of a string section, or null. */
static const char *text_in(const uint8_t *data, uint64_t size, uint64_t offset) {
  return data && offset < size && memchr(data + offset, 0, size - offset) ? (const char *)data + offset : NULL;
}

static const uint8_t *header_data(const Image *image, const Elf64_Shdr *h) {
  return h->sh_type == SHT_NOBITS ? NULL : file_at(image, h->sh_offset, h->sh_size);
}

static const char *read_sections(Image *image, const Elf64_Ehdr *e, const Elf64_Shdr **headers) {
  *headers = file_at(image, e->e_shoff, (uint64_t)e->e_shnum * sizeof(Elf64_Shdr));
  if (!*headers || e->e_shoff % 8 || e->e_shnum == 0 || e->e_shstrndx >= e->e_shnum) return "its section table is cut short";
  const Elf64_Shdr *names = &(*headers)[e->e_shstrndx];
  for (int i = 0; i < e->e_shnum; i++) {
    const Elf64_Shdr *h = &(*headers)[i];
    const char *name = text_in(header_data(image, names), names->sh_size, h->sh_name);
    if (!name || (h->sh_type != SHT_NOBITS && h->sh_type != SHT_NULL && !header_data(image, h)))
      return "its section table is broken";
    bool loaded = h->sh_flags & SHF_ALLOC;
    Section s = {name, loaded ? h->sh_addr : 0, h->sh_size, h->sh_flags, header_data(image, h)};
    if (s.size > UINT64_MAX - s.addr) return "a section wraps around";
    list_push(&image->sections, s);
  }
  return NULL;
}

static int by_address(const void *a, const void *b) {
  const Symbol *x = a, *y = b;
  if (x->addr != y->addr) return x->addr < y->addr ? -1 : 1;
  return (x->size < y->size) - (x->size > y->size); /* what has a size first */
}

/* Thread-local storage ends at the thread pointer; its size is rounded up to its alignment. */
static int64_t from_thread_pointer(const Image *image, const Elf64_Ehdr *e, uint64_t value) {
  const uint8_t *headers = file_at(image, e->e_phoff, (uint64_t)e->e_phnum * sizeof(Elf64_Phdr));
  for (int i = 0; headers && i < e->e_phnum; i++) {
    Elf64_Phdr h;
    memcpy(&h, headers + (size_t)i * sizeof h, sizeof h);
    if (h.p_type != PT_TLS || !h.p_align || h.p_memsz > UINT32_MAX || h.p_align > UINT32_MAX) continue;
    return (int64_t)(value - (h.p_memsz + h.p_align - 1) / h.p_align * h.p_align);
  }
  return 0;
}

static const char *read_symbols(Image *image, const Elf64_Ehdr *e, const Elf64_Shdr *headers) {
  for (int i = 0; i < e->e_shnum; i++) {
    const Elf64_Shdr *h = &headers[i];
    const Elf64_Sym *sym = (const Elf64_Sym *)header_data(image, h);
    if (h->sh_type != SHT_SYMTAB) continue;
    if (!sym || h->sh_offset % 8 || h->sh_link >= e->e_shnum) return "its symbol table is broken";
    const Elf64_Shdr *texts = &headers[h->sh_link];
    for (uint64_t k = 0; k < h->sh_size / sizeof *sym; k++) {
      unsigned type = ELF64_ST_TYPE(sym[k].st_info);
      const char *name = text_in(header_data(image, texts), texts->sh_size, sym[k].st_name);
      if (!name) return "its symbol table is broken";
      if (type == STT_TLS && !strcmp(name, "toy_g")) image->toy_g = from_thread_pointer(image, e, sym[k].st_value);
      if (sym[k].st_shndx == SHN_UNDEF || (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE) || !*name) continue;
      if (type == STT_NOTYPE && sym[k].st_size) continue;
      list_push(&image->symbols, ((Symbol){name, sym[k].st_value, sym[k].st_size, type == STT_GNU_IFUNC}));
    }
  }
  if (image->symbols.n == 0) return "it has no symbol table: calls cannot be told from each other";
  qsort(image->symbols.v, (size_t)image->symbols.n, sizeof *image->symbols.v, by_address);
  return NULL;
}

const char *image_open(Image *image, const char *path) {
  const char *bad = map_file(image, path);
  if (bad) return bad;
  const Elf64_Ehdr *e = (const Elf64_Ehdr *)image->bytes;
  if (memcmp(e->e_ident, ELFMAG, SELFMAG) || e->e_ident[EI_CLASS] != ELFCLASS64 || e->e_machine != EM_X86_64 ||
      e->e_shentsize != sizeof(Elf64_Shdr))
    return "not an ELF executable for x86-64";
  if (e->e_type != ET_EXEC) return "not a static, position-dependent executable";
  const Elf64_Shdr *headers;
  bad = read_sections(image, e, &headers);
  return bad ? bad : read_symbols(image, e, headers);
}

bool image_in(const Section *s, uint64_t addr, uint64_t bytes) {
  return s && addr >= s->addr && addr - s->addr <= s->size && bytes <= s->size - (addr - s->addr);
}

const void *image_at(const Image *image, uint64_t addr, uint64_t bytes) {
  for (int i = 0; i < image->sections.n; i++) {
    const Section *s = &image->sections.v[i];
    if ((s->flags & SHF_ALLOC) && s->data && s->size && image_in(s, addr, bytes)) return s->data + (addr - s->addr);
  }
  return NULL;
}

const char *image_string(const Image *image, uint64_t addr) {
  for (int i = 0; i < image->sections.n; i++) {
    const Section *s = &image->sections.v[i];
    if ((s->flags & SHF_ALLOC) && s->data && image_in(s, addr, 1)) return text_in(s->data, s->size, addr - s->addr);
  }
  return NULL;
}

const Section *image_section(const Image *image, const char *name) {
  for (int i = 0; i < image->sections.n; i++)
    if (strcmp(image->sections.v[i].name, name) == 0) return &image->sections.v[i];
  return NULL;
}

/* Index of the first symbol at or behind addr. */
static int first_symbol(const Image *image, uint64_t addr) {
  int lo = 0, hi = image->symbols.n;
  while (lo < hi) {
    int mid = lo + (hi - lo) / 2;
    if (image->symbols.v[mid].addr < addr) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

const Symbol *image_function(const Image *image, uint64_t addr) {
  int i = first_symbol(image, addr);
  return i < image->symbols.n && image->symbols.v[i].addr == addr ? &image->symbols.v[i] : NULL;
}

bool image_is_named(const Image *image, uint64_t addr, const char *name) {
  for (int i = first_symbol(image, addr); i < image->symbols.n && image->symbols.v[i].addr == addr; i++)
    if (strcmp(image->symbols.v[i].name, name) == 0) return true;
  return false;
}

/* A stub is `jmp *slot(%rip)`, perhaps behind an endbr64; the slot's IRELATIVE relocation names the resolver. */
uint64_t image_through_plt(const Image *image, uint64_t addr) {
  static const uint8_t endbr[] = {0xf3, 0x0f, 0x1e, 0xfa};
  const uint8_t *code = image_at(image, addr, 16);
  int32_t distance;
  if (!code) return addr;
  uint64_t skip = memcmp(code, endbr, sizeof endbr) ? 0 : sizeof endbr;
  if (code[skip] == 0xf2) skip++;
  if (code[skip] != 0xff || code[skip + 1] != 0x25) return addr;
  memcpy(&distance, code + skip + 2, 4);
  uint64_t slot = addr + skip + 6 + (uint64_t)(int64_t)distance;
  for (int i = 0; i < image->sections.n; i++) {
    const Section *s = &image->sections.v[i];
    if (!s->data || strncmp(s->name, ".rela.", 6)) continue;
    for (uint64_t k = 0; k < s->size / sizeof(Elf64_Rela); k++) {
      Elf64_Rela rela;
      memcpy(&rela, s->data + k * sizeof rela, sizeof rela);
      if (rela.r_offset == slot && ELF64_R_TYPE(rela.r_info) == R_X86_64_IRELATIVE) return (uint64_t)rela.r_addend;
    }
  }
  return addr;
}
