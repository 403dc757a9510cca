# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of the kernel that a benchmark changes while it runs."""

import errno

RINGS = "/sys/module/fuse/parameters/enable_uring"


class KernelSetting:
    """Has another value while it is entered, where the kernel has such a setting and takes the value; then it is as before."""

    def __init__(self, path, value):
        self.path, self.value, self.before = path, value, None

    def __enter__(self):
        try:
            with open(self.path) as file:
                before = file.read()
            self.write(self.value)
            self.before = before
        except OSError as error:
            # Whoever may not change it would measure something else than the table says.
            if error.errno not in (errno.ENOENT, errno.EINVAL):
                raise
        return self

    def __exit__(self, *_):
        if self.before is not None:
            self.write(self.before)

    def write(self, value):
        with open(self.path, "w") as file:
            file.write(value)


def rings():
    """Lets FUSE have io_uring."""
    return KernelSetting(RINGS, "Y")


def memory_stays():
    """Keeps a virtual machine from giving free memory back to its host, who takes long to hand it out again: what drops the
    page cache before each run would measure that. No block of memory is as large as this order."""
    return KernelSetting("/sys/module/page_reporting/parameters/page_reporting_order", "11")
