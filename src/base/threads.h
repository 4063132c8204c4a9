/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work in parts on several threads. Threads are made for a call and joined before it returns, so that
 * nothing outlives it, in a process that forks, too. */
#ifndef SB_BASE_THREADS_H
#define SB_BASE_THREADS_H

#include <stddef.h>
#include <stdint.h>

enum { SB_THREADS_MAX = 64 };

/* One part of the work, `part` in 0 .. n_parts-1. What parts share must be read only, or each must
 * write to places of its own. */
typedef void sb_part(void *context, size_t part);

/* Calls f(context, part) once for each part, on the caller's thread and up to n_threads - 1 others;
 * who takes which part is not said. A thread that cannot be made is done without: the parts are done
 * all the same. Everything that they wrote is seen by the caller. Signals are left to its thread. */
void sb_threads_run(size_t n_threads, size_t n_parts, sb_part *f, void *context);

/* How many threads a call should use, the caller's included, 1..SB_THREADS_MAX: one for each CPU that
 * the process may use, but at most STATBED_THREADS where that is a number from 1. Nothing that is
 * answered may depend on it. */
uint32_t sb_threads_count(void);
/* The limit that `text` asks for, at most SB_THREADS_MAX; 0 where it is no whole number from 1. */
uint32_t sb_threads_limit(const char *text);
/* From now on threads may use the CPUs that the caller may use now, even if it is pinned to fewer
 * later. To be called before other threads are; without it the first question or run does it. */
void sb_threads_keep_cpus(void);
/* For tests: from now on so many, however many CPUs there are. */
void sb_threads_force(uint32_t n);

#endif
