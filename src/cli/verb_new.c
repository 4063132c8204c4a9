/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statbed new learner|family NAME: a plugin that builds and runs, and an experiment for it. Both files
 * are written under other names and renamed when they are whole. */
#include "base/program.h"
#include "cli/cli.h"
#include "cli/templates.h"
#include "config.h"
#include "report/escape.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What can be new. next: a verb between building and running, with the plugin's path behind it. */
static const struct thing {
    const char *name, *article;
    const char *source, *experiment; /* templates */
    const char *next;                /* or NULL */
} things[] = {
    { "learner", "a learner", sb_learner_template, sb_learner_experiment_template, NULL },
    { "family", "a family", sb_family_template, sb_family_experiment_template, "check" },
};

/* One file to be written. */
struct draft {
    char *path, *temporary; /* owned */
    struct sb_buf text;
    bool written, placed;
};

/* The template with NAME replaced. */
static void fill(const char *template, const char *name, struct sb_buf *out)
{
    static const char mark[] = "NAME";
    const char *next;

    while ((next = strstr(template, mark))) {
        sb_buf_bytes(out, template, (size_t)(next - template));
        sb_buf_puts(out, name);
        template = next + strlen(mark);
    }
    sb_buf_puts(out, template);
}

static int draft_init(struct draft *draft, const char *dir, const char *name, const char *suffix,
                      const char *template, struct sb_diag *diag)
{
    struct stat s;

    draft->path = strcmp(dir, ".") == 0 ? sb_printf("%s%s", name, suffix)
                                        : sb_printf("%s/%s%s", dir, name, suffix);
    draft->temporary = sb_printf("%s/.%s%s.%ld", dir, name, suffix, (long)getpid());
    sb_buf_init(&draft->text);
    fill(template, name, &draft->text);
    if (!draft->path || !draft->temporary || draft->text.failed)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    if (lstat(draft->path, &s) == 0)
        return sb_diag_fail(diag, -EINVAL,
                            "new: %s exists and is not overwritten: take another name, or --dir",
                            draft->path);
    return 0;
}

static void draft_fini(struct draft *draft, bool keep)
{
    if (draft->written && !draft->placed)
        unlink(draft->temporary);
    if (draft->placed && !keep)
        unlink(draft->path);
    free(draft->path);
    free(draft->temporary);
    sb_buf_fini(&draft->text);
}

static int draft_write(struct draft *draft, struct sb_diag *diag)
{
    FILE *file = fopen(draft->temporary, "wx");
    bool fine;

    if (!file)
        return sb_diag_fail(diag, -EINVAL, "new: %s cannot be written: %s", draft->path,
                            strerror(errno));
    draft->written = true;
    fine = fwrite(draft->text.data, 1, draft->text.n, file) == draft->text.n;
    fine = fclose(file) == 0 && fine;
    return fine ? 0
                : sb_diag_fail(diag, -EIO, "new: %s cannot be written: %s", draft->path,
                               strerror(errno));
}

static int draft_place(struct draft *draft, struct sb_diag *diag)
{
    if (rename(draft->temporary, draft->path))
        return sb_diag_fail(diag, -EIO, "new: %s cannot be written: %s", draft->path,
                            strerror(errno));
    draft->placed = true;
    return 0;
}

/* All of it, or nothing. */
static int write_all(struct draft *drafts, size_t n, struct sb_diag *diag)
{
    int error = 0;

    for (size_t i = 0; i < n && !error; i++)
        error = draft_write(&drafts[i], diag);
    for (size_t i = 0; i < n && !error; i++)
        error = draft_place(&drafts[i], diag);
    return error;
}

/* [a-z][a-z0-9-]*: it names files, a plugin and an experiment. */
static int check_name(const char *name, const struct thing *thing, struct sb_diag *diag)
{
    const size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    if (n == strlen(name) && n >= 1 && n <= 48 && *name >= 'a' && *name <= 'z')
        return 0;
    return sb_diag_fail(diag, -EINVAL,
                        "new: '%s' is no name for %s: expected a lower-case letter, then "
                        "lower-case letters, digits or '-', at most 48",
                        name, thing->article);
}

/* Is the folder there at all? */
static int check_dir(const char *dir, struct sb_diag *diag)
{
    struct stat s;

    if (stat(dir, &s))
        return sb_diag_fail(diag, -ENOENT, "new: --dir=%s: %s", dir, strerror(errno));
    if (!S_ISDIR(s.st_mode))
        return sb_diag_fail(diag, -EINVAL, "new: --dir=%s is not a folder", dir);
    return 0;
}

/* A line that lets pkg-config find statbed.pc, beside the program or where it is installed, unless
 * it is known to look there. */
