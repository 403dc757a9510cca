#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Deals the data of an EROFS image with one blob out to several blobs.

    split-blob.py IMAGE BLOB NEW-IMAGE NEW-BLOB...

mkfs.erofs --blobdev writes one extra device only, and merging images needs version 1.7. This takes what version 1.5
makes (32-bit chunk indexes, one device slot) and writes an image with a device slot for each NEW-BLOB. The blob is cut
between chunks into parts of about equal size; every chunk index is rewritten to name the part and the block within it.
"""

import struct
import sys

SUPERBLOCK = 1024
MAGIC = 0xE0F5E1E2
CHECKSUM_FEATURE = 1
SLOT_SIZE = 128
HOLE = 0xFFFFFFFF
PLAIN, INLINE, CHUNKED = 0, 2, 4
DIRECTORY = 0o040000
INDEXES = 1 << 5


def crc32c(data):
    """CRC-32C as EROFS stores it: seeded with ones, not inverted at the end."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc


class Image:
    """The parts of an image that know where its data lies."""

    def __init__(self, data):
        self.data = data
        if self.u32(SUPERBLOCK) != MAGIC:
            sys.exit("not an EROFS image")
        self.block = 1 << data[SUPERBLOCK + 12]
        self.root = self.u16(SUPERBLOCK + 14)
        self.metadata = self.u32(SUPERBLOCK + 40) * self.block
        if self.u16(SUPERBLOCK + 86) != 1:
            sys.exit("the image does not have exactly one device slot")

    def u16(self, at):
        return struct.unpack_from("<H", self.data, at)[0]

    def u32(self, at):
        return struct.unpack_from("<I", self.data, at)[0]

    def u64(self, at):
        return struct.unpack_from("<Q", self.data, at)[0]

    def inode(self, nid):
        """Layout, mode, size, i_u and the place behind the inode and its xattrs."""
        at = self.metadata + nid * 32
        extended = self.u16(at) & 1
        count = self.u16(at + 2)
        behind = at + (64 if extended else 32) + (12 + (count - 1) * 4 if count else 0)
        size = self.u64(at + 8) if extended else self.u32(at + 8)
        return self.u16(at) >> 1 & 7, self.u16(at + 4), size, self.u32(at + 16), behind

    def content(self, nid):
        """The blocks of a directory."""
        layout, _, size, start, behind = self.inode(nid)
        if layout not in (PLAIN, INLINE):
            sys.exit(f"directory {nid} has layout {layout}")
        whole = size if layout == PLAIN else size // self.block * self.block
        data = self.data[start * self.block:start * self.block + whole] + self.data[behind:behind + size - whole]
        return [data[at:at + self.block] for at in range(0, size, self.block)]

    def inodes(self):
        """Every inode number reachable from the root, once."""
        seen, waiting = {self.root}, [self.root]
        while waiting:
            nid = waiting.pop()
            yield nid
            if self.inode(nid)[1] & 0o170000 != DIRECTORY:
                continue
            for block in self.content(nid):
                for at in range(0, struct.unpack_from("<H", block, 8)[0], 12):
                    child = struct.unpack_from("<Q", block, at)[0]
                    if child not in seen:
                        seen.add(child)
                        waiting.append(child)

    def chunk_indexes(self):
        """The place of every chunk index that is not a hole."""
        for nid in self.inodes():
            layout, _, size, form, behind = self.inode(nid)
            if layout != CHUNKED:
                continue
            if not form & INDEXES:
                sys.exit(f"inode {nid} has no chunk indexes")
            chunk = self.block << (form & 31)
            first = (behind + 7) // 8 * 8
            for at in range(first, first + (size + chunk - 1) // chunk * 8, 8):
                if self.u32(at + 4) != HOLE:
                    yield at

    def put_devices(self, names, sizes):
        """Appends a device table, and makes the superblock refer to it."""
        self.data += bytes(-len(self.data) % self.block)
        slot = len(self.data) // SLOT_SIZE
        if slot > 0xFFFF:
            sys.exit("the metadata is larger than 8 MiB: no place for a device table within reach")
        table = b"".join(
            struct.pack("<64sII56x", name.encode()[:64], size, 0) for name, size in zip(names, sizes))
        self.data += table + bytes(-len(table) % self.block)
        struct.pack_into("<I", self.data, SUPERBLOCK + 36, len(self.data) // self.block)
        struct.pack_into("<HH", self.data, SUPERBLOCK + 86, len(names), slot)
        if self.u32(SUPERBLOCK + 8) & CHECKSUM_FEATURE:
            struct.pack_into("<I", self.data, SUPERBLOCK + 4, 0)
            summed = self.data[SUPERBLOCK:max(self.block, SUPERBLOCK + 1024)]
            struct.pack_into("<I", self.data, SUPERBLOCK + 4, crc32c(summed))


def cuts(starts, blocks, parts):
    """The first block of each part, and the end: always the start of a chunk, as near to equal parts as that allows."""
    found = [0]
    for part in range(1, parts):
        wanted = blocks * part // parts
        found.append(next((start for start in starts if start >= wanted), blocks))
    return found + [blocks]


def main(image_path, blob_path, new_image, *new_blobs):
    with open(image_path, "rb") as file:
        image = Image(bytearray(file.read()))
    with open(blob_path, "rb") as file:
        blob = file.read()
    indexes = list(image.chunk_indexes())
    blocks = (len(blob) + image.block - 1) // image.block
    edges = cuts(sorted({image.u32(at + 4) for at in indexes}), blocks, len(new_blobs))
    for at in indexes:
        start = image.u32(at + 4)
        part = max(part for part in range(len(new_blobs)) if edges[part] <= start)
        struct.pack_into("<HI", image.data, at + 2, part + 1, start - edges[part])
    sizes = [after - before for before, after in zip(edges, edges[1:])]
    image.put_devices([path.rsplit("/", 1)[-1] for path in new_blobs], sizes)
    for path, before, after in zip(new_blobs, edges, edges[1:]):
        with open(path, "wb") as file:
            file.write(blob[before * image.block:after * image.block])
    with open(new_image, "wb") as file:
        file.write(image.data)


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__.split("\n\n")[1].strip())
    main(*sys.argv[1:])
