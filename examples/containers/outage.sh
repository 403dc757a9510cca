#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# outage.sh [SECONDS]: the registry is away for a minute while containers run. What was read before is read on, what was
# not fails at once and not after minutes, and when the registry is back everything works, without a remount.
set -euo pipefail
length=${1:-60}
. "$(dirname "$0")/common.sh"

echo '--- an image in a registry, and a first start'
make_image
python3 "$index" image.erofs base.tar python.tar app.tar
start_registry
for name in base python app; do push $name.tar; done
sha256sum app/app/model > model.sum
rm ./*.tar
mount_image image.erofs
contain "$python" /app/main.py

# Each start reads from the mount, not from the kernel's memory.
forget() { for file in "mnt$python" mnt/app/main.py; do dd if="$file" iflag=nocache count=0 status=none; done; }
(
    while [ ! -e stop ]; do
        forget
        contain "$python" /app/main.py > /dev/null || exit 1
        echo start >> starts
    done
) &
load=$!

echo "--- $length seconds without the registry"
stop_registry
end=$((SECONDS + length)) cold=0 slowest=0
while [ "$SECONDS" -lt "$end" ]; do
    began=$SECONDS
    if dd if=mnt/app/model of=/dev/null bs=1M skip=$((cold % 20)) count=1 iflag=fullblock status=none 2> error.txt; then
        echo 'a cold read succeeded without the registry' >&2
        exit 1
    fi
    [ $((SECONDS - began)) -le "$slowest" ] || slowest=$((SECONDS - began))
    cold=$((cold + 1))
    sleep 1
done
tail -1 error.txt
echo "$cold cold reads failed, the slowest after $slowest s"
kill -0 $load

echo '--- the registry is back'
run_registry
for try in 1 2 3 4 5 6 7 8 9 10; do
    if [ "$(sha256sum < mnt/app/model | cut -d ' ' -f 1)" = "$(cut -d ' ' -f 1 model.sum)" ]; then break; fi
    [ "$try" != 10 ] || exit 1
    sleep 1
done 2> /dev/null
echo "read whole at try $try"
touch stop
wait $load
echo "$(wc -l < starts) starts of the container, none failed"
umount_image
stop_registry
echo '--- done'
