/* package.c: loads packages: finds their folders, parses their files, follows their imports.
 *
 * An import path is looked up beside the main package's folder, then in stdlib/. A folder is a package: its *.toy
 * files, except *_test.toy and what begins with . or _, in the order of their names, so that the result does not
 * depend on the file system. Packages are visited depth first in the order of their imports; the order in which
 * visits end is the order of compilation and of initialisation.
 *
 * Assembly files (*.S) belong to their folder's package, and so do C files (*.c) if it declares functions of C; those on the
 * command line belong to the main one.
 *
 * Every package is loaded once and every broken import reported once, where it stands.
 */
#include "package.h"
#include "diag.h"
#include "link.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct Loaded { Package *pkg; bool active; Package *importer; } Loaded;
DEFINE_LIST(LoadedList, Loaded *);

static Program program;
static LoadedList loaded;
static const char *main_folder;

/* ---- folders */

static bool is_folder(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), k = strlen(end);
  return n >= k && strcmp(text + n - k, end) == 0;
}

static bool is_package_file(const char *name) {
  return name[0] != '.' && name[0] != '_' && ends_with(name, ".toy") && !ends_with(name, "_test.toy");
}

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static bool is_assembly(const char *name) { return name[0] != '.' && name[0] != '_' && ends_with(name, ".S"); }
static bool is_c(const char *name) { return name[0] != '.' && name[0] != '_' && ends_with(name, ".c"); }
static bool is_header(const char *name) { return ends_with(name, ".h"); }

/* Full paths; empty when the folder cannot be read. */
static TextList folder_names(const char *folder, bool (*wanted)(const char *)) {
  TextList files = {0};
  DIR *dir = opendir(folder);
  if (!dir) return files;
  for (struct dirent *entry; (entry = readdir(dir));)
    if (wanted(entry->d_name)) list_push(&files, format("%s/%s", folder, entry->d_name));
  closedir(dir);
  if (files.n) qsort(files.v, (size_t)files.n, sizeof *files.v, by_text);
  return files;
}

static TextList folder_files(const char *folder) { return folder_names(folder, is_package_file); }

static const char *folder_of(const char *file) {
  const char *slash = strrchr(file, '/');
  return slash ? format("%.*s", (int)(slash - file), file) : ".";
}

/* What a package is made of. */
typedef struct Inputs { TextList toy, assembly, c; bool named; /* on the command line, one by one */ } Inputs;

static Inputs folder_inputs(const char *folder) {
  return (Inputs){folder_files(folder), folder_names(folder, is_assembly), folder_names(folder, is_c), false};
}

static bool has_package(const char *folder) { return is_folder(folder) && folder_files(folder).n > 0; }

/* ---- one package */

static void parse_into(Package *pkg, const char *path) {
  Source *source = source_load(path);
  if (!source) return;
  list_push(&program.sources, source);
  File *file = parse_file(source);
  list_push(&pkg->files, file);
  if (!file->package_name) return;
  if (!pkg->name) pkg->name = file->package_name;
  else if (strcmp(pkg->name, file->package_name))
    error_at(file->package_pos, "package %s; expected package %s", file->package_name, pkg->name);
}

static bool declares_c(const Package *pkg) {
  for (int i = 0; i < pkg->files.n; i++)
    for (int k = 0; k < pkg->files.v[i]->decls.n; k++) {
      const Decl *d = pkg->files.v[i]->decls.v[k];
      if (d->kind == DECL_FUNC && d->u.func.pragmas.c) return true;
    }
  return false;
}

static void take_sources(TextList files) {
  for (int i = 0; i < files.n; i++) {
    Source *source = source_load(files.v[i]);
    if (source) list_push(&program.sources, source);
  }
}

/* What the C compiler reads counts as read: the files, and what they may include of their folder. */
static void take_foreign(Package *pkg, const Inputs *in) {
  pkg->asm_files = in->assembly.v, pkg->nasm = in->assembly.n;
  pkg->c_files = in->c.v, pkg->nc = in->c.n;
  take_sources(in->assembly);
  take_sources(in->c);
  if (pkg->nasm + pkg->nc) take_sources(folder_names(pkg->dir, is_header));
}

static void follow_imports(Loaded *entry);

static Package *load_package(const char *path, const char *folder, Inputs in, bool stdlib, Package *importer) {
  Loaded *entry = NEW(Loaded);
  *entry = (Loaded){NEW(Package), true, importer};
  entry->pkg->path = intern_cstr(path);
  entry->pkg->dir = folder;
  entry->pkg->stdlib = stdlib;
  list_push(&loaded, entry);
  for (int i = 0; i < in.toy.n; i++) parse_into(entry->pkg, in.toy.v[i]);
  if (!in.named && !declares_c(entry->pkg)) in.c = (TextList){0};
  take_foreign(entry->pkg, &in);
  follow_imports(entry);
  entry->active = false;
  list_push(&program.order, entry->pkg);
  return entry->pkg;
}