static void say_pkg_config(struct sb_buf *out)
{
    static const char *const places[] = { ".", SB_PCDIR };
    const char *set = getenv("PKG_CONFIG_PATH");

    for (size_t i = 0; i < SB_COUNT(places); i++) {
        char *folder SB_FREE = sb_program_path(places[i]);
        char *file SB_FREE = folder ? sb_printf("%s/statbed.pc", folder) : NULL;

        if (!file || access(file, R_OK))
            continue;
        if (strncmp(folder, "/usr/", 5) != 0 && !(set && strstr(set, folder))) {
            sb_buf_puts(out, "  export PKG_CONFIG_PATH=");
            sb_escape_shell(folder, out);
            sb_buf_puts(out, "\n");
        }
        return;
    }
}

/* pkg-config puts a backslash before a space in the headers' folder, which is for eval alone. */
static void say_build(struct sb_buf *out, const char *object, const char *source)
{
    char *program SB_FREE = sb_program_path(".");
    const char *quote = program && strchr(program, ' ') ? "\"" : "";

    sb_buf_printf(out, "  %s%scc -shared -fPIC -O2 $(pkg-config --cflags statbed) -o ",
                  *quote ? "eval " : "", quote);
    sb_escape_shell(object, out);
    sb_buf_puts(out, " ");
    sb_escape_shell(source, out);
    sb_buf_printf(out, "%s\n", quote);
}

static int say_next(const struct thing *thing, const struct draft *source,
                    const struct draft *experiment, const char *name, struct sb_diag *diag)
{
    const char *here = strchr(source->path, '/') ? "" : "./";
    char *object SB_FREE = sb_printf("%.*s.so", (int)strlen(source->path) - 2, source->path);
    char *plugin SB_FREE = object ? sb_printf("%s%s", here, object) : NULL;
    struct sb_buf out;
    int error;

    if (!plugin)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    sb_buf_init(&out);
    sb_buf_printf(&out, "wrote %s and %s; next:\n", source->path, experiment->path);
    say_pkg_config(&out);
    say_build(&out, object, source->path);
    if (thing->next) {
        sb_buf_printf(&out, "  statbed %s ", thing->next);
        sb_escape_shell(plugin, &out);
        sb_buf_puts(&out, "\n");
    }
    sb_buf_puts(&out, "  statbed run ");
    sb_escape_shell(experiment->path, &out);
    sb_buf_printf(&out, "\n  statbed table --db results/%s.db\n", name);
    error = sb_put(&out, diag);
    sb_buf_fini(&out);
    return error;
}

static int make(const struct thing *thing, const char *name, const char *dir, struct sb_diag *diag)
{
    struct draft drafts[2] = { 0 };
    int error = draft_init(&drafts[0], dir, name, ".c", thing->source, diag);
    const int other = draft_init(&drafts[1], dir, name, ".yaml", thing->experiment, diag);

    error = error ? error : other;
    if (!error)
        error = write_all(drafts, SB_COUNT(drafts), diag);
    if (!error)
        error = say_next(thing, &drafts[0], &drafts[1], name, diag);
    for (size_t i = 0; i < SB_COUNT(drafts); i++)
        draft_fini(&drafts[i], !error);
    return error;
}

static const struct thing *find_thing(const char *what)
{
    for (size_t i = 0; i < SB_COUNT(things); i++)
        if (strcmp(things[i].name, what) == 0)
            return &things[i];
    return NULL;
}

static int verb_new(const struct sb_args *args, struct sb_diag *diag)
{
    const char *const what = args->operands[0];
    const struct thing *thing = find_thing(what);
    const char *dir = sb_args_value(args, "dir");
    int error;

    if (!thing)
        return sb_diag_fail(diag, -EINVAL, "new: expected 'learner' or 'family', found '%s'", what);
    error = check_name(args->operands[1], thing, diag);
    if (!error)
        error = check_dir(dir, diag);
    return error ? error : make(thing, args->operands[1], dir, diag);
}

static const struct sb_option options[] = {
    { "dir", "FOLDER", ".", "where the files are written", 0 }, SB_OPTION_END
};

const struct sb_verb sb_verb_new = {
    .name = "new",
    .group = SB_GROUP_WRITE,
    .operands = "learner|family NEW-NAME",
    .summary = "writes a plugin that builds and runs, and an experiment for it",
    .options = options,
    .n_least = 2,
    .n_most = 2,
    .notes =
        "Writes NEW-NAME.c and NEW-NAME.yaml, and prints the commands that build and run them. "
        "Files that exist are not overwritten.\n",
    .examples = "  statbed new learner mine\n  statbed new family hard\n",
    .main = verb_new,
};
