#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# Kills the server in the middle of fetches, many times, and compares what the cache then holds with the source.
#
# With both policies that force bytes to disk, each with a cache that fills from round to round and with one that is
# emptied before each; all of that without a limit and with one that is always reached.
#
#   kill-trial.sh [ROUNDS]      50 rounds of each kind unless told; the test suite does 20 and 6 with "batched"
set -euo pipefail
cd "$(dirname "$0")/.."
bash examples/install-missing.sh
. examples/clean-room.sh
export CI=true SWIFT_EROFS_FUSE_KILLS=${1:-50}
for policy in batched every; do
    for cold in "" SWIFT_EROFS_FUSE_COLD=1; do
        echo "fsync=$policy ${cold:+cold}"
        env SWIFT_EROFS_FUSE_FSYNC=$policy $cold swift test --disable-xctest --filter EndToEnd.CrashTests < /dev/null
    done
done
