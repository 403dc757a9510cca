# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# To be sourced by bash scripts: gives the script a temporary directory of its own (TMPDIR), and when the script ends, for
# whatever reason, removes every mount below it, ends every process that was started in it, and deletes it.

ROOM=$(mktemp -d "${TMPDIR:-/tmp}/swift-erofs-fuse-room.XXXXXX")
chmod 755 "$ROOM"
export TMPDIR=$ROOM
PATH=$PATH:/usr/sbin:/sbin

# Ends what was started here: it has the room in its environment, or on its command line (nginx overwrites the former).
room_kill() {
    local file pid
    for file in $(grep -lsF -- "$ROOM" /proc/[0-9]*/environ /proc/[0-9]*/cmdline); do
        pid=${file#/proc/}
        pid=${pid%/*}
        [ "$pid" = $$ ] || kill -9 "$pid" 2> /dev/null || true
    done
}

room_unmount() {
    local mountpoint
    awk -v room="$ROOM/" 'index($5, room) == 1 { print $5 }' /proc/self/mountinfo | tac | while read -r mountpoint; do
        mountpoint=$(printf '%b' "${mountpoint//\\/\\0}")
        umount -l "$mountpoint" 2> /dev/null || fusermount3 -u -z "$mountpoint" 2> /dev/null || true
    done
    losetup -l -n -O NAME,BACK-FILE 2> /dev/null | awk -v room="$ROOM/" 'index($2, room) == 1 { print $1 }' |
        xargs -r -n 1 losetup -d 2> /dev/null || true
}

leave_room() {
    local status=$?
    set +e
    trap - EXIT INT TERM HUP
    room_unmount
    room_kill
    room_unmount
    rm -rf --one-file-system "$ROOM" 2> /dev/null
    exit $status
}
trap leave_room EXIT
trap 'exit 143' INT TERM HUP
