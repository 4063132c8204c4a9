/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options: one strict parser for all verbs. */
#include "cli/cli.h"
#include "cli/placeholders.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static size_t count_options(const struct sb_verb *verb)
{
    size_t n = 0;

    while (n < SB_OPTIONS_MAX && verb->options[n].name)
        n++;
    return n;
}

/* The option that `word` (behind its dashes, up to '=') names; -EINVAL with the nearest name. */
static int find_option(const struct sb_verb *verb, const char *word, size_t length, size_t *i_out,
                       struct sb_diag *diag)
{
    const size_t n = count_options(verb);
    const char *names[SB_OPTIONS_MAX + 1] = { "help" };
    char *found SB_FREE = sb_strndup(word, length);
    const char *near;

    if (!found)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        names[i + 1] = verb->options[i].name;
        if (strcmp(found, names[i + 1]) == 0) {
            *i_out = i;
            return 0;
        }
    }
    near = sb_nearest(found, names, n + 1);
    return sb_diag_fail(diag, -EINVAL, "%s: unknown option --%s%s%s%s; see statbed %s --help",
                        verb->name, found, near ? ", did you mean --" : "", near ? near : "",
                        near ? "?" : "", verb->name);
}

/* Is `value` one of the words of "one|two|three"? */
static bool is_choice(const char *words, const char *value)
{
    const size_t length = strlen(value);

    while (words) {
        if (strncmp(words, value, length) == 0 && (words[length] == '|' || !words[length]))
            return length > 0;
        words = strchr(words, '|');
        words += words ? 1 : 0;
    }
    return false;
}

static const char *nearest_choice(char *words, const char *value)
{
    const char *names[SB_OPTIONS_MAX];
    size_t n = 0;

    while (words && n < SB_COUNT(names))
        names[n++] = strsep(&words, "|");
    return sb_nearest(value, names, n);
}

bool sb_option_has_words(const struct sb_option *option)
{
    return option->value && strchr(option->value, '|') && !isupper((unsigned char)*option->value);
}

static int set_option(struct sb_args *args, size_t i, const char *value, struct sb_diag *diag)
{
    const struct sb_option *option = &args->verb->options[i];
    char *words SB_FREE = NULL;
    const char *near;

    if (args->value[i])
        return sb_diag_fail(diag, -EINVAL, "%s: --%s is given twice", args->verb->name,
                            option->name);
    args->value[i] = value;
    if (!sb_option_has_words(option) || is_choice(option->value, value))
        return 0;
    words = sb_strdup(option->value);
    if (!words)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    near = nearest_choice(words, value);
    return sb_diag_fail(diag, -EINVAL, "%s: --%s=%s is not one of %s%s%s%s", args->verb->name,
                        option->name, value, option->value, near ? "; did you mean " : "",
                        near ? near : "", near ? "?" : "");
}

/* Option i, with the value that stands in its own word, or NULL. */
static int take_value(struct sb_args *args, size_t i, const char *value, const char *next,
                      bool *used_out, struct sb_diag *diag)
{
    const struct sb_option *option = &args->verb->options[i];

    if (!option->value && value)
        return sb_diag_fail(diag, -EINVAL, "%s: --%s takes no value", args->verb->name,
                            option->name);
    if (!option->value)
        return set_option(args, i, "", diag);
    if (value)
        return set_option(args, i, value, diag);
    if (!next)
        return sb_diag_fail(diag, -EINVAL, "%s: --%s needs a value: --%s=%s", args->verb->name,
                            option->name, option->name, option->value);
    *used_out = true;
    return set_option(args, i, next, diag);
}

/* One word that begins with two dashes; `next` is the word behind it or NULL. */
static int take_long(struct sb_args *args, const char *word, const char *next, bool *used_out,
                     struct sb_diag *diag)
{
    const char *equals = strchr(word, '=');
    const size_t length = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
    size_t i = 0;
    const int error = find_option(args->verb, word + 2, length, &i, diag);

    return error ? error : take_value(args, i, equals ? equals + 1 : NULL, next, used_out, diag);
}

/* The option with this letter; the number of options where there is none. */
static size_t find_letter(const struct sb_verb *verb, char letter)
{
    const size_t n = count_options(verb);
    size_t i = 0;

    while (i < n && (!letter || verb->options[i].letter != letter))
        i++;
    return i;
}

