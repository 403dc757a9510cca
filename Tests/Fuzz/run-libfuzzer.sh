#!/bin/bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# run-libfuzzer.sh [SECONDS] [CORPUS]: fuzzes the image reader with libFuzzer and AddressSanitizer.
# Further words go to libFuzzer as they are.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
corpus=${2:-.build-fuzz/corpus}
mkdir -p "$corpus" .build-fuzz
cp -n Tests/EROFSTests/Fixtures/*.erofs "$corpus"
# In one word: of several -sanitize the compiler takes the last, and without coverage libFuzzer is blind.
SWIFT_EROFS_FUSE_FUZZ=1 swift build -c release --sanitize fuzzer -Xswiftc -sanitize=fuzzer,address --scratch-path .build-libfuzzer \
    --product LibFuzzerEROFS
exec .build-libfuzzer/release/LibFuzzerEROFS -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
    -max_len=131072 -artifact_prefix=.build-fuzz/ "${@:3}" "$corpus"
