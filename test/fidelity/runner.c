// Replays a trace of page references on this kernel, in a memory cgroup (v1), and prints what it counted as JSON.
//   runner GROUP CPU LIMIT PAGES KIND EVERY TRACE [FILE]
// GROUP is the group's folder, not limited yet; LIMIT its bytes; KIND anon, shm, shared (two processes), mmap, random
// or pread (of FILE); memory.stat is read each EVERY references. TRACE has a u32 a reference: page, bit 31 for a write.
// Only the region's pages, the kernel's structures for them and nothing else are charged to the group.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define REGION ((char *)0x100000000000ul)
#define WRITE 0x80000000u
#define TURN 10 // references that one of two processes does before the other goes on
#define TEXT 65536

static const char *group;
static int statFile;
static int vmstatFile;
static char text[TEXT], before[TEXT], after[TEXT];

static void die(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static void put(const char *name, const char *value) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", group, name);
  int file = open(path, O_WRONLY);
  if (file < 0 || write(file, value, strlen(value)) < 0) die(path);
  close(file);
}

static long get(const char *name) {
  char path[512], value[64] = "";
  snprintf(path, sizeof path, "%s/%s", group, name);
  int file = open(path, O_RDONLY);
  if (file < 0 || read(file, value, sizeof value - 1) < 0) die(path);
  close(file);
  return atol(value);
}

static void readAll(int file, char *into) {
  ssize_t got = pread(file, into, TEXT - 1, 0);
  if (got < 0) die("reading counters");
  into[got] = 0;
}

/** The number behind NAME in the lines of STATS, 0 if there is none. */
static long field(const char *stats, const char *name) {
  size_t length = strlen(name);
  for (const char *line = stats; line; line = strchr(line, '\n'), line += line != NULL)
    if (!strncmp(line, name, length) && line[length] == ' ') return atol(line + length + 1);
  return 0;
}

/** What is mapped or cached of the region, in pages; reading it flushes the group's statistics. */
static long resident(void) {
  readAll(statFile, text);
  return (field(text, "cache") + field(text, "rss")) / (long)PAGE;
}

/** How many of the region's pages are in memory. */
static long present(long pages, int file) {
  char *at = REGION;
  static unsigned char in[1 << 20];
  if (file >= 0) at = mmap(NULL, (size_t)pages * PAGE, PROT_READ, MAP_SHARED, file, 0); // never touched
  if (at == MAP_FAILED || mincore(at, (size_t)pages * PAGE, in)) die("mincore");
  long sum = 0;
  for (long i = 0; i < pages; i++) sum += in[i] & 1;
  return sum;
}

static void touch(volatile uint32_t *region, int file, uint32_t reference, uint32_t stamp) {
  uint64_t page = reference & ~WRITE;
  volatile uint32_t *word = region + page * (PAGE / 4);
  if (file >= 0) {
    static char buffer[PAGE];
    if (pread(file, buffer, PAGE, (off_t)(page * PAGE)) != (ssize_t)PAGE) die("pread");
  } else if (reference & WRITE) *word = stamp;
  else (void)*word;
}

/** What two processes tell each other. */
struct Told {
  long most, minor, major;
};

/** Does the references of one of two processes, and hands over to the other after each TURN. */
static void replayHalf(volatile uint32_t *region, const uint32_t *trace, long count, long every, int half, int in, int out, struct Told *told) {
  char token = 0;
  for (long start = 0; start < count; start += TURN) {
    if ((start / TURN) % 2 != half) continue;
    if (start > 0 && read(in, &token, 1) != 1) die("waiting for the other process");
    for (long i = start; i < start + TURN && i < count; i++) {
      touch(region, -1, trace[i], (uint32_t)i + 1);
      if (i % every != every - 1) continue;
      long now = resident();
      if (now > told->most) told->most = now;
    }
    if (write(out, &token, 1) != 1) die("handing over");
  }
}

