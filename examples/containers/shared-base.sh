#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# Two images with the same base: in one domain of the cache they share its layers, and the second one fetches only what is
# its own.
set -euo pipefail
. "$(dirname "$0")/common.sh"

echo '--- two images that differ in their last layer'
make_image
mkdir -p other/app
echo 'import json; print(json.dumps({"question": "unknown"}))' > other/app/main.py
layer other other
python3 "$index" first.erofs base.tar python.tar app.tar
python3 "$index" second.erofs base.tar python.tar other.tar
start_registry
for name in base python app other; do push $name.tar; done
rm ./*.tar

for image in first second; do
    echo "--- a container of the $image image"
    mount_image $image.erofs --domain-id example
    contain "$python" /app/main.py
    echo "fetched $(fetched) bytes"
    umount_image
done
stop_registry
echo '--- done'
