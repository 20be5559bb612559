// What the machine's benches are compared with: the same loops on the Linux underneath.
// linux CASE PAGES PASSES wall|cpu: prints nanoseconds an operation, the median of the passes, which one
// more before them warmed up.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)

static clockid_t timer;

static double now(void) {
  struct timespec t;
  clock_gettime(timer, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static void must(int right, const char *what) {
  if (right) return;
  perror(what);
  exit(1);
}

/* Pages of 4 KiB, whatever the system would like to make of them. */
static volatile char *map(long pages, int flags, int fd) {
  char *at = mmap(0, pages * PAGE, RW, flags, fd, 0);
  must(at != MAP_FAILED, "mmap");
  madvise(at, pages * PAGE, MADV_NOHUGEPAGE);
  return at;
}

static double touch(volatile char *at, long pages) {
  double start = now();
  for (long i = 0; i < pages; i++) *(volatile int *)(at + i * PAGE) = 1;
  return (now() - start) / pages;
}

static double firstTouch(long pages, int flags) {
  volatile char *at = map(pages, flags, -1);
  double ns = touch(at, pages);
  munmap((void *)at, pages * PAGE);
  return ns;
}

static double anonymous(long pages) { return firstTouch(pages, MAP_PRIVATE | MAP_ANONYMOUS); }

static double shared(long pages) { return firstTouch(pages, MAP_SHARED | MAP_ANONYMOUS); }

/* A second mapping of an object whose pages are all there. */
static double cached(long pages) {
  int fd = memfd_create("bench", 0);
  must(fd >= 0 && ftruncate(fd, pages * PAGE) == 0, "memfd");
  volatile char *first = map(pages, MAP_SHARED, fd);
  touch(first, pages);
  volatile char *second = map(pages, MAP_SHARED, fd);
  double ns = touch(second, pages);
  munmap((void *)first, pages * PAGE);
  munmap((void *)second, pages * PAGE);
  close(fd);
  return ns;
}

/* Runs in a child, and hands its result up. */
static double inChild(double (*run)(volatile char *, long), volatile char *at, long pages) {
  int ends[2];
  double ns = 0;
  must(pipe(ends) == 0, "pipe");
  pid_t child = fork();
  must(child >= 0, "fork");
  if (child == 0) {
    ns = run(at, pages);
    must(write(ends[1], &ns, sizeof ns) == sizeof ns, "write");
    _exit(0);
  }
  must(read(ends[0], &ns, sizeof ns) == sizeof ns, "read");
  waitpid(child, 0, 0);
  close(ends[0]);
  close(ends[1]);
  return ns;
}

static double copyOnWrite(long pages) {
  volatile char *at = map(pages, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  touch(at, pages);
  double ns = inChild(touch, at, pages);
  munmap((void *)at, pages * PAGE);
  return ns;
}

static double forkPages(long pages) {
  volatile char *at = map(pages, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  touch(at, pages);
  double start = now();
  pid_t child = fork();
  if (child == 0) _exit(0);
  double ns = (now() - start) / pages;
  must(child > 0, "fork");
  waitpid(child, 0, 0);
  munmap((void *)at, pages * PAGE);
  return ns;
}

static double unmap(long pages) {
  volatile char *at = map(pages, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  touch(at, pages);
  double start = now();
  munmap((void *)at, pages * PAGE);
  return (now() - start) / pages;
}

static double segment(long times) {
  double start = now();
  for (long i = 0; i < times; i++) {
    int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);
    must(id >= 0, "shmget");
    volatile int *at = shmat(id, 0, 0);
    must(at != (void *)-1, "shmat");
    *at = 1;
    shmdt((void *)at);
    shmctl(id, IPC_RMID, 0);
  }
  return (now() - start) / times;
}

/* Out to swap, all of them, and in again, one by one. */
static double swap(long pages) {
  volatile char *at = map(pages, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  touch(at, pages);
  double start = now();
  must(madvise((void *)at, pages * PAGE, MADV_PAGEOUT) == 0, "madvise");
  double ns = (now() - start) / pages + touch(at, pages);
  munmap((void *)at, pages * PAGE);
  return ns;
}

static const struct {
  const char *name;
  double (*run)(long);
} cases[] = {
    {"anonymous", anonymous}, {"shared", shared}, {"cached", cached},  {"copyOnWrite", copyOnWrite},
    {"fork", forkPages},      {"unmap", unmap},   {"segment", segment},
    {"swap", swap},
};

static int byValue(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

int main(int count, char **arguments) {
  must(count == 5, "four arguments");
  long operations = atol(arguments[2]);
  int passes = atoi(arguments[3]);
  double ns[passes];
  timer = strcmp(arguments[4], "cpu") == 0 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC;
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (strcmp(cases[i].name, arguments[1]) != 0) continue;
    cases[i].run(operations);
    for (int pass = 0; pass < passes; pass++) ns[pass] = cases[i].run(operations);
    qsort(ns, passes, sizeof *ns, byValue);
    printf("%f\n", ns[passes / 2]);
    return 0;
  }
  fprintf(stderr, "no case '%s'\n", arguments[1]);
  return 1;
}
