#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# Kills the server in the middle of fetches, many times, and compares what the cache then holds with the source.
#
#   kill-trial.sh [ROUNDS]      50 rounds unless told; the test suite does 20
set -euo pipefail
cd "$(dirname "$0")/.."
bash examples/install-missing.sh
. examples/clean-room.sh
SWIFT_EROFS_FUSE_KILLS=${1:-50} CI=true swift test --disable-xctest --filter EndToEnd.CrashTests < /dev/null
