#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# An ordinary image, an ordinary `podman pull` and `podman run`, without root: the pull moves manifests only, the run what it
# reads. The image has gzip layers; indexes of them lie beside it in the registry.
set -euo pipefail
. "$(dirname "$0")/common.sh"
here=$(dirname "$index")
. "$here/user.sh"

echo '--- an image of four gzip layers, and its indexes'
make_image
# Something in the last layer goes, and a directory is replaced, as builders of images write it.
mkdir -p last/etc/old
: > last/etc/.wh.gone
: > last/etc/old/.wh..wh..opq
echo new > last/etc/old/new
mkdir -p base/etc/old
echo gone > base/etc/gone
echo old > base/etc/old/old
layer base base > /dev/null
layer last last
start_registry
layers= diffs=
for name in base python app last; do
    diffs="$diffs,\"sha256:$(sha256sum $name.tar | cut -d ' ' -f 1)\""
    gzip -n -9 $name.tar
    push $name.tar.gz
    layers="$layers,{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"sha256:$(sha256sum $name.tar.gz | cut -d ' ' -f 1)\",\"size\":$(stat -c %s $name.tar.gz)}"
done
whole=$(cat ./*.tar.gz | wc -c)
machine=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
printf '{"architecture":"%s","os":"linux","config":{"Cmd":["%s","/app/main.py"],"Env":["PATH=/usr/bin:/bin"]},"rootfs":{"type":"layers","diff_ids":[%s]}}' \
    "$machine" "$python" "${diffs#,}" > config.json
push config.json
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[%s]}' \
    "$(sha256sum config.json | cut -d ' ' -f 1)" "$(stat -c %s config.json)" "${layers#,}" > manifest.json
curl -sS --fail --noproxy '*' -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' -T manifest.json \
    "http://$registry/v2/example/manifests/1"
python3 "$here/layer-index.py" "http://$registry" example 1

# Between podman, the store and the registry stands a counter of bytes.
python3 "$here/byte-counter.py" "$registry" counter.port counter.bytes > /dev/null 2>&1 &
until [ -s counter.port ]; do sleep 0.05; done
counted=127.0.0.1:$(cat counter.port)
moved() { cat counter.bytes; }

echo '--- settings of podman'
mkdir store
cat > $conf/storage.conf <<END
[storage]
driver = "overlay"
[storage.options]
additionallayerstores = ["$ROOM/store:ref"]
END
printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$counted" > $conf/registries.conf
printf '{"default":[{"type":"insecureAcceptAnything"}]}' > $conf/policy.json
own store .config

echo '--- the store, in the namespace of podman'
pod unshare "$SWIFT_EROFS_FUSE" layer-store --cache-dir "$ROOM/cache" --log-file "$ROOM/cache/log" "$ROOM/store"

echo '--- pull'
before=$(moved)
begin=$(date +%s%N)
pod pull -q "$counted/example:1"
printf 'pulled in %d ms, %d bytes moved of %d\n' $((($(date +%s%N) - begin) / 1000000)) $(($(moved) - before)) "$whole"

echo '--- run'
before=$(moved)
begin=$(date +%s%N)
# Where podman loses the exit code it waits 20 s for it, so that its end tells nothing of the container's.
pod run --network none --name example "$counted/example:1" | {
    read -r line
    echo "$line"
    printf 'answered after %d ms, %d bytes moved\n' $((($(date +%s%N) - begin) / 1000000)) $(($(moved) - before))
}
pod run --rm --network none "$counted/example:1" /bin/bash -c 'cd /etc; [ ! -e gone ] && echo "old:" old/*'

echo '--- diff, rm, rmi'
pod diff example
pod rm example > /dev/null
pod rmi "$counted/example:1" > /dev/null

echo '--- unmounting'
pod unshare "$SWIFT_EROFS_FUSE" umount "$ROOM/store"
pod unshare sh -c "grep -c '$ROOM/store ' /proc/self/mounts || true" | sed 's/^/mounts left: /'
stop_registry
echo '--- done'
