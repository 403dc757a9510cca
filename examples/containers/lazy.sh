#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# A container whose image is still in the registry: three layers, one index over their tars, and Python runs after a few
# megabytes.
set -euo pipefail
. "$(dirname "$0")/common.sh"

echo '--- an image of three layers'
make_image
python3 "$index" image.erofs base.tar python.tar app.tar
printf '%12d bytes  index over the layers\n' "$(stat -c %s image.erofs)"

echo '--- pushing the layers to a registry'
start_registry
for name in base python app; do push $name.tar; done
whole=$(cat base.tar python.tar app.tar | wc -c)
rm ./*.tar

echo '--- mounting, and starting a container on the mount'
mount_image image.erofs
contain "$python" /app/main.py
echo "fetched $(fetched) of $whole bytes"
umount_image
stop_registry
echo '--- done'