/** Has the kernel make the region's page tables, and takes the pages that this needs away again: tables come from outside of the group. */
static void makeTables(volatile uint32_t *region, const char *kind, long pages, int file) {
  for (long page = 0; page < pages; page += 512) {
    touch(region, -1, (uint32_t)page | (file >= 0 ? 0 : WRITE), 1);
    if (madvise((char *)region + (size_t)page * PAGE, PAGE, MADV_DONTNEED)) die("madvise");
  }
  if (file < 0) return;
  int failed = !strcmp(kind, "shm") || !strcmp(kind, "shared") ? fallocate(file, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, pages * (long)PAGE)
    : posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  if (failed) die("dropping pages");
}

static volatile uint32_t *map(const char *kind, long pages, int file) {
  size_t size = (size_t)pages * PAGE;
  int shared = strcmp(kind, "anon") ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
  int disk = !strcmp(kind, "mmap") || !strcmp(kind, "random");
  char *at = mmap(REGION, size, PROT_READ | (disk ? 0 : PROT_WRITE), shared | MAP_FIXED_NOREPLACE | MAP_NORESERVE, file, 0);
  if (at != REGION) die("mmap");
  if (madvise(at, size, MADV_NOHUGEPAGE)) die("madvise");
  if (!strcmp(kind, "random") && madvise(at, size, MADV_RANDOM)) die("madvise");
  return (volatile uint32_t *)at;
}

/** Takes a copy of all memory of this process, none of which the kernel may take, and begins to count. */
static void settle(void) {
  if (mlockall(MCL_CURRENT)) die("mlockall");
  readAll(vmstatFile, after);
  resident();
}

static void replayTwo(long pages, int memory, const uint32_t *trace, long count, long every, struct Told *told) {
  int there[2], back[2], ready[2];
  if (pipe(there) || pipe(back) || pipe(ready)) die("pipe");
  char token = 0;
  for (int i = 0; i < 2; i++) { // a pipe's page comes with its first byte
    int *both = i ? back : there;
    if (write(both[1], &token, 1) != 1 || read(both[0], &token, 1) != 1) die("pipe");
  }
  pid_t child = fork();
  if (child < 0) die("fork");
  settle();
  volatile uint32_t *region = map("shared", pages, memory);
  makeTables(region, "shared", pages, memory);
  struct rusage start, end;
  put("cgroup.procs", "0");
  getrusage(RUSAGE_SELF, &start);
  if (child == 0) {
    if (write(ready[1], &token, 1) != 1) die("pipe");
    replayHalf(region, trace, count, every, 1, there[0], back[1], told);
    getrusage(RUSAGE_SELF, &end);
    told->minor = end.ru_minflt - start.ru_minflt;
    told->major = end.ru_majflt - start.ru_majflt;
    if (write(ready[1], &token, 1) != 1) die("pipe");
    for (;;) pause(); // until it has been counted, and is killed
  }
  if (read(ready[0], &token, 1) != 1) die("waiting for the other process");
  replayHalf(region, trace, count, every, 0, back[0], there[1], told);
  if (read(ready[0], &token, 1) != 1) die("waiting for the other process");
  getrusage(RUSAGE_SELF, &end);
  readAll(vmstatFile, after);
  readAll(statFile, text);
  told->minor += end.ru_minflt - start.ru_minflt;
  told->major += end.ru_majflt - start.ru_majflt;
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

static void replayOne(const char *kind, long pages, int file, const uint32_t *trace, long count, long every, struct Told *told) {
  int reading = strcmp(kind, "pread") ? -1 : file;
  settle();
  volatile uint32_t *region = reading >= 0 ? NULL : map(kind, pages, file);
  if (region) makeTables(region, kind, pages, file);
  struct rusage start, end;
  put("cgroup.procs", "0");
  getrusage(RUSAGE_SELF, &start);
  for (long i = 0; i < count; i++) {
    touch(region, reading, trace[i], (uint32_t)i + 1);
    if (i % every != every - 1) continue;
    long now = resident();
    if (now > told->most) told->most = now;
  }
  getrusage(RUSAGE_SELF, &end);
  readAll(vmstatFile, after);
  readAll(statFile, text);
  told->minor = end.ru_minflt - start.ru_minflt;
  told->major = end.ru_majflt - start.ru_majflt;
}

static uint32_t *load(const char *path, long *count) {
  struct stat is;
  int file = open(path, O_RDONLY);
  if (file < 0 || fstat(file, &is)) die(path);
  uint32_t *trace = malloc((size_t)is.st_size);
  for (off_t done = 0; done < is.st_size;) {
    ssize_t got = read(file, (char *)trace + done, (size_t)(is.st_size - done));
    if (got <= 0) die(path);
    done += got;
  }
  close(file);
  *count = is.st_size / 4;
  return trace;
}

/** Opens the file without anything of it in the page cache; it keeps the device's read-ahead of this moment. */
static int openFile(const char *path, int random) {
  int file = open(path, O_RDONLY);
  if (file < 0 || posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)) die(path);
  if (random && posix_fadvise(file, 0, 0, POSIX_FADV_RANDOM)) die(path);
  return file;
}

