/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the record says of the program and the machine. */
#include "runner/machine.h"

#include "base/memory.h"
#include "config.h"
#include "git_state.h"

#include <stdio.h>
#include <string.h>

const char *sb_machine_version(void)
{
    return SB_VERSION;
}

const char *sb_machine_git(void)
{
    return SB_GIT_STATE;
}

const char *sb_machine_compiler(void)
{
    return SB_COMPILER;
}

char *sb_machine_cpu(void)
{
    static const char key[] = "model name";
    char line[512];
    char *name = NULL;
    FILE *f = fopen("/proc/cpuinfo", "re");

    while (f && !name && fgets(line, sizeof line, f)) {
        const char *colon = strchr(line, ':');

        if (colon && strncmp(line, key, sizeof key - 1) == 0)
            name = sb_strndup(colon + 2, strcspn(colon + 2, "\n"));
    }
    if (f)
        fclose(f);
    return name ? name : sb_strdup("unknown");
}