/* ---- imports */

static Loaded *find_loaded(const char *path) {
  for (int i = 0; i < loaded.n; i++)
    if (strcmp(loaded.v[i]->pkg->path, path) == 0) return loaded.v[i];
  return NULL;
}

static Loaded *loaded_of(Package *pkg) { return find_loaded(pkg->path); }

/* From the import that closes the circle back to where it began. */
static void report_cycle(Pos pos, Package *from, Package *to) {
  const char *text = to->path;
  for (Package *p = from; p; p = loaded_of(p)->importer) {
    text = format("%s imports %s", p->path, text);
    if (p == to) break;
  }
  error_at(pos, "import cycle not allowed: %s", text);
}

static bool is_import_path(const char *path) {
  if (!*path || *path == '/' || *path == '.') return false;
  if (strstr(path, "//") || strstr(path, "/.") || ends_with(path, "/")) return false;
  for (const char *c = path; *c; c++)
    if ((unsigned char)*c <= ' ' || strchr("!\"#$%&'()*,:;<=>?[\\]^`{|}", *c)) return false;
  return true;
}

static Package *load_import(Decl *import, Package *importer) {
  const char *path = import->u.import.path;
  Pos pos = import->u.import.path_pos;
  if (!is_import_path(path)) return error_at(pos, "invalid import path: \"%s\"", path), NULL;
  Loaded *known = find_loaded(path);
  if (known && known->active) return report_cycle(pos, importer, known->pkg), NULL;
  if (known) return known->pkg;
  const char *beside = format("%s/%s", main_folder, path), *library = format("%s/%s", link_stdlib_sources(), path);
  bool stdlib = !has_package(beside);
  const char *folder = stdlib ? library : beside;
  if (!has_package(folder)) {
    error_at(pos, "package %s is not in std (%s) nor beside the main package (%s)", path, library, beside);
    return NULL;
  }
  return load_package(path, folder, folder_inputs(folder), stdlib, importer);
}

static void add_import(Package *pkg, Decl *decl) {
  Package *imported = load_import(decl, pkg);
  if (!imported || !imported->name) return;
  if (strcmp(imported->name, "main") == 0) {
    error_at(decl->u.import.path_pos, "import \"%s\" is a program, not an importable package", imported->path);
    return;
  }
  decl->u.import.pkg = imported;
  for (int i = 0; i < pkg->imports.n; i++)
    if (pkg->imports.v[i] == imported) return;
  list_push(&pkg->imports, imported);
}

static void follow_imports(Loaded *entry) {
  for (int i = 0; i < entry->pkg->files.n; i++) {
    DeclList decls = entry->pkg->files.v[i]->decls;
    for (int k = 0; k < decls.n; k++)
      if (decls.v[k]->kind == DECL_IMPORT && decls.v[k]->u.import.path) add_import(entry->pkg, decls.v[k]);
  }
}

/* ---- the command line */

static Inputs named_inputs(TextList inputs) {
  Inputs in = {.named = true};
  if (inputs.n == 1 && is_folder(inputs.v[0])) in = folder_inputs(inputs.v[0]);
  for (int i = 0; i < inputs.n && !is_folder(inputs.v[0]); i++) {
    const char *name = inputs.v[i];
    list_push(ends_with(name, ".S") ? &in.assembly : ends_with(name, ".c") ? &in.c : &in.toy, name);
  }
  if (in.toy.n == 0)
    error_in_file(inputs.v[0], is_folder(inputs.v[0]) ? "no Toy files in this folder" : "no Toy file to go with it");
  return in;
}

/* The library's own packages may declare functions that the runtime defines. */
static bool is_library_folder(const char *folder, const char *path) {
  char here[PATH_MAX], there[PATH_MAX];
  const char *library = format("%s/%s", link_stdlib_sources(), path);
  return realpath(folder, here) && realpath(library, there) && strcmp(here, there) == 0;
}

/* Compiled code panics by calling package runtime, whether the program imports it or not. */
static void load_runtime(void) {
  const char *folder = format("%s/runtime", link_stdlib_sources());
  if (has_package(folder)) load_package("runtime", folder, folder_inputs(folder), true, NULL);
}

Program package_load(TextList inputs, const char *path) {
  Inputs in = named_inputs(inputs);
  if (in.toy.n == 0) return program;
  main_folder = is_folder(inputs.v[0]) ? inputs.v[0] : folder_of(inputs.v[0]);
  if (strcmp(path, "main") == 0) load_runtime();
  program.main = load_package(path, main_folder, in, is_library_folder(main_folder, path), NULL);
  return program;
}
