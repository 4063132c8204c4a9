/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a new user waits for after the build: `statbed run quickstart` in an empty folder, beside
 * the start of the program alone. The goal is 10 s.
 *
 *     quickstart STATBED EXPERIMENT.yaml */
#include "bench.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static const double goal = 10; /* seconds */

/* Seconds; negative: it failed. */
static double timed(const char *folder, const char *program, const char *verb, const char *name)
{
    const double start = bench_now();
    const pid_t pid = fork();
    int status;

    if (pid == 0) {
        const int null = open("/dev/null", O_WRONLY);

        if (chdir(folder) || dup2(null, 1) < 0 || dup2(null, 2) < 0)
            _exit(127);
        execl(program, program, verb, name, (char *)NULL);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        return -1;
    return bench_now() - start;
}

static void clean(const char *folder)
{
    static const char *const files[] = { "results/quickstart.db", "results/quickstart.db.lock",
                                         "results" };
    char path[4096];

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        remove(path);
    }
    rmdir(folder);
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/statbed-bench-XXXXXX";
    double start, whole;

    if (argc != 3 || !mkdtemp(folder)) {
        printf("usage: quickstart STATBED EXPERIMENT.yaml\n");
        return 2;
    }
    start = timed(folder, argv[1], "version", NULL);
    whole = timed(folder, argv[1], "run", argv[2]);
    clean(folder);
    if (start < 0 || whole < 0) {
        printf("quickstart: it failed\n");
        return 2;
    }
    printf("quickstart: %.2f s, the program's start alone %.3f s, ratio to the goal %.3f, goal <= "
           "%.0f s: %s\n",
           whole, start, whole / goal, goal, whole <= goal ? "met" : "NOT met");
    return whole <= goal ? 0 : 1;
}
