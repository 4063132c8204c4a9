/* SPDX-License-Identifier: GPL-3.0-or-later */
/* campaign STATBED PLUGIN SHIM JOBS BLOWS: kills an experiment at random moments (the same each time, as
 * far as the machine allows) until that many blows were dealt, and looks after each whether what was
 * promised holds:
 *
 *   - the database is sound, and every run that a reader saw finished is there with its digest;
 *   - no cell has two fresh rows;
 *   - no process is left behind (we are the subreaper: orphans become our children);
 *   - nothing keeps the next `run` from going on, and when it ends all digests are those of an
 *     undisturbed run.
 *
 * A chain is one database: run, blow, run again, blow, ... until nothing is missing. What is killed:
 * the parent, alone or with its group, a worker, a learner's process, or the parent in the middle of
 * a write, half of which is done. TAP: one point a chain, comments that say what the blows hit. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DB "results/campaign.db"

enum { CELLS = 16, POLL_US = 10000, PATIENCE_MS = 10000, TREE = 64 };

static const char experiment[] =
    "name: campaign\n"
    "claim: \"finished cells are neither lost nor done twice\"\n"
    "seed: 7\n"
    "repeat: 2\n"
    "family:  { type: parity, dimension: 24 }\n"
    "oracle:  { type: stat, tolerance: 0.1, policy: reference }\n"
    "learner: { type: %s }\n"
    "budget:  { queries: 20, seconds: 60 }\n"
    "goal:    { type: predict, loss: zero-one, max: 0.1, success: 0.66 }\n"
    "grid:\n"
    "  budget.queries: [20, 30, 40, 50, 11000, 60, 70, 80]\n";

enum blow {
    PARENT,
    GROUP,
    WORKER,
    LEARNER,
    WRITE,
    PAUSE,
    SHUTDOWN, /* SIGTERM to a learner, as a machine that is shut down sends it */
    TERM,
    INTERRUPT,
    BLOWS
};
static const char *const blow_names[BLOWS] = {
    "SIGKILL of the parent",
    "SIGKILL of its group",
    "SIGKILL of a worker",
    "SIGKILL of a learner",
    "SIGKILL in the middle of a write",
    "SIGSTOP, SIGCONT of a worker",
    "SIGTERM of a learner",
    "SIGTERM of the parent",
    "SIGINT of the parent",
};

/* What was under way when the blow fell. */
enum phase { BEFORE, BEGUN, ROWS, BETWEEN, AFTER, PHASES };
static const char *const phase_names[PHASES] = {
    "before the first cell", "a cell begun", "a cell's rows", "between cells", "after the end",
};

struct cell {
    char key[65], transcript[65];
};
struct cells {
    struct cell at[CELLS];
    size_t n;
};

struct campaign {
    const char *statbed, *shim;
    int jobs;
    uint64_t random;
    struct cells wanted; /* of the undisturbed run */
    double seconds;      /* that it took */
    long writes;         /* and its writes to the database */
    struct cells seen;   /* finished in this chain, as a reader saw it */
    size_t missing;
    unsigned n_blows, n_dealt[BLOWS], n_hit[PHASES], n_exits[2];
    bool failed;
};

