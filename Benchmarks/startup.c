/* How long a packed program takes from its start to the first byte of its answer, and what it holds in memory.

     startup PROGRAM INPUT [RUNS]

   Starts PROGRAM on INPUT with its output on a pipe, RUNS times (200 if not given), after ten starts that do not count. Prints the
   median, the fastest and the slowest but 5 %, in ms. Linux. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void fail(const char *what)
{
  perror(what);
  exit(2);
}

/* One start: ms from the call that starts the program to the first byte of its output. */
static double start(char *program, char *input)
{
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) fail("pipe2");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  char *words[] = {program, input, NULL};
  pid_t process;
  const double begin = now();
  const int error = posix_spawn(&process, program, &actions, NULL, words, environ);
  if (error != 0) {
    errno = error;
    fail(program);
  }
  close(pipe_ends[1]);
  char bytes[4096];
  const ssize_t first = read(pipe_ends[0], bytes, sizeof bytes);
  const double end = now();
  while (read(pipe_ends[0], bytes, sizeof bytes) > 0) continue;
  close(pipe_ends[0]);
  posix_spawn_file_actions_destroy(&actions);
  int status;
  if (waitpid(process, &status, 0) != process || status != 0 || first <= 0) {
    fprintf(stderr, "%s gave no answer\n", program);
    exit(2);
  }
  return end - begin;
}

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int count, char **words)
{
  const int runs = count > 3 ? atoi(words[3]) : 200;
  if (count < 3 || runs < 1) {
    fprintf(stderr, "usage: startup PROGRAM INPUT [RUNS]\n");
    return 2;
  }
  double *times = malloc(runs * sizeof *times);
  if (!times) fail("malloc");
  for (int i = 0; i < 10; i++) start(words[1], words[2]);
  for (int i = 0; i < runs; i++) times[i] = start(words[1], words[2]);
  qsort(times, runs, sizeof *times, by_size);
  printf("%d starts: median %.3f ms, fastest %.3f ms, 95 %% within %.3f ms to the first byte\n", runs, times[runs / 2], times[0],
    times[runs * 95 / 100]);
  free(times);
  return 0;
}
