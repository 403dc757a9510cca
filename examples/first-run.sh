#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# README's first command: installs what is missing, builds, makes an image whose data lies in two blobs, serves the blobs
# from a web server on this machine, mounts the image lazily, and shows what reading one file moved over the wire.
set -euo pipefail
cd "$(dirname "$0")/.."
bash examples/install-missing.sh --no-pip
echo '--- building (the first time takes some minutes)'
swift build -c release --static-swift-stdlib --product swift-erofs-fuse < /dev/null
program=$PWD/.build/release/swift-erofs-fuse
split=$PWD/examples/split-blob.py
. examples/clean-room.sh
cd "$ROOM"
mkdir tree www cache mnt

echo '--- making an image of some system files, its data in two blobs'
for part in usr/sbin usr/share/zoneinfo usr/lib/git-core usr/share/perl; do
    if [ -d "/$part" ]; then
        mkdir -p "tree/$part"
        cp -a "/$part/." "tree/$part"
    fi
done
mkfs.erofs --quiet --chunksize=65536 --blobdev=whole.blob whole.erofs tree
python3 "$split" whole.erofs whole.blob image.erofs www/blob1 www/blob2
ls -l --block-size=1 image.erofs www/blob1 www/blob2 | awk '{ printf "%12d bytes  %s\n", $5, $NF }'

port=$(python3 -c '
import random, socket
while True:
    port = random.randrange(15000, 32000)
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)):
            print(port)
            break')
cat > nginx.conf <<EOF
daemon off;
master_process off;
pid $ROOM/nginx.pid;
events { worker_connections 64; }
http {
    client_body_temp_path $ROOM/t1; proxy_temp_path $ROOM/t2; fastcgi_temp_path $ROOM/t3;
    uwsgi_temp_path $ROOM/t4; scgi_temp_path $ROOM/t5;
    log_format ranges '\$request_method \$uri \$http_range \$status \$body_bytes_sent';
    access_log $ROOM/access.log ranges;
    server { listen 127.0.0.1:$port; root $ROOM/www; }
}
EOF
nginx -p "$ROOM" -e "$ROOM/error.log" -c "$ROOM/nginx.conf" &
server=$!
curl -s -o /dev/null --noproxy '*' --retry 60 --retry-delay 1 --retry-connrefused "http://127.0.0.1:$port/started"

mount_image() {
    timeout 120 "$program" mount --remote "http://127.0.0.1:$port/" --device blob1 --device blob2 --cache-dir "$ROOM/cache" \
        image.erofs mnt
}

echo '--- mounting; the blobs stay where they are'
mount_image
printf '%s files and directories at %s\n' "$(find mnt | wc -l)" "$ROOM/mnt"

file=usr/share/zoneinfo/tzdata.zi
[ -f "tree/$file" ] || file=$(cd tree && find usr/sbin -type f -size +8k | sort | head -1)
echo "--- reading $file ($(stat -c %s "mnt/$file") bytes)"
timeout 120 cmp "mnt/$file" "tree/$file"
# One more request, because the server writes its line after it has answered: once this one is there, so are the others.
curl -s -o /dev/null --noproxy '*' "http://127.0.0.1:$port/last"
timeout 60 sh -c 'until grep -q /last access.log; do sleep 0.1; done'
whole=$(cat www/blob1 www/blob2 | wc -c)
grep '^GET /blob' access.log | awk -v whole="$whole" '
    { printf "fetched %s %s: %d bytes\n", $2, $3, $5; sum += $5 }
    END { printf "%d of %d bytes: %.2f %% of the whole\n", sum, whole, 100 * sum / whole }'

echo '--- reading it again, mounted anew, with the server stopped'
timeout 120 "$program" umount mnt
kill "$server"
wait "$server" || true
mount_image
timeout 120 cmp "mnt/$file" "tree/$file"
echo "the same bytes, from the cache ($(du -s --block-size=1 cache | cut -f1) bytes on disk)"
timeout 120 "$program" umount mnt
echo '--- done'
