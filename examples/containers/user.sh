# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# To be sourced by examples, after common.sh: podman as another user than root, with settings and storage of its own in the
# room. `as_user` runs something as that user, `pod` runs podman, `own` gives files to the user.

cp "$SWIFT_EROFS_FUSE" "$ROOM/swift-erofs-fuse"   # Where the user can reach it.
SWIFT_EROFS_FUSE=$ROOM/swift-erofs-fuse

# Another user than root runs podman: the one that LAYER_STORE_USER names, or one made for this.
as_user() { env HOME="$ROOM" XDG_RUNTIME_DIR="$ROOM/run" "$@"; }
mkdir -m 700 run
if [ "$(id -u)" = 0 ]; then
    user=${LAYER_STORE_USER:-layers$$}
    if [ -z "${LAYER_STORE_USER:-}" ]; then
        useradd --no-create-home "$user"
        forget_user() {
            local status=$?
            set +e
            userdel -f "$user" 2> /dev/null
            (exit $status)
            leave_room
        }
        trap forget_user EXIT
    fi
    as_user() {
        setpriv --reuid "$user" --regid "$user" --init-groups env -C "$ROOM" HOME="$ROOM" XDG_RUNTIME_DIR="$ROOM/run" "$@"
    }
    chown "$user" "$ROOM" cache run
fi

own() { [ -z "${user:-}" ] || chown -R "$user" "$@"; }

conf=.config/containers
mkdir -p $conf
printf '[containers]\ndefault_ulimits = []\n[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n' > $conf/containers.conf
printf '[storage]\ndriver = "overlay"\n' > $conf/storage.conf
own .config
pod() { as_user timeout 120 podman "$@"; }
