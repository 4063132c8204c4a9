/* SPDX-License-Identifier: GPL-3.0-or-later */
/* YAML as a tree, built from libyaml's events. The events, and not libyaml's documents, because
 * only they show anchors and tags. */
#include "experiment/yaml_tree.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>
#include <yaml.h>

enum {
    DEPTH_MAX = 16, /* an experiment needs 4 */
    MAP_MAX = 1000  /* keys are compared pairwise */
};

struct builder {
    yaml_parser_t parser;
    const char *text, *file;
    size_t n;
    struct sb_diag *diag;
    bool flawed;
};

static uint32_t from_1(size_t count)
{
    return count < UINT32_MAX ? (uint32_t)count + 1 : UINT32_MAX;
}

static int fail_at_mark(struct builder *b, yaml_mark_t mark, const char *what)
{
    return sb_diag_fail_at(b->diag, -EINVAL, b->file, from_1(mark.line), from_1(mark.column), "%s",
                           what);
}

/* A mistake that leaves a tree. */
static void flaw(struct builder *b, yaml_mark_t mark, const char *what)
{
    b->flawed = true;
    fail_at_mark(b, mark, what);
}

/* The place of a byte; libyaml gives none where a character is wrong. */
static yaml_mark_t mark_of_offset(const struct builder *b, size_t offset)
{
    yaml_mark_t mark = { 0 };

    for (size_t i = 0; i < offset && i < b->n; i++) {
        if (b->text[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else if (((unsigned char)b->text[i] & 0xc0) != 0x80) {
            mark.column++;
        }
    }
    return mark;
}

/* Does a line begin with a tab among its blanks? libyaml's words for it are no help. */
static bool indented_by_tab(const struct builder *b, size_t line)
{
    const char *s = b->text, *end = b->text + b->n;

    while (line-- && s) {
        s = memchr(s, '\n', (size_t)(end - s));
        s = s ? s + 1 : NULL;
    }
    while (s && s < end && *s == ' ')
        s++;
    return s && s < end && *s == '\t';
}

static int fail_syntax(struct builder *b)
{
    const yaml_parser_t *p = &b->parser;
    yaml_mark_t mark = p->problem_mark;
    char *what SB_FREE = NULL;

    if (p->error == YAML_MEMORY_ERROR)
        return -ENOMEM;
    if (p->error == YAML_READER_ERROR) {
        mark = mark_of_offset(b, p->problem_offset);
        what = sb_printf("the file must be UTF-8 text: %s", p->problem);
    } else {
        what = sb_printf("not YAML: %s%s%s%s", p->context ? p->context : "", p->context ? ", " : "",
                         p->problem,
                         indented_by_tab(b, mark.line) ? " (indent with blanks, not tabs)" : "");
    }
    return what ? fail_at_mark(b, mark, what) : -ENOMEM;
}

static int next(struct builder *b, yaml_event_t *event)
{
    return yaml_parser_parse(&b->parser, event) ? 0 : fail_syntax(b);
}

static struct sb_yaml *new_node(uint32_t kind, yaml_mark_t mark)
{
    struct sb_yaml *node = SB_NEW(struct sb_yaml);

    if (node) {
        node->kind = kind;
        node->line = from_1(mark.line);
        node->column = from_1(mark.column);
    }
    return node;
}

static void check_properties(struct builder *b, const yaml_event_t *event, const void *anchor,
                             const void *tag)
{
    if (anchor)
        flaw(b, event->start_mark, "anchors are not taken: write the value out");
    if (tag)
        flaw(b, event->start_mark, "tags are not taken: write the value alone");
}

/* Quotes can hide any character; only a text over several lines has a use for one. */
static bool has_control(const char *s, size_t n, bool lines_too)
{
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)s[i];

        if ((c < 0x20 && (lines_too || (c != '\n' && c != '\t'))) || c == 0x7f)
            return true;
    }
    return false;
}

static int build_scalar(struct builder *b, const yaml_event_t *event, struct sb_yaml **out)
{
    const char *text = (const char *)event->data.scalar.value;
    const size_t n = event->data.scalar.length;
    struct sb_yaml *node = new_node(SB_YAML_SCALAR, event->start_mark);

    *out = node;
    if (!node)
        return -ENOMEM;
    check_properties(b, event, event->data.scalar.anchor, event->data.scalar.tag);
    node->quoted = event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                   event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    if (has_control(text, n, false)) {
        flaw(b, event->start_mark, "a control character in a text");
        node->flawed = true;
    }
    node->text = sb_strndup(text, n);
    return node->text ? 0 : -ENOMEM;
}

static int add_entry(struct sb_yaml *node, yaml_mark_t mark, struct sb_yaml_entry **out)
{
    struct sb_yaml_entry *entries =
        sb_grow(node->entries, &node->cap, node->n + 1, sizeof *entries);

    if (!entries)
        return -ENOMEM;
    node->entries = entries;
    *out = &entries[node->n++];
    **out = (struct sb_yaml_entry){ NULL, from_1(mark.line), from_1(mark.column), NULL };
    return 0;
}

static int build(struct builder *b, const yaml_event_t *event, int depth, struct sb_yaml **out);

static int build_list(struct builder *b, int depth, struct sb_yaml *node)
{
    for (;;) {
        struct sb_yaml_entry *entry;
        yaml_event_t event;
        int error = next(b, &event);

        if (error)
            return error;
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return 0;
        }
        error = add_entry(node, event.start_mark, &entry);
        if (!error)
            error = build(b, &event, depth, &entry->value);
        yaml_event_delete(&event);
        if (error)
            return error;
    }
}

