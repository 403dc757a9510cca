#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# README's second command: installs what is missing, builds, and runs every test, none skipped.
#
#   examples/test.sh [unit | end-to-end]
set -euo pipefail
cd "$(dirname "$0")/.."
bash examples/install-missing.sh
. examples/clean-room.sh

which=${1:-all}
export CI=true
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY
swift build --build-tests < /dev/null

# A limit on each part: a test that hangs must fail, not stay.
if [ "$which" != end-to-end ]; then
    timeout -k 10 600 swift test --skip-build --disable-xctest --skip EndToEndTests < /dev/null
fi
# One after another: each of these mounts, starts servers, and wants the machine for itself.
if [ "$which" != unit ]; then
    timeout -k 10 1500 swift test --skip-build --disable-xctest --no-parallel --filter EndToEndTests < /dev/null
fi
