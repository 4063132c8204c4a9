#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Random numbers, transforms and power sums are the same bits on aarch64, run by qemu-aarch64, as here with each
# instruction set that this CPU has. STATBED_NUMBERS: numbers.c, built as everything else is.

setup_file() {
    STATBED_ISA=baseline "$STATBED_NUMBERS" >"$BATS_FILE_TMPDIR"/here
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
}

has() {
    grep -qw "$1" /proc/cpuinfo || skip "this CPU has no $1"
}

@test "Philox gives the published vector" {
    grep -qx 'philox e169c58d6627e8d5 9b00dbd8bc57ac4c' here
    [ "$(wc -l <here)" = 6 ]
}

@test "AVX2 gives the same bits as the baseline" {
    has avx2
    STATBED_ISA=avx2 "$STATBED_NUMBERS" | diff here -
}

@test "AVX-512 gives the same bits as the baseline" {
    has avx512bw
    STATBED_ISA=avx512 "$STATBED_NUMBERS" | diff here -
}

@test "aarch64 gives the same bits as this machine" {
    command -v aarch64-linux-gnu-gcc && command -v qemu-aarch64 || skip "no compiler or emulator"
    sources="$STATBED_SOURCE"/src
    # headers without code: of these two alone, since others in /usr/include are this machine's
    mkdir include
    ln -s /usr/include/Random123 /usr/include/nettle include
    aarch64-linux-gnu-gcc -std=gnu11 -O3 -ffp-contract=off -fno-math-errno -D_GNU_SOURCE -DSB_ISA=baseline \
        -static -pthread -I"$sources" -I"$STATBED_SOURCE"/include -Iinclude -o numbers \
        "$STATBED_SOURCE"/tests/aarch64/numbers.c "$sources"/numeric/{random,transform}*.c \
        "$sources"/estimate/power_kernels.c "$sources"/base/{isa,threads}.c -lm
    aarch64-linux-gnu-readelf -h numbers | grep -q "Machine: *AArch64"
    qemu-aarch64 ./numbers | diff here -
}
