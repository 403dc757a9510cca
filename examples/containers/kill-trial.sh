#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# Kills podman, the server or everything of a user's session while a container starts on a mount, at random moments.
# Afterwards nothing may be mounted that `umount` or `doctor --clean` does not take away, and the cache must be in order.
#
#   kill-trial.sh [ROUNDS]      50 unless told
set -euo pipefail
rounds=${1:-50}
. "$(dirname "$0")/common.sh"
. "$(dirname "$index")/user.sh"

echo '--- an image of three layers in a registry'
make_image
python3 "$index" image.erofs base.tar python.tar app.tar
start_registry
for name in base python app; do push $name.tar; done
chmod 644 image.erofs

# What a user starts: a mount in podman's namespace, and a container on it. Processes are told by their command lines.
session() {
    as_user podman unshare sh -c "'$SWIFT_EROFS_FUSE' mount --remote oci://$registry/example --cache-dir '$ROOM/cache' \
        '$ROOM/image.erofs' '$ROOM/mnt' && exec podman run --rm --network none --rootfs '$ROOM/mnt:O' '$python' /app/main.py"
}
# pids WHAT: the user's processes in this room; server, podman or all.
pids() {
    local file pid command
    for file in $(grep -lsF -- "$ROOM" /proc/[0-9]*/environ); do
        pid=${file#/proc/}
        pid=${pid%/*}
        [ "$pid" != $$ ] && [ "$pid" != "$BASHPID" ] && [ "$pid" != "$registry_process" ] || continue
        [ "$(stat -c %u "/proc/$pid" 2> /dev/null)" != 0 ] || [ "$(id -u)" != 0 ] || continue
        command=$(tr '\0' ' ' 2> /dev/null < "/proc/$pid/cmdline") 2> /dev/null || continue
        case "$1 $command" in
        all*) echo "$pid" ;;
        "server swift-erofs-fuse mount"*) echo "$pid" ;;
        "podman podman run"*) echo "$pid" ;;
        esac
    done
}
ours() { as_user podman unshare cat /proc/self/mountinfo | grep -c " $ROOM/mnt .*fuse.swift-erofs-fuse" || true; }

echo "--- $rounds kills"
RANDOM=8
declare -A kills=([podman]=0 [server]=0 [all]=0)
for round in $(seq "$rounds"); do
    [ $((round % 10)) != 1 ] || rm -rf cache/cache cache/ledger
    session > "out" 2>&1 < /dev/null &
    started=$!
    victims=(podman server all)
    victim=${victims[RANDOM % 3]}
    for try in $(seq 100); do [ -z "$(pids "$victim")" ] || break; done
    sleep "$(printf '0.%03d' $((RANDOM % 600)))"
    # A session's processes start others while they are being killed.
    while found=$(pids "$victim") && [ -n "$found" ]; do
        for pid in $found; do
            if kill -9 "$pid" 2> /dev/null; then kills[$victim]=$((${kills[$victim]} + 1)); fi
        done
        [ "$victim" = all ] || break
    done
    # With a user's last session goes the directory for what runs.
    if [ "$victim" = all ]; then find run -mindepth 1 -delete; fi
    # What the kill has left running ends too: the next round begins with nothing.
    while kill -0 "$started" 2> /dev/null; do
        for pid in $(pids podman); do kill -9 "$pid" 2> /dev/null || true; done
        sleep 0.1
    done
    wait "$started" 2> /dev/null || true
    # A container outlives its podman, and so does the mount below it.
    as_user timeout 60 podman rm --force --all --time 0 > rm.out 2>&1 || true
    as_user podman unshare "$SWIFT_EROFS_FUSE" doctor --clean > doctor.out 2>&1 || true
    if [ "$(ours)" != 0 ]; then as_user podman unshare "$SWIFT_EROFS_FUSE" umount --lazy "$ROOM/mnt"; fi
    if [ "$(ours)" != 0 ]; then
        echo "round $round ($victim): still mounted"
        cat doctor.out
        exit 1
    fi
    for pid in $(pids server); do
        timeout 10 tail --pid="$pid" -f /dev/null || { echo "round $round ($victim): the server stays"; exit 1; }
    done
    if [ -d cache/cache ]; then
        as_user "$SWIFT_EROFS_FUSE" cache verify --cache-dir "$ROOM/cache" > verify.out 2>&1 ||
            { echo "round $round ($victim): the cache is damaged"; cat verify.out; exit 1; }
    fi
    [ $((round % 10)) != 0 ] || echo "$round rounds"
done
echo "killed: podman ${kills[podman]} times, the server ${kills[server]}, in whole sessions ${kills[all]} processes"

echo '--- and then a run that nobody kills'
session < /dev/null
as_user podman unshare "$SWIFT_EROFS_FUSE" umount --lazy "$ROOM/mnt"
stop_registry
echo '--- done'
