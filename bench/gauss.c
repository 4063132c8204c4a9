/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of standard Gaussians in double, on one thread: ours on each instruction set, GSL's
 * ziggurat with mt19937 and taus2, and NumPy's generators (bench/gauss.py, a process of its own).
 * Each fills the same block a few times, turn about, in CPU time; medians over the rounds. Our words
 * and uniforms stand beside.
 *
 *     gauss PYTHON GAUSS.PY */
#include "bench.h"

#include "base/isa.h"
#include "numeric/random.h"

#include <gsl/gsl_randist.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 41, FILLS = 16, MOST = 4096 }; /* FILLS: as in gauss.py */

static const struct sb_key key = { { 20221, 5 } };
static double numbers[MOST];

/* NumPy's process: what it is asked, what it answers; NULL: there is none. */
static FILE *ask, *answer;

typedef void fill(const void *what, uint64_t number, uint64_t block);

static void fill_gauss(const void *what, uint64_t number, uint64_t block)
{
    (void)what;
    sb_random_gauss(key, 1, number * block, block, numbers);
}

static void fill_uniform(const void *what, uint64_t number, uint64_t block)
{
    (void)what;
    sb_random_uniform(key, 1, number * block, block, numbers);
}

static void fill_words(const void *what, uint64_t number, uint64_t block)
{
    static uint64_t words[MOST];

    (void)what;
    sb_random_words(key, 1, number * block, block, words);
}

static void fill_gsl(const void *what, uint64_t number, uint64_t block)
{
    gsl_rng *const *generator = what;

    (void)number;
    for (uint64_t i = 0; i < block; i++)
        numbers[i] = gsl_ran_gaussian_ziggurat(*generator, 1);
}

static double cpu_time(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static gsl_rng *mt19937, *taus2;

/* fill: NULL for NumPy's. */
static const struct contender {
    const char *name;
    fill *fill;
    const void *what;
    enum sb_isa isa;
} contenders[] = {
    { "statbed, AVX-512", fill_gauss, NULL, SB_ISA_AVX512 },
    { "statbed, AVX2", fill_gauss, NULL, SB_ISA_AVX2 },
    { "statbed, baseline", fill_gauss, NULL, SB_ISA_BASELINE },
    { "GSL ziggurat, mt19937", fill_gsl, &mt19937, SB_ISA_AVX512 },
    { "GSL ziggurat, taus2", fill_gsl, &taus2, SB_ISA_AVX512 },
    { "NumPy, Philox", NULL, "Philox", SB_ISA_AVX512 },
    { "NumPy, PCG64", NULL, "PCG64", SB_ISA_AVX512 },
    { "NumPy, SFC64", NULL, "SFC64", SB_ISA_AVX512 },
    { "words of 64 bits, AVX-512", fill_words, NULL, SB_ISA_AVX512 },
    { "words of 64 bits, AVX2", fill_words, NULL, SB_ISA_AVX2 },
    { "uniforms, AVX-512", fill_uniform, NULL, SB_ISA_AVX512 },
    { "uniforms, AVX2", fill_uniform, NULL, SB_ISA_AVX2 },
};
enum { CONTENDERS = sizeof contenders / sizeof *contenders };
enum { AVX512, AVX2, BASELINE, MT19937, TAUS2, PHILOX };

static const struct {
    int ours, theirs;
    double goal;
} goals[] = {
    { AVX512, MT19937, 3 }, { AVX512, TAUS2, 2 }, { AVX512, PHILOX, 5 }, { AVX2, TAUS2, 1 }
};

static bool takes_part(const struct contender *c)
{
    return c->fill ? sb_isa_has(c->isa) : ask != NULL;
}

/* Seconds for FILLS blocks. */
static double time_of(const struct contender *c, int round, uint64_t block)
{
    double begin, seconds = 0;

    if (!c->fill) {
        fprintf(ask, "%s %d\n", (const char *)c->what, (int)block);
        fflush(ask);
        if (fscanf(answer, "%lf", &seconds) != 1)
            fprintf(stderr, "NumPy's process ended\n");
        return seconds;
    }
    sb_isa_limit(c->isa);
    begin = cpu_time();
    for (int i = 0; i < FILLS; i++)
        c->fill(c->what, (uint64_t)(round * FILLS + i), block);
    return cpu_time() - begin;
}

/* Prints a table for blocks of this size; how many goals are not met. */
static int compare(uint64_t block)
{
    static double seconds[CONTENDERS][ROUNDS];
    double rate[CONTENDERS] = { 0 };
    int missed = 0;

    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < CONTENDERS; i++)
            if (takes_part(&contenders[i]))
                seconds[i][round] = time_of(&contenders[i], round, block);
    printf("blocks of %d, M numbers a second:\n", (int)block);
    for (int i = 0; i < CONTENDERS; i++) {
        if (!takes_part(&contenders[i]))
            continue;
        rate[i] = FILLS * (double)block / bench_median(seconds[i], ROUNDS);
        printf("  %-26s %8.1f\n", contenders[i].name, rate[i] * 1e-6);
    }
    for (size_t i = 0; i < sizeof goals / sizeof *goals; i++) {
        const double ratio = rate[goals[i].ours] / rate[goals[i].theirs];

        if (rate[goals[i].ours] == 0 || rate[goals[i].theirs] == 0)
            continue;
        printf("  %s / %s: %.2f, goal >= %.0f: %s\n", contenders[goals[i].ours].name,
               contenders[goals[i].theirs].name, ratio, goals[i].goal,
               ratio >= goals[i].goal ? "met" : "NOT met");
        missed += !(ratio >= goals[i].goal);
    }
    return missed;
}

/* Starts NumPy's process, or says that there is none. */
static void start_numpy(const char *python, const char *program)
{
    int to[2], from[2];
    char version[64];

    if (pipe(to) || pipe(from))
        return;
    if (fork() == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        close(to[1]);
        close(from[0]);
        execlp(python, python, program, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    ask = fdopen(to[1], "w");
    answer = fdopen(from[0], "r");
    if (ask && answer && fgets(version, sizeof version, answer)) {
        printf("%s", version);
        return;
    }
    printf("NumPy is not there (python3-numpy): compared with GSL alone\n");
    ask = NULL;
}

int main(int argc, char **argv)
{
    int missed;

    if (argc != 3) {
        fprintf(stderr, "gauss PYTHON GAUSS.PY\n");
        return 2;
    }
    mt19937 = gsl_rng_alloc(gsl_rng_mt19937);
    taus2 = gsl_rng_alloc(gsl_rng_taus2);
    if (!mt19937 || !taus2)
        return 2;
    start_numpy(argv[1], argv[2]);
    missed = compare(1024) + compare(MOST);
    gsl_rng_free(mt19937);
    gsl_rng_free(taus2);
    return missed > 0;
}
