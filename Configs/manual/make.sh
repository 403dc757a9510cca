#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# The manual page and the completions of bash, zsh and fish, made from the program's own command line:
#
#   Configs/manual/make.sh PROGRAM SHARE        for example .build/release/swift-erofs-fuse /usr/local/share
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$1 share=$2
pages=$share/man/man1
bash=$share/bash-completion/completions
zsh=$share/zsh/site-functions
fish=$share/fish/vendor_completions.d
mkdir -p "$pages" "$bash" "$zsh" "$fish"
"$program" --experimental-dump-help | python3 "$here/man-page.py" > "$pages/swift-erofs-fuse.1"
"$program" --generate-completion-script bash > "$bash/swift-erofs-fuse"
"$program" --generate-completion-script zsh > "$zsh/_swift-erofs-fuse"
"$program" --generate-completion-script fish > "$fish/swift-erofs-fuse.fish"
