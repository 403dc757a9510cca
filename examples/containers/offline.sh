#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# The second start of a container needs no registry: what the first one read is in the cache.
set -euo pipefail
. "$(dirname "$0")/common.sh"

echo '--- an image in a registry, and a first start'
make_image
python3 "$index" image.erofs base.tar python.tar app.tar
start_registry
for name in base python app; do push $name.tar; done
rm ./*.tar
mount_image image.erofs
contain "$python" /app/main.py
echo "fetched $(fetched) bytes"
umount_image

echo '--- the same without the registry'
stop_registry
mount_image image.erofs --offline
contain "$python" /app/main.py
echo "fetched $(fetched) bytes"

echo '--- what was not read before is not there'
if contain "$python" -c 'open("/app/model", "rb").read()' 2> error.txt; then exit 1; fi
tail -1 error.txt
umount_image
echo '--- done'