/* An option, known or not; or false: an operand, such as -1, or -y where there are expressions. */
static bool is_option(const struct sb_verb *verb, const char *word)
{
    if (word[0] != '-')
        return false;
    return word[1] == '-' || find_letter(verb, word[1]) < count_options(verb) ||
           (isalpha((unsigned char)word[1]) && !sb_operands_dashed(verb));
}

/* -q: an option that begins with this letter may be meant. */
static int unknown_letter(const struct sb_verb *verb, const char *word, struct sb_diag *diag)
{
    const char *near = NULL;

    for (const struct sb_option *option = verb->options; option->name && !near; option++)
        near = option->name[0] == word[1] ? option->name : NULL;
    return sb_diag_fail(
        diag, -EINVAL,
        "%s: unknown option %s%s%s%s; see statbed %s --help (an operand that begins "
        "with a dash stands behind --)",
        verb->name, word, near ? ", did you mean --" : "", near ? near : "", near ? "?" : "",
        verb->name);
}

static int take_option(struct sb_args *args, const char *word, const char *next, bool *used_out,
                       struct sb_diag *diag)
{
    const size_t i = find_letter(args->verb, word[1]);

    *used_out = false;
    if (word[1] == '-')
        return take_long(args, word, next, used_out, diag);
    if (i == count_options(args->verb))
        return unknown_letter(args->verb, word, diag);
    return take_value(args, i, word[2] ? word + 2 : NULL, next, used_out, diag);
}

static int check_operands(const struct sb_args *args, struct sb_diag *diag)
{
    const struct sb_verb *verb = args->verb;

    if (args->n_operands >= verb->n_least && args->n_operands <= verb->n_most)
        return 0;
    if (args->n_operands < verb->n_least)
        return sb_diag_fail(diag, -EINVAL, "%s: expected %s, found %s; see statbed %s --help",
                            verb->name, verb->operands, args->n_operands ? "too little" : "nothing",
                            verb->name);
    return sb_diag_fail(diag, -EINVAL, "%s: expected %s, found '%s' as well; see statbed %s --help",
                        verb->name, verb->operands ? verb->operands : "nothing more",
                        args->operands[verb->n_most], verb->name);
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static int take_words(struct sb_args *args, int argc, char **argv, struct sb_diag *diag)
{
    bool ended = false, used;
    int first = 0;

    for (int i = 0; i < argc; i++) {
        int error = 0;

        if (!ended && strcmp(argv[i], "--") == 0) {
            ended = true;
        } else if (!ended && is_option(args->verb, argv[i])) {
            error = take_option(args, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &used, diag);
            i += used;
        } else {
            args->operands[args->n_operands++] = argv[i];
        }
        first = first ? first : error;
    }
    return first;
}

int sb_args_parse(const struct sb_verb *verb, int argc, char **argv, struct sb_args *out,
                  struct sb_diag *diag)
{
    struct sb_args args = { .verb = verb, .help = wants_help(argc, argv) };
    int error, operands;

    if (args.help) {
        *out = args;
        return 0;
    }
    args.operands = SB_NEW_ARRAY(const char *, (size_t)argc);
    if (!args.operands)
        return sb_diag_fail(diag, -ENOMEM, "out of memory");
    error = take_words(&args, argc, argv, diag);
    operands = check_operands(&args, diag);
    if (error || operands) {
        sb_args_fini(&args);
        return error ? error : operands;
    }
    *out = args;
    return 0;
}

void sb_args_fini(struct sb_args *args)
{
    free(args->operands);
    args->operands = NULL;
}

static size_t place_of(const struct sb_args *args, const char *name)
{
    const size_t n = count_options(args->verb);
    size_t i = 0;

    while (i < n && strcmp(args->verb->options[i].name, name) != 0)
        i++;
    return i < n ? i : SB_OPTIONS_MAX;
}

const char *sb_args_value(const struct sb_args *args, const char *name)
{
    const size_t i = place_of(args, name);

    if (i == SB_OPTIONS_MAX)
        return NULL;
    return args->value[i] ? args->value[i] : args->verb->options[i].fallback;
}

bool sb_args_given(const struct sb_args *args, const char *name)
{
    const size_t i = place_of(args, name);

    return i < SB_OPTIONS_MAX && args->value[i];
}
