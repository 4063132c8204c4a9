/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plugins whose constructor tries something before the learner runs; TRY names it. run() returns 0
 * where that was in vain. */
#include <statbed/learner.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREAD 1
#define PEEK 2
#define HOLD 3
#define GARBAGE 4
#define CRASH 5
#define LOOP 6
#define EXIT 7
#define FORGE 8

static volatile int zero, held = -1;
static int32_t outcome = 1;

#if TRY == THREAD
static void *endless(void *p)
{
    while (!zero)
        continue;
    return p;
}
#endif

/* The C library hands constructors the arguments of the program: statbed-host PLUGIN MODE MEMORY LOG
 * PARENT. */
__attribute__((constructor)) static void early(int argc, char **argv)
{
    (void)argc;
    (void)argv;
#if TRY == THREAD
    pthread_t id;

    outcome = pthread_create(&id, NULL, endless, NULL) ? 0 : 2;
#elif TRY == PEEK
    char path[64];

    snprintf(path, sizeof path, "/proc/%s/mem", argc == 6 ? argv[5] : "?");
    outcome = argc == 6 && open(path, O_RDONLY) < 0 ? 0 : 2;
#elif TRY == HOLD
    held = argc == 6 ? open(argv[1], O_RDONLY) : -1;
    outcome = held >= 0 && open("/tmp/statbed-constructor", O_RDWR | O_CREAT, 0600) < 0 ? 0 : 2;
#elif TRY == GARBAGE
    if (write(3, "GARBAGE FROM A CONSTRUCTOR", 26) < 0)
        outcome = 2;
#elif TRY == CRASH
    *(volatile int *)(uintptr_t)zero = 1;
#elif TRY == LOOP
    while (!zero)
        continue;
#elif TRY == FORGE
    /* a descriptor without a word, of a learner that is not isolated at all */
    static const unsigned char frame[8 + 32] = { 32, 0, 0, 0, 1 };

    while (write(3, frame, sizeof frame) == sizeof frame)
        while (!zero)
            continue;
#elif TRY == EXIT
    exit(4);
#endif
}

static int32_t run(const struct sb_host *h, void *self)
{
    char byte;

    (void)h;
    (void)self;
    (void)zero;
    if (held >= 0 && read(held, &byte, 1) >= 0)
        return 3;
    return outcome;
}

SB_LEARNER(SB_STAT, 0, "constructor", "tries something early", "a test", NULL, NULL, run, NULL);
