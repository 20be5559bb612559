// The scaling benches' loops on the Linux underneath, by processes or threads.
// linuxScaling spaces|segment|threads faults|reads|objects WORKERS PAGES PASSES MS wall|cpu: prints references a second,
// of all workers together; with `cpu`, a second of processor time. PASSES: how often `reads` reads each page; for `objects`,
// how many pages each has.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define MOST 64

/* What the workers share. */
static struct {
  atomic_int ready, go;
  struct {
    double references, seconds, cpu;
    char apart[104];
  } of[MOST];
} *common;

static int isSegment, makesObjects, workers, passes;
static long pages;
static double window;
static volatile char *segment;

static void must(int right, const char *what) {
  if (right) return;
  perror(what);
  exit(1);
}

static double now(clockid_t timer) {
  struct timespec t;
  clock_gettime(timer, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static volatile char *map(int flags) {
  char *at = mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
  must(at != MAP_FAILED, "mmap");
  madvise(at, pages * PAGE, MADV_NOHUGEPAGE);
  return at;
}

/* Each of the pages is written, and read in so many passes; then the mapping is emptied. */
static double fill(volatile char *at, long first) {
  for (long i = 0; i < pages; i++) *(volatile int *)(at + (first + i) % pages * PAGE) = 1;
  for (int pass = 0; pass < passes; pass++)
    for (long i = 0; i < pages; i++) (void)*(volatile int *)(at + i * PAGE);
  must(madvise((void *)at, pages * PAGE, MADV_DONTNEED) == 0, "madvise");
  return pages * (1.0 + passes);
}

/* An object of a few pages is made, written and unmapped. */
static double object(void) {
  long bytes = passes * PAGE;
  volatile char *at = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  must(at != MAP_FAILED, "mmap");
  for (long i = 0; i < bytes; i += PAGE) *(volatile int *)(at + i) = 1;
  munmap((void *)at, bytes);
  return passes;
}

static void *work(void *argument) {
  long index = (long)argument, first = index * pages / workers;
  volatile char *at = isSegment ? segment : map(MAP_PRIVATE);
  double references = 0;
  if (!makesObjects) fill(at, first);
  atomic_fetch_add(&common->ready, 1);
  while (!atomic_load(&common->go)) usleep(100);
  double start = now(CLOCK_MONOTONIC), cpu = now(CLOCK_THREAD_CPUTIME_ID), time;
  do {
    references += makesObjects ? object() : fill(at, first);
    time = now(CLOCK_MONOTONIC) - start;
  } while (time < window);
  common->of[index].references = references;
  common->of[index].seconds = time;
  common->of[index].cpu = now(CLOCK_THREAD_CPUTIME_ID) - cpu;
  return 0;
}

int main(int count, char **arguments) {
  must(count == 8, "seven arguments");
  int threads = strcmp(arguments[1], "threads") == 0, byCpu = strcmp(arguments[7], "cpu") == 0;
  isSegment = strcmp(arguments[1], "segment") == 0;
  makesObjects = strcmp(arguments[2], "objects") == 0;
  workers = atoi(arguments[3]);
  pages = atol(arguments[4]);
  passes = strcmp(arguments[2], "faults") == 0 ? 0 : atoi(arguments[5]);
  window = atof(arguments[6]) / 1e3;
  must(workers > 0 && workers <= MOST, "workers");
  common = mmap(0, sizeof *common, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  must(common != MAP_FAILED, "mmap");
  if (isSegment) segment = map(MAP_SHARED);
  pthread_t thread[MOST];
  for (long index = 0; index < workers; index++) {
    if (threads) {
      must(pthread_create(&thread[index], 0, work, (void *)index) == 0, "pthread_create");
    } else {
      pid_t child = fork();
      must(child >= 0, "fork");
      if (child == 0) {
        work((void *)index);
        _exit(0);
      }
    }
  }
  while (atomic_load(&common->ready) < workers) usleep(100);
  atomic_store(&common->go, 1);
  double rate = 0, references = 0, cpu = 0;
  for (int index = 0; index < workers; index++) {
    if (threads) pthread_join(thread[index], 0);
    else wait(0);
  }
  for (int index = 0; index < workers; index++) {
    rate += common->of[index].references / common->of[index].seconds;
    references += common->of[index].references;
    cpu += common->of[index].cpu;
  }
  printf("%f\n", byCpu ? references / cpu : rate);
  return 0;
}
