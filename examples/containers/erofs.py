# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Records of EROFS that all scripts here write which make images: directories, extended attributes, device numbers."""

import struct


def device(major, minor):
    """A device number as inodes have it."""
    return minor & 0xFF | major << 8 | (minor & ~0xFF) << 12


def listing(entries, block):
    """The blocks of a directory: records in front, names behind; only the last is as short as it can be."""
    blocks, batch, used = [], [], 0
    for entry in sorted(entries) + [None]:
        if entry is None or used + 12 + len(entry[0]) > block:
            offset, head, names = 12 * len(batch), b"", b""
            for name, nid, kind in batch:
                head += struct.pack("<QHBB", nid, offset + len(names), kind, 0)
                names += name
            blocks.append(head + names if entry is None else (head + names).ljust(block, b"\0"))
            batch, used = [], 0
        if entry is not None:
            batch.append(entry)
            used += 12 + len(entry[0])
    return b"".join(blocks)


def attributes(found):
    """What lies between an inode and its data."""
    body = b""
    for index, name, value in found:
        item = struct.pack("<BBH", len(name), index, len(value)) + name + value
        body += item + b"\0" * (-len(item) % 4)
    return bytes(12) + body if body else b""
