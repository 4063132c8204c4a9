# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by tools/quickstart and tools/check: what they need, installed where it is missing, and
# build folders made once. Sets `root`; the one place that lists Debian packages.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

build_packages=(gcc libc6-dev pkg-config meson ninja-build libsqlite3-dev sqlite3 libyaml-dev libgsl-dev
    libseccomp-dev nettle-dev libcmocka-dev librandom123-dev libsleef-dev libm4ri-dev
    zlib1g-dev libflint-dev libflint-arb-dev)
check_packages=(bats clang clang-format valgrind libc6-dbg g++ git python3 libclang-rt-14-dev
    python3-jsonschema python3-yaml python3-numpy python3-mpmath gnuplot-nox chromium zsh groff-base
    libopenblas0-pthread gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user)

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# need PACKAGE...: installs those that are not there; touches the package lists only for that.
need() {
    local package missing=()

    if ! command -v dpkg-query >/dev/null; then
        echo "${0##*/}: not a Debian system, so nothing is installed; needed: $*" >&2
        return 0
    fi
    for package; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
        die "packages are missing, and this is neither root nor is there sudo; as root:" \
            "apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    echo "installing: ${missing[*]}" >&2
    as_root apt-get update -q >&2 || die "apt-get update failed"
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "${missing[@]}" >&2 ||
        die "apt-get install failed"
}

# configure DIR [MESON_OPTION...]: a build folder, made where it is missing or was left half made.
configure() {
    local dir=$1

    shift
    [ -f "$dir/build.ninja" ] && return 0
    rm -rf "$dir"
    meson setup "$dir" "$root" "$@"
}
