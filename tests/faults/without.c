/* SPDX-License-Identifier: GPL-3.0-or-later */
/* without seccomp|landlock PROGRAM [ARGUMENT...]: runs a program as if the kernel had no system-call
 * filters, or no Landlock. */
#include <errno.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int refuse_seccomp(scmp_filter_ctx ctx)
{
    const int error =
        seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
                         SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0)); /* the filter's older door */

    return error ? error : seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);
}

static int refuse_landlock(scmp_filter_ctx ctx)
{
    return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0);
}

int main(int argc, char **argv)
{
    const scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
    int error = argc < 3 || !ctx ? -EINVAL : 0;

    if (!error)
        error = strcmp(argv[1], "landlock") == 0 ? refuse_landlock(ctx) : refuse_seccomp(ctx);
    if (!error)
        error = seccomp_load(ctx);
    seccomp_release(ctx);
    if (error) {
        fprintf(stderr, "without: %s\n", strerror(-error));
        return 99;
    }
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 99;
}
