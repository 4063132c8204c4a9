/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed: finds the verb, runs it, prints what it has to say, and turns errors into exit codes. */
#include "cli/cli.h"
#include "cli/surroundings.h"

#include <errno.h>
#include <fcntl.h>
#include <gsl/gsl_errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_FINE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* What a message quotes may come from any file: nothing in it steers a terminal. Some messages have lines
 * of their own, as a caret below an expression. */
static void mask_controls(char *line)
{
    for (; line && *line; line++)
        if (((unsigned char)*line < ' ' && *line != '\n') || *line == 0x7f)
            *line = '?';
}

static void print_diag(const struct sb_diag *diag)
{
    fflush(stdout);
    for (size_t i = 0; i < diag->n_items; i++) {
        const struct sb_diag_item *item = &diag->items[i];
        char *line SB_FREE = sb_diag_line(item);

        mask_controls(line);
        fprintf(stderr, "%s%s\n", item->file ? "" : "statbed: ", line ? line : item->text);
    }
}

/* Where there was no memory even for the message. */
static void print_no_memory(int result, const struct sb_diag *diag)
{
    if (result < 0 && diag->n_items == 0)
        fputs("statbed: out of memory\n", stderr);
}

/* What the errno of a message means to the shell. */
static int exit_code(int result)
{
    switch (result) {
    case 0:
        return EXIT_FINE;
    case -EINVAL:
    case -ENOENT:
    case -EISDIR:
        return EXIT_USAGE;
    default:
        return result > 128 ? result : EXIT_FAILED;
    }
}

/* Nothing leaves without a word: an error that no one explained gets its name. */
static void explain(int result, struct sb_diag *diag)
{
    if (result < 0 && diag->n_items == 0)
        sb_diag_fail(diag, result, "%s", strerror(-result));
}

int sb_put(struct sb_buf *buf, struct sb_diag *diag)
{
    if (buf->failed)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (buf->n && fwrite(buf->data, 1, buf->n, stdout) != buf->n)
        return sb_diag_fail(diag, -EIO, "standard output: %s", strerror(errno));
    return 0;
}

static const struct sb_verb *find_verb(const char *name)
{
    for (const struct sb_verb *const *verb = sb_verbs; *verb; verb++)
        if (strcmp((*verb)->name, name) == 0)
            return *verb;
    return NULL;
}

static int unknown_verb(const char *name, struct sb_diag *diag)
{
    const char *names[64];
    const char *near;
    size_t n = 0;

    while (n < SB_COUNT(names) && sb_verbs[n]) {
        names[n] = sb_verbs[n]->name;
        n++;
    }
    near = sb_nearest(name, names, n);
    return sb_diag_fail(diag, -EINVAL, "unknown verb '%s'%s%s%s; see statbed --help", name,
                        near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int print_help(const struct sb_verb *verb, struct sb_diag *diag)
{
    struct sb_buf text;
    int error;

    sb_buf_init(&text);
    if (verb)
        sb_usage(verb, &text);
    else
        sb_usage_all(&text);
    error = sb_put(&text, diag);
    sb_buf_fini(&text);
    return error;
}

static int run_verb(const struct sb_verb *verb, int argc, char **argv, struct sb_diag *diag)
{
    struct sb_args args;
    int result = sb_args_parse(verb, argc, argv, &args, diag);

    if (result)
        return result;
    result = args.help ? 0 : sb_environment_check(diag);
    if (!result)
        result = args.help ? print_help(verb, diag) : verb->main(&args, diag);
    sb_args_fini(&args);
    return result;
}

/* "statbed help VERB" and "statbed --version" are what people type first. */
static int dispatch(int argc, char **argv, struct sb_diag *diag)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    const struct sb_verb *verb;
    bool help;

    if (!word)
        return sb_diag_fail(diag, -EINVAL, "expected a verb; see statbed --help");
    help = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
    if (help && argc == 2)
        return print_help(NULL, diag);
    if (help)
        word = argv[2];
    if (strcmp(word, "--version") == 0)
        word = "version";
    verb = find_verb(word);
    if (!verb)
        return unknown_verb(word, diag);
    return help ? print_help(verb, diag) : run_verb(verb, argc - 2, argv + 2, diag);
}

/* A standard descriptor that is closed would be that of the next file to be opened, and what is
 * printed would go into it. Open the wrong way round, it fails as a closed one does. */
static void keep_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    struct sb_diag diag;
    int result;

    keep_standard_descriptors();
    signal(SIGCHLD, SIG_DFL); /* ignored, as some parents leave it, how a child ended gets lost */
    signal(SIGXFSZ, SIG_IGN); /* a write beyond ulimit -f fails, and is told, as others are */
    sb_diag_init(&diag);
    gsl_set_error_handler_off();
    result = dispatch(argc, argv, &diag);
    if (fflush(stdout) && result >= 0)
        result = sb_diag_fail(&diag, -EIO, "standard output: %s", strerror(errno));
    explain(result, &diag);
    print_diag(&diag);
    print_no_memory(result, &diag);
    sb_diag_fini(&diag);
    return exit_code(result);
}
