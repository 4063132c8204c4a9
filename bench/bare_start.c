/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The anchor of bench/start.c: a program that does nothing but load the two system-call filters of a
 * learner's process. */
#include "host/sandbox.h"

#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || sb_sandbox_filter_loading() ||
        sb_sandbox_filter_running())
        _exit(1);
    _exit(0);
}