/* A key that is not fit to be one ends the reading: what it would pair with is guesswork. */
static int take_key(struct builder *b, const yaml_event_t *event, struct sb_yaml *node)
{
    const char *text = (const char *)event->data.scalar.value;
    struct sb_yaml_entry *entry;

    if (event->type != YAML_SCALAR_EVENT)
        return fail_at_mark(b, event->start_mark, "a key must be a plain word");
    if (has_control(text, event->data.scalar.length, true))
        return fail_at_mark(b, event->start_mark, "a key must be one line of text");
    if (node->n == MAP_MAX)
        return fail_at_mark(b, event->start_mark, "a map of more than 1000 keys");
    check_properties(b, event, event->data.scalar.anchor, event->data.scalar.tag);
    if (add_entry(node, event->start_mark, &entry))
        return -ENOMEM;
    entry->key = sb_strndup(text, event->data.scalar.length);
    return entry->key ? 0 : -ENOMEM;
}

/* A duplicate is reported and dropped. */
static void check_duplicate(struct builder *b, struct sb_yaml *node)
{
    struct sb_yaml_entry *last = &node->entries[node->n - 1];
    const struct sb_yaml_entry *first = sb_yaml_find(node, last->key);

    if (first == last)
        return;
    b->flawed = true;
    sb_diag_fail_at(b->diag, -EINVAL, b->file, last->line, last->column,
                    "duplicate key '%s': it stands in line %u already", last->key, first->line);
    free(last->key);
    sb_yaml_free(last->value);
    node->n--;
}

static int build_map(struct builder *b, int depth, struct sb_yaml *node)
{
    for (;;) {
        yaml_event_t event;
        bool end;
        int error = next(b, &event);

        if (error)
            return error;
        end = event.type == YAML_MAPPING_END_EVENT;
        error = end ? 0 : take_key(b, &event, node);
        yaml_event_delete(&event);
        if (end || error)
            return error;
        error = next(b, &event);
        if (error)
            return error;
        error = build(b, &event, depth, &node->entries[node->n - 1].value);
        yaml_event_delete(&event);
        if (error)
            return error;
        check_duplicate(b, node);
    }
}

/* The node that begins with `event`. *out is set on failure, too: the caller frees the tree. */
static int build(struct builder *b, const yaml_event_t *event, int depth, struct sb_yaml **out)
{
    const bool list = event->type == YAML_SEQUENCE_START_EVENT;

    if (event->type == YAML_SCALAR_EVENT)
        return build_scalar(b, event, out);
    if (event->type == YAML_ALIAS_EVENT) {
        flaw(b, event->start_mark, "aliases are not taken: write the value out");
        *out = new_node(SB_YAML_SCALAR, event->start_mark);
        if (!*out)
            return -ENOMEM;
        (*out)->flawed = true;
        (*out)->text = sb_strdup("");
        return (*out)->text ? 0 : -ENOMEM;
    }
    if (depth == DEPTH_MAX)
        return fail_at_mark(b, event->start_mark, "lists and maps are nested too deeply");
    *out = new_node(list ? SB_YAML_LIST : SB_YAML_MAP, event->start_mark);
    if (!*out)
        return -ENOMEM;
    if (list) {
        check_properties(b, event, event->data.sequence_start.anchor,
                         event->data.sequence_start.tag);
        return build_list(b, depth + 1, *out);
    }
    check_properties(b, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
    return build_map(b, depth + 1, *out);
}

/* The stream: one document, whose content becomes the tree. */
static int build_stream(struct builder *b, struct sb_yaml **out)
{
    for (;;) {
        yaml_event_t event;
        bool end;
        int error = next(b, &event);

        if (error)
            return error;
        end = event.type == YAML_STREAM_END_EVENT;
        if (event.type == YAML_DOCUMENT_START_EVENT && *out)
            error = fail_at_mark(b, event.start_mark, "a second document: a file holds one");
        else if (event.type == YAML_SCALAR_EVENT || event.type == YAML_ALIAS_EVENT ||
                 event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT)
            error = build(b, &event, 0, out);
        else if (end && !*out)
            error = fail_at_mark(b, event.start_mark, "the file is empty");
        yaml_event_delete(&event);
        if (end || error)
            return error;
    }
}

int sb_yaml_parse(const char *text, size_t n, const char *file, struct sb_yaml **out,
                  struct sb_diag *diag)
{
    struct builder b = { .file = file, .diag = diag };
    struct sb_yaml *root = NULL;
    int error;

    /* a byte order mark says UTF-8 once more */
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        n -= 3;
    }
    if (!yaml_parser_initialize(&b.parser))
        return -ENOMEM;
    b.text = text;
    b.n = n;
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)text, n);
    error = build_stream(&b, &root);
    yaml_parser_delete(&b.parser);
    if (error) {
        sb_yaml_free(root);
        return error;
    }
    *out = root;
    return b.flawed ? SB_YAML_FLAWED : 0;
}

void sb_yaml_free(struct sb_yaml *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->n; i++) {
        free(node->entries[i].key);
        sb_yaml_free(node->entries[i].value);
    }
    free(node->entries);
    free(node->text);
    free(node);
}

const struct sb_yaml_entry *sb_yaml_find(const struct sb_yaml *map, const char *key)
{
    for (size_t i = 0; map && map->kind == SB_YAML_MAP && i < map->n; i++) {
        if (strcmp(map->entries[i].key, key) == 0)
            return &map->entries[i];
    }
    return NULL;
}

const char *sb_yaml_found(const struct sb_yaml *node)
{
    if (node->kind == SB_YAML_LIST)
        return "a list";
    if (node->kind == SB_YAML_MAP)
        return "a map";
    return *node->text ? "a scalar" : "nothing";
}