static void pin(int cpu) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(cpu, &cpus);
  if (sched_setaffinity(0, sizeof cpus, &cpus)) die("sched_setaffinity");
}

static void report(const struct Told *told, long in) {
  static const char *const ofMachine[] = {"pgscan_direct", "pgscan_kswapd", "pgsteal_direct", "pgsteal_kswapd", "pgscan_anon",
    "pgscan_file", "pgsteal_anon", "pgsteal_file", "pgactivate", "pgdeactivate", "pgrefill", "pswpin", "pswpout", "swpin_zero",
    "swpout_zero", "workingset_refault_anon", "workingset_refault_file", "workingset_activate_anon", "workingset_activate_file",
    "workingset_restore_anon", "workingset_restore_file"};
  static const char *const ofGroup[] = {"pgfault", "pgmajfault", "inactive_anon", "active_anon", "inactive_file", "active_file"};
  printf("{\"resident\":%ld,\"kernel\":%ld,\"minor\":%ld,\"major\":%ld,\"present\":%ld", told->most,
    get("memory.kmem.usage_in_bytes"), told->minor, told->major, in);
  for (size_t i = 0; i < sizeof ofGroup / sizeof *ofGroup; i++) printf(",\"%s\":%ld", ofGroup[i], field(text, ofGroup[i]));
  for (size_t i = 0; i < sizeof ofMachine / sizeof *ofMachine; i++)
    printf(",\"%s\":%ld", ofMachine[i], field(after, ofMachine[i]) - field(before, ofMachine[i]));
  printf("}\n");
}

int main(int argc, char **argv) {
  if (argc < 8) return fprintf(stderr, "usage: runner GROUP CPU LIMIT PAGES KIND EVERY TRACE [FILE]\n"), 2;
  group = argv[1];
  pin(atoi(argv[2]));
  long pages = atol(argv[4]), every = atol(argv[6]), count;
  const char *kind = argv[5];
  uint32_t *trace = load(argv[7], &count);
  int file = -1;
  if (argc > 8) file = openFile(argv[8], strcmp(kind, "mmap"));
  else if (strcmp(kind, "anon")) file = memfd_create("region", 0);
  if (file >= 0 && argc == 8 && ftruncate(file, pages * (long)PAGE)) die("ftruncate");
  struct Told *told = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (told == MAP_FAILED) die("mmap");
  char path[512];
  snprintf(path, sizeof path, "%s/memory.stat", group);
  statFile = open(path, O_RDONLY);
  vmstatFile = open("/proc/vmstat", O_RDONLY);
  if (statFile < 0 || vmstatFile < 0) die(path);
  put("memory.limit_in_bytes", argv[3]);
  readAll(vmstatFile, before);
  if (strcmp(kind, "shared")) replayOne(kind, pages, file, trace, count, every, told);
  else replayTwo(pages, file, trace, count, every, told);
  report(told, present(pages, file));
  return 0;
}
