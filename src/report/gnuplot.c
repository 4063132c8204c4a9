/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gnuplot as a process. Its standard error is read to its end, but only the last of it is kept. */
#include "report/gnuplot.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "report/escape.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEPT = 4096 };

static int missing(struct sb_diag *diag)
{
    return sb_diag_fail(diag, -ENOENT,
                        "gnuplot, which draws figures, is not installed: "
                        "apt-get install gnuplot-nox");
}

int sb_gnuplot_present(struct sb_diag *diag)
{
    const char *path = getenv("PATH");
    char *copy SB_FREE = sb_strdup(path ? path : "/usr/local/bin:/usr/bin:/bin");
    char *rest = copy;

    if (!copy)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    for (const char *folder; (folder = strsep(&rest, ":"));) {
        char *program SB_FREE = sb_printf("%s/gnuplot", *folder ? folder : ".");

        if (program && access(program, X_OK) == 0)
            return 0;
    }
    return missing(diag);
}

/* What gnuplot takes from its surroundings: where programs and fonts are, nothing that changes what
 * it draws. The clock's zone is fixed because some terminals write the time. */
static char **surroundings(void)
{
    static const char *const kept[] = { "PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH" };
    char **env = SB_NEW_ARRAY(char *, SB_COUNT(kept) + 3);
    size_t n = 0;

    if (!env)
        return NULL;
    env[n++] = sb_strdup("LC_ALL=C.UTF-8");
    env[n++] = sb_strdup("TZ=UTC");
    for (size_t i = 0; i < SB_COUNT(kept); i++)
        if (getenv(kept[i]))
            env[n++] = sb_printf("%s=%s", kept[i], getenv(kept[i]));
    return env;
}

static void free_surroundings(char **env)
{
    for (size_t i = 0; env && env[i]; i++)
        free(env[i]);
    free(env);
}

/* Signals that this program holds back end gnuplot. */
static int let_signals(posix_spawnattr_t *attributes)
{
    sigset_t none;
    int error = posix_spawnattr_init(attributes);

    if (error)
        return error;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(attributes, &none);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK);
}

static int describe(posix_spawn_file_actions_t *actions, const char *folder, int errors)
{
    int error = posix_spawn_file_actions_init(actions);

    if (error)
        return error;
    error = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, errors, 2);
    if (!error)
        error = posix_spawn_file_actions_addchdir_np(actions, folder);
    if (error)
        posix_spawn_file_actions_destroy(actions);
    return error;
}

static int start(const char *folder, const char *name, int errors, pid_t *pid_out)
{
    char *argv[] = { (char *)"gnuplot", (char *)"-d", (char *)name, NULL };
    char **env = surroundings();
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = env ? describe(&actions, folder, errors) : ENOMEM;

    if (!error) {
        error = let_signals(&attributes);
        if (!error)
            error = posix_spawnp(pid_out, "gnuplot", &actions, &attributes, argv, env);
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    free_surroundings(env);
    return -error;
}

static void read_errors(int fd, struct sb_buf *out)
{
    char chunk[512];

    for (;;) {
        const ssize_t n = read(fd, chunk, sizeof(chunk));

        if (n == 0 || (n < 0 && errno != EINTR))
            return;
        if (n > 0)
            sb_buf_bytes(out, chunk, (size_t)n);
        if (out->n > KEPT) {
            memmove(out->data, out->data + out->n - KEPT, KEPT);
            out->n = KEPT;
        }
    }
}

static int wait_for(pid_t pid)
{
    int status = -1;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/* The last line that it printed: those before it repeat the command. */
static const char *last_line(struct sb_buf *errors)
{
    while (errors->n > 0 && strchr(" \t\r\n", errors->data[errors->n - 1]))
        errors->n--;
    for (size_t i = errors->n; i > 0; i--)
        if (errors->data[i - 1] == '\n')
            return sb_buf_str(errors) ? (const char *)errors->data + i : "";
    return sb_buf_str(errors) ? sb_buf_str(errors) : "";
}

static int complain(int status, struct sb_buf *errors, struct sb_diag *diag)
{
    struct sb_buf line;
    int error;

    sb_buf_init(&line);
    sb_escape_line(last_line(errors), 400, &line);
    if (WIFSIGNALED(status))
        error = sb_diag_fail(diag, -EIO, "gnuplot was ended by signal %d: draw again",
                             WTERMSIG(status));
    else
        error = sb_diag_fail(diag, -EIO, "gnuplot could not draw the figure: %s",
                             line.n && !line.failed ? sb_buf_str(&line) : "it does not say why");
    sb_buf_fini(&line);
    return error;
}

int sb_gnuplot_run(const char *folder, const char *name, struct sb_diag *diag)
{
    struct sb_buf errors;
    pid_t pid;
    int pipes[2], error, status;

    if (pipe2(pipes, O_CLOEXEC))
        return sb_diag_fail(diag, -EIO, "gnuplot: no pipe: %s", strerror(errno));
    error = start(folder, name, pipes[1], &pid);
    close(pipes[1]);
    if (error) {
        close(pipes[0]);
        return error == -ENOENT
                   ? missing(diag)
                   : sb_diag_fail(diag, -EIO, "gnuplot does not start: %s", strerror(-error));
    }
    sb_buf_init(&errors);
    read_errors(pipes[0], &errors);
    close(pipes[0]);
    status = wait_for(pid);
    error = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : complain(status, &errors, diag);
    sb_buf_fini(&errors);
    return error;
}
