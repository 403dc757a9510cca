#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# Kills the server at random moments, many times, and compares what the cache then holds with the source; see crash-trial.py.
#
# With both policies that force bytes to disk, each with a cache that goes on from round to round and with one that is empty
# before each; all of that after a kill, and after a power cut of an ext4 and of an XFS disk. Half of the rounds have a limit
# that is always reached. Needs root.
#
#   kill-trial.sh [ROUNDS]      50 rounds of each kind unless told; the test suite does some of each
set -euo pipefail
cd "$(dirname "$0")/.."
bash examples/install-missing.sh --no-pip
. examples/clean-room.sh
swift build -c release --product swift-erofs-fuse < /dev/null
program=$(swift build -c release --show-bin-path)/swift-erofs-fuse
for cut in "" "--power-cut ext4" "--power-cut xfs"; do
    for policy in batched every; do
        for cold in "" --cold; do
            python3 examples/crash-trial.py "$program" --rounds "${1:-50}" --fsync $policy $cold $cut
        done
    done
done
