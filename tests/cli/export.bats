#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# statbed export: whom it writes, what it says, and that nothing half-written is left. What is in the files:
# export.py.
load common

@test "docs/export.md: every snippet" {
    type_snippets "$STATBED_SOURCE/docs/export.md"
    [ -s net.npz ]
}

# member ARGUMENT...: whom export takes.
member() {
    statbed export parity dimension=20 "$@" --to=m.json | awk '$1 == "member" { print $2 }'
}

@test "the member is the one that an experiment of this seed hides first" {
    good good
    sed -i 's/repeat: 2/repeat: 1/; s/dimension: 4/dimension: 20/; s/seed: 5/seed: 77/; s/1000/1/' good.yaml
    statbed run good.yaml || true
    run -0 statbed query "SELECT hidden FROM run" --db=results/good.db --format=csv
    hidden=$(tr -d '"\r' <<<"${lines[1]}")
    run -0 statbed export parity dimension=20 --seed=77 --to=m.json
    has "$hidden"
    [ "$(member --seed=78)" != "$(member --seed=77)" ]
    [ "$(member --seed=0000000000000000000000000000004d)" != "$(member --seed=77)" ]
    [ "$(member --member=5)" = 5 ]
}

@test "what was written is said" {
    run -0 statbed export lifted dimension=5 delta=0.1 sparsity=3 --to=net.npz --samples=10
    has 'wrote net.npz' 'family         lifted' 'm=1 delta=0.1' 'hidden_layers  2' 'hidden_units   72' \
        'samples        10 of dimension 5'
    run -0 statbed show lifted dimension=5 delta=0.1 sparsity=3
    has 'units          72'
}

# refused TEXT ARGUMENT...: export says TEXT, ends with 2 and writes nothing.
refused() {
    local text=$1

    shift
    run -2 statbed export "$@"
    has "$text"
    [ -z "$(ls -A)" ]
}

@test "mistakes are told before any work" {
    refused '--to=FILE is missing' parity dimension=4
    refused "the format of 'net.pt' is unknown: its name has to end in one of .npz, .safetensors, .json" \
        parity dimension=4 --to=net.pt
    refused "the format of '.npz' is unknown" parity dimension=4 --to=.npz
    refused 'No such file or directory' parity dimension=4 --to=none/net.npz
    refused "unknown family 'parities'" parities --to=net.npz
    refused 'expected a parameter KEY=VALUE' parity dimension=4 noise --to=net.npz
    refused '--samples=0: expected a whole number from 1 on' parity dimension=4 --samples=0 --to=net.npz
    refused '--seed=-1: expected an integer' parity dimension=4 --seed=-1 --to=net.npz
    refused "--member=16: expected 'null' or a whole number below 16" parity dimension=4 --member=16 --to=net.npz
    refused 'no ReLU network for its members; give --samples=N' halfspace dimension=4 --to=net.npz
    refused 'no ReLU network for its null; give --samples=N' parity dimension=4 --member=null --to=net.npz
    refused '--no-network leaves nothing to write' parity dimension=4 --no-network --to=net.npz
    refused 'would have 665370 hidden units' lifted dimension=30 sparsity=12 m=4 --to=net.npz
    refused '--no-network writes the samples alone' lifted dimension=30 sparsity=12 m=4 --to=net.npz --samples=5
    mkdir ../net.npz
    refused 'is not a plain file' parity dimension=4 --to=../net.npz
}

@test "a file is replaced as a whole, or left as it was" {
    echo before >net.npz
    run -1 bash -c "trap '' XFSZ; ulimit -f 8; exec '$program' export parity dimension=20 --samples=9000 --to=net.npz"
    has 'net.npz cannot be written: File too large'
    [ "$(cat net.npz)" = before ]
    [ "$(ls -A)" = net.npz ]
    run -0 statbed export parity dimension=20 --samples=9000 --to=net.npz
    [ "$(ls -A)" = net.npz ]
    [ "$(wc -c <net.npz)" -gt 1500000 ]
}

@test "where the name is a link, what it leads to is replaced" {
    mkdir there
    echo before >there/net.npz
    ln -s there/net.npz net.npz
    run -0 statbed export parity dimension=4 --to=net.npz
    [ -L net.npz ]
    [ "$(wc -c <there/net.npz)" -gt 500 ]
    [ "$(ls -A there)" = net.npz ]
}

@test "an interrupt leaves nothing behind" {
    "$program" export parity dimension=60 --samples=100000000 --to=net.npz &
    for ((i = 0; i < 100; i++)); do
        [ -z "$(ls -A)" ] || break
        sleep 0.05
    done
    [ -n "$(ls -A)" ]
    kill -TERM $! # a shell's background jobs ignore SIGINT
    code=0
    wait $! || code=$?
    [ "$code" = 143 ]
    [ -z "$(ls -A)" ]
}