static void fail(struct campaign *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void fail(struct campaign *c, const char *format, ...)
{
    va_list list;

    c->failed = true;
    printf("# jobs %d, blow %u: ", c->jobs, c->n_blows);
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    putchar('\n');
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* splitmix64, in [0, 1) */
static double draw(struct campaign *c)
{
    uint64_t z = c->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static void nap(double seconds)
{
    const struct timespec t = { (time_t)seconds,
                                (long)((seconds - (double)(time_t)seconds) * 1e9) };

    if (seconds > 0)
        nanosleep(&t, NULL);
}

/* The database, read. */

static sqlite3 *open_db(const char *path)
{
    sqlite3 *db = NULL;

    if (access(path, F_OK) || sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL)) {
        sqlite3_close(db);
        return NULL;
    }
    sqlite3_busy_timeout(db, 5000);
    return db;
}

/* The first column of the first row; `otherwise` where there is none. */
static long number(sqlite3 *db, const char *sql, long otherwise)
{
    sqlite3_stmt *stmt = NULL;
    long n = otherwise;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        n = (long)sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

static const struct cell *find(const struct cells *cells, const char *key)
{
    for (size_t i = 0; i < cells->n; i++)
        if (strcmp(cells->at[i].key, key) == 0)
            return &cells->at[i];
    return NULL;
}

/* Adds the finished runs; false: one that was known has another digest, or there are too many. */
static bool read_finished(sqlite3 *db, struct cells *cells)
{
    sqlite3_stmt *stmt = NULL;
    bool good = true;

    if (sqlite3_prepare_v2(db,
                           "SELECT cell_key, transcript FROM run WHERE status = 'finished' AND "
                           "stale = 0",
                           -1, &stmt, NULL) != SQLITE_OK)
        return true; /* no tables yet */
    while (good && sqlite3_step(stmt) == SQLITE_ROW) {
        const char *key = (const char *)sqlite3_column_text(stmt, 0);
        const char *transcript = (const char *)sqlite3_column_text(stmt, 1);
        const struct cell *known = find(cells, key);

        if (known) {
            good = strcmp(known->transcript, transcript) == 0;
        } else if (cells->n < CELLS) {
            snprintf(cells->at[cells->n].key, 65, "%s", key);
            snprintf(cells->at[cells->n++].transcript, 65, "%s", transcript);
        } else {
            good = false;
        }
    }
    sqlite3_finalize(stmt);
    return good;
}

static void look(struct campaign *c)
{
    sqlite3 *db = open_db(DB);

    if (db && !read_finished(db, &c->seen))
        fail(c, "a reader saw a finished run change");
    sqlite3_close(db);
}

/* Processes. */

struct process {
    pid_t pid, parent;
    bool learner;
};

static bool read_process(const char *name, struct process *out)
{
    char path[300], text[512], *end;
    FILE *file;
    size_t n;
    int parent;

    snprintf(path, sizeof path, "/proc/%s/stat", name);
    file = fopen(path, "r");
    n = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[n] = '\0';
    end = strrchr(text, ')');
    if (!end || sscanf(end, ") %*c %d", &parent) != 1)
        return false;
    *out = (struct process){ atoi(text), parent, strstr(text, "(statbed-host)") != NULL };
    return true;
}

/* The children of `root`, and theirs. */
static size_t read_tree(pid_t root, struct process *out)
{
    struct process all[1024];
    const struct dirent *entry;
    DIR *dir = opendir("/proc");
    size_t n_all = 0, n = 0;

    while (dir && n_all < 1024 && (entry = readdir(dir)))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            n_all += read_process(entry->d_name, &all[n_all]);
    if (dir)
        closedir(dir);
    for (size_t i = 0; i < n_all; i++)
        if (all[i].parent == root && n < TREE)
            out[n++] = all[i];
    for (size_t done = 0; done < n; done++)
        for (size_t i = 0; i < n_all; i++)
            if (all[i].parent == out[done].pid && n < TREE)
                out[n++] = all[i];
    return n;
}

/* One of the learners' processes or of the workers, the youngest first; 0: there is none. */
static pid_t choose(pid_t root, bool learner)
{
    struct process tree[TREE];
    const size_t n = read_tree(root, tree);
    pid_t youngest = 0;

    for (size_t i = 0; i < n; i++)
        if (tree[i].learner == learner && tree[i].pid > youngest)
            youngest = tree[i].pid;
    return youngest;
}

static pid_t start(const struct campaign *c, int jobs, long kill_at)
{
    const pid_t pid = fork();
    char number_of_jobs[16], at[24];
    int err;

    if (pid)
        return pid;
    setpgid(0, 0);
    err = open("stderr", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(err, 1);
    dup2(err, 2);
    snprintf(number_of_jobs, sizeof number_of_jobs, "-j%d", jobs);
    snprintf(at, sizeof at, "%ld", kill_at);
    if (kill_at >= 0) {
        setenv("LD_PRELOAD", c->shim, 1);
        setenv(kill_at ? "SHIM_KILL" : "SHIM_COUNT", kill_at ? at : "count", 1);
    }
    execl(c->statbed, "statbed", "run", "campaign.yaml", number_of_jobs, (char *)NULL);
    _exit(99);
}

/* The end of `pid`, and of all that it left to us. */
static int reap(struct campaign *c, pid_t pid)
{
    const double start_of_wait = now();
    int status = 0, its = 0;

    while (waitpid(pid, &its, WNOHANG) == 0 && now() - start_of_wait < PATIENCE_MS * 1e-3)
        nap(2e-3);
    for (;;) {
        const pid_t got = waitpid(-1, &status, WNOHANG);

        if (got < 0 && errno == ECHILD)
            return its;
        if (got == 0 && now() - start_of_wait > PATIENCE_MS * 1e-3) {
            fail(c, "a process was left behind, or did not end");
            kill(-pid, SIGKILL);
            kill(pid, SIGKILL);
            return its;
        }
        if (got == 0)
            nap(1e-3);
    }
}

static void print_stderr(void)
{
    char line[400];
    FILE *file = fopen("stderr", "r");

    while (file && fgets(line, sizeof line, file))
        printf("#   %s", line);
    if (file)
        fclose(file);
}

static size_t count_lines(void)
{
    FILE *file = fopen("stderr", "r");
    size_t n = 0;
    int byte;

    while (file && (byte = getc(file)) != EOF)
        n += byte == '\n';
    if (file)
        fclose(file);
    return n;
}

/* Checks. */

static bool copy(const char *from, const char *to)
{
    char block[65536];
    FILE *in = fopen(from, "r"), *out = in ? fopen(to, "w") : NULL;
    size_t n;

    remove(to);
    if (in && out) {
        fclose(out);
        out = fopen(to, "w");
    }
    while (in && out && (n = fread(block, 1, sizeof block, in)) > 0)
        fwrite(block, 1, n, out);
    if (in)
        fclose(in);
    if (out)
        fclose(out);
    return in && out;
}

/* On a copy: the next run is to meet the files as the blow left them. */
static sqlite3 *open_copy(void)
{
    if (!copy(DB, "copy.db"))
        return NULL;
    remove("copy.db-shm");
    if (!copy(DB "-wal", "copy.db-wal"))
        remove("copy.db-wal");
    return open_db("copy.db");
}

static const char twice[] = "SELECT count(*) FROM (SELECT 1 FROM run WHERE stale = 0 GROUP BY "
                            "cell_key HAVING count(*) > 1)";

static void check_sound(struct campaign *c, sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW ||
        strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") != 0)
        fail(c, "the database is damaged: %s", sqlite3_errmsg(db));
    sqlite3_finalize(stmt);
    if (number(db, twice, 0))
        fail(c, "a cell is there twice");
}

static void check_kept(struct campaign *c, sqlite3 *db)
{
    struct cells there = { .n = 0 };

    if (!read_finished(db, &there))
        fail(c, "more finished runs than cells");
    for (size_t i = 0; i < c->seen.n; i++) {
        const struct cell *kept = find(&there, c->seen.at[i].key);

        if (!kept || strcmp(kept->transcript, c->seen.at[i].transcript) != 0)
            fail(c, "a run that was seen finished is %s", kept ? "another one" : "gone");
    }
    c->seen = there;
    c->missing = CELLS - there.n;
}

static void check_wanted(struct campaign *c)
{
    if (c->seen.n != c->wanted.n)
        fail(c, "%zu cells of %zu at the end", c->seen.n, c->wanted.n);
    for (size_t i = 0; i < c->wanted.n; i++) {
        const struct cell *cell = find(&c->seen, c->wanted.at[i].key);

        if (cell && strcmp(cell->transcript, c->wanted.at[i].transcript) != 0)
            fail(c, "the digest of a cell is not that of the undisturbed run");
    }
}

static enum phase phase_of(sqlite3 *db, bool ended)
{
    const long running = db ? number(db,
                                     "SELECT max(id) FROM run WHERE status IN ('running', "
                                     "'interrupted', 'killed')",
                                     0)
                            : 0;

    if (ended)
        return AFTER;
    if (!db || !number(db, "SELECT count(*) FROM run", 0))
        return BEFORE;
    if (!running)
        return BETWEEN;
    return number(db,
                  "SELECT count(*) FROM query WHERE id >> 32 IN (SELECT id FROM run WHERE status "
                  "IN ('running', 'interrupted', 'killed'))",
                  0)
               ? ROWS
               : BEGUN;
}

/* Blows. */

static void strike(pid_t parent, enum blow blow)
{
    pid_t one;

    switch (blow) {
    case PARENT:
        kill(parent, SIGKILL);
        break;
    case GROUP:
        kill(-parent, SIGKILL);
        break;
    case LEARNER:
    case SHUTDOWN:
        one = choose(parent, true);
        if (one)
            kill(one, blow == LEARNER ? SIGKILL : SIGTERM);
        break;
    case WORKER:
        one = choose(parent, false);
        one = one ? one : choose(parent, true); /* one job: cells are run in the parent */
        if (one)
            kill(one, SIGKILL);
        break;
    case PAUSE:
        one = choose(parent, false);
        one = one ? one : choose(parent, true);
        if (!one)
            break;
        kill(one, SIGSTOP);
        nap(0.03);
        kill(one, SIGCONT);
        break;
    case TERM:
        kill(parent, SIGTERM);
        break;
    case INTERRUPT:
        kill(parent, SIGINT);
        break;
    default:
        break; /* WRITE: from within */
    }
}

/* Waits for the moment, reading what is finished meanwhile; false: the run ended before. */
static bool wait_for(struct campaign *c, pid_t pid, double until)
{
    siginfo_t info;

    for (;;) {
        info.si_pid = 0;
        waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
        if (info.si_pid)
            return false;
        if (now() >= until)
            return true;
        look(c);
        nap(until - now() < POLL_US * 1e-6 ? until - now() : POLL_US * 1e-6);
    }
}

/* What statbed makes of it: by the blow, a signal or one of some codes, and a line where not 0. A blow
 * may fall on a process that has just ended, well: check_complete then looks at what it left. */
static void check_end(struct campaign *c, enum blow blow, int status)
{
    const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    bool good = code == 0;

    if (blow == PARENT || blow == GROUP || blow == WRITE)
        good = killed || good;
    else if (blow == TERM || blow == INTERRUPT)
        good = good || code == 128 + (blow == TERM ? SIGTERM : SIGINT) ||
               (WIFSIGNALED(status) && WTERMSIG(status) == (blow == TERM ? SIGTERM : SIGINT));
    else if (blow != PAUSE) /* the learner that is described before anything runs may be the one */
        good = good || code == 1 || (code == 2 && !c->seen.n);
    if (code == 0 || code == 1)
        c->n_exits[code]++;
    if (!good)
        fail(c, "%s: ended with status %#x", blow_names[blow], status);
    if (code > 0 && (count_lines() < 1 || count_lines() > 6))
        fail(c, "%s: code %d, and %zu lines", blow_names[blow], code, count_lines());
    if (c->failed)
        print_stderr();
}

/* A run that ends with 0 has done everything. */
static void check_complete(struct campaign *c, int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && c->missing)
        fail(c, "ended with 0, and %zu cells are missing", c->missing);
}

/* One run with one blow; the database is then looked at. */
static void one_blow(struct campaign *c)
{
    /* ten SIGKILLs of fourteen */
    static const enum blow turns[] = { PARENT,  GROUP, WORKER,   LEARNER, WRITE, PAUSE, PARENT,
                                       LEARNER, WRITE, SHUTDOWN, WORKER,  GROUP, TERM,  INTERRUPT };
    const enum blow blow = turns[c->n_blows % (sizeof turns / sizeof *turns)];
    const double share = draw(c), left = (double)c->missing / CELLS;
    const double begin = now();
    const long at = blow == WRITE ? 1 + (long)(share * left * (double)c->writes) : -1;
    const pid_t pid = start(c, c->jobs, at);
    /* a start takes some time, however little is missing */
    const bool in_time =
        wait_for(c, pid, begin + (blow == WRITE ? 60 : share * c->seconds * (0.1 + 0.9 * left)));
    sqlite3 *db;
    int status;

    if (in_time)
        strike(pid, blow);
    status = reap(c, pid);
    check_end(c, blow, status);
    db = open_copy();
    c->n_blows++;
    c->n_dealt[blow]++;
    c->n_hit[phase_of(db, !in_time && blow != WRITE)]++;
    if (db) {
        check_sound(c, db);
        check_kept(c, db);
        check_complete(c, status);
    } else if (c->seen.n) {
        fail(c, "the database is gone");
    }
    sqlite3_close(db);
}

static void clear(struct campaign *c)
{
    remove(DB);
    remove(DB "-wal");
    remove(DB "-shm");
    remove(DB ".lock");
    c->seen.n = 0;
    c->missing = CELLS;
}

/* Undisturbed, and as a blow's chain ends. */
static void run_to_end(struct campaign *c, int jobs, long kill_at)
{
    const int status = reap(c, start(c, jobs, kill_at));
    sqlite3 *db = open_db(DB);

    if (status) {
        fail(c, "an undisturbed run ended with status %#x", status);
        print_stderr();
    }
    if (!db) {
        fail(c, "no database");
        return;
    }
    check_sound(c, db);
    check_kept(c, db);
    sqlite3_close(db);
}

static void measure(struct campaign *c)
{
    const double begin = now();
    FILE *count;

    clear(c);
    run_to_end(c, c->jobs, 0);
    c->seconds = now() - begin;
    count = fopen("count", "r");
    if (!count || fscanf(count, "%ld", &c->writes) != 1)
        fail(c, "the writes were not counted");
    if (count)
        fclose(count);
    if (!c->wanted.n)
        c->wanted = c->seen;
    check_wanted(c);
}

static void chain(struct campaign *c, unsigned n_blows)
{
    clear(c);
    while (c->missing && c->n_blows < n_blows && !c->failed)
        one_blow(c);
    run_to_end(c, c->jobs, -1);
    check_wanted(c);
}

static void tell(const struct campaign *c)
{
    printf("# -j%d, undisturbed %.2f s, %ld writes to the database\n", c->jobs, c->seconds,
           c->writes);
    for (int i = 0; i < BLOWS; i++)
        printf("# %3u x %s\n", c->n_dealt[i], blow_names[i]);
    for (int i = 0; i < PHASES; i++)
        printf("# %3u hit: %s\n", c->n_hit[i], phase_names[i]);
    printf("# of runs that lived on %u ended with 0, %u with 1\n", c->n_exits[0], c->n_exits[1]);
}

static bool write_experiment(const char *plugin)
{
    FILE *file = fopen("campaign.yaml", "w");

    if (!file)
        return false;
    fprintf(file, experiment, plugin);
    return fclose(file) == 0;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/statbed-faults-XXXXXX", command[64];
    struct campaign c = { .random = 20221 };
    unsigned n_blows;

    if (argc != 6 || !mkdtemp(folder) || chdir(folder) || !write_experiment(argv[2])) {
        fprintf(stderr, "campaign STATBED PLUGIN SHIM JOBS BLOWS: %s\n", strerror(errno));
        return 2;
    }
    c.statbed = argv[1];
    c.shim = argv[3];
    c.jobs = atoi(argv[4]);
    n_blows = (unsigned)atoi(argv[5]);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    measure(&c);
    while (c.n_blows < n_blows && !c.failed)
        chain(&c, n_blows);
    tell(&c);
    printf("1..1\n%s 1 - %u blows\n", c.failed ? "not ok" : "ok", c.n_blows);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (c.failed)
        printf("# left in %s\n", folder);
    else if (system(command))
        perror(folder);
    return c.failed;
}
