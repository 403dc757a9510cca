# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# To be sourced by the examples in this folder: the program, a registry, layers of an image, and a container on a mount.
# SWIFT_EROFS_FUSE names a program that is built already.

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bash examples/install-missing.sh --no-pip
if [ -z "${SWIFT_EROFS_FUSE:-}" ]; then
    echo '--- building (the first time takes some minutes)'
    swift build -c release --static-swift-stdlib --product swift-erofs-fuse < /dev/null
    SWIFT_EROFS_FUSE=$PWD/.build/release/swift-erofs-fuse
fi
index=$PWD/examples/containers/tar-index.py
. examples/clean-room.sh
cd "$ROOM"
mkdir cache mnt blobs
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY

# add_programs TREE PROGRAM...: copies programs of this machine with the libraries they need.
add_programs() {
    local tree=$1 file
    shift
    for file in "$@" $(ldd "$@" | grep -o '/[^ )]*' | grep -v ':$' | sort -u); do
        mkdir -p "$tree$(dirname "$file")"
        cp -L "$file" "$tree$file"
    done
}

# layer NAME TREE: an uncompressed layer; its name in the registry is its digest, which is left in $digest.
layer() {
    tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$2" -cf "$1.tar" .
    digest=$(sha256sum "$1.tar" | cut -d ' ' -f 1)
    printf '%12d bytes  layer %s, sha256:%.12s...\n' "$(stat -c %s "$1.tar")" "$1" "$digest"
}

# Layers of a small image: a shell, Python (its path is left in $python), and an application with 24 MB that nobody reads.
make_image() {
    mkdir -p base/{proc,dev,tmp,etc,run} python app/app
    add_programs base /bin/bash /bin/cat /bin/ls /usr/bin/env
    python=$(PATH=/usr/bin:$PATH python3 -c 'import os, sys; print(os.path.realpath(sys.executable))')
    add_programs python "$python"
    local library
    library=$("$python" -c 'import os; print(os.path.dirname(os.__file__))')
    mkdir -p "python$library"
    tar -C "$library" --exclude test --exclude '*-packages' --exclude '*.a' --exclude ensurepip -cf - . | tar -C "python$library" -xf -
    head -c 24000000 /dev/urandom > app/app/model
    echo 'import json; print(json.dumps({"answer": 6 * 7}))' > app/app/main.py
    layer base base
    layer python python
    layer app app
}

# start_registry: on a port that is free; its address is left in $registry.
start_registry() {
    local port
    port=$(python3 -c '
import socket
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    print(probe.getsockname()[1])')
    registry=127.0.0.1:$port
    cat > registry.yml <<END
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $ROOM/registry}}
http: {addr: "$registry", secret: example}
END
    run_registry
}

# run_registry: starts it, again after stop_registry, with what was pushed.
run_registry() {
    OTEL_TRACES_EXPORTER=none docker-registry serve registry.yml > registry.log 2>&1 < /dev/null &
    registry_process=$!
    curl -s -o /dev/null --noproxy '*' --retry 60 --retry-delay 1 --retry-connrefused "http://$registry/v2/"
}

stop_registry() {
    kill "$registry_process"
    wait "$registry_process" || true
}

# push FILE: as a blob, named by its digest.
push() {
    local place
    place=$(curl -s --noproxy '*' -X POST -D - -o /dev/null "http://$registry/v2/example/blobs/uploads/" |
        tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
    curl -sS --fail --noproxy '*' -X PUT -H 'Content-Type: application/octet-stream' -T "$1" -o /dev/null \
        "$place&digest=sha256:$(sha256sum "$1" | cut -d ' ' -f 1)"
}

# mount_image INDEX [OPTION...]
mount_image() {
    local image=$1
    shift
    timeout 60 "$SWIFT_EROFS_FUSE" mount --remote "oci://$registry/example" --cache-dir cache "$@" "$image" mnt
}

umount_image() { timeout 60 "$SWIFT_EROFS_FUSE" umount mnt; }

# fetched: how many bytes the mount has fetched.
fetched() {
    timeout 60 "$SWIFT_EROFS_FUSE" status --json mnt |
        python3 -c 'import json, sys; print(sum(blob["fetchedBytes"] for blob in json.load(sys.stdin)["blobs"]))'
}

# contain COMMAND...: runs it in a container whose root file system is the mount.
contain() {
    timeout 120 bwrap --ro-bind mnt / --proc /proc --dev /dev --tmpfs /tmp --unshare-all --clearenv \
        --setenv PATH /usr/local/bin:/usr/bin:/bin "$@"
}
