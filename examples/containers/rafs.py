# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Bootstraps of RAFS v6: a tree as EROFS metadata, and the tables that say where in a blob its files' chunks lie.

What the scripts here share that make images: layer-index.py, where the blob is a layer as it is, and rafs-image.py, where it
is made along with the bootstrap.
"""

import collections
import stat
import struct

import erofs

BLOCK = 4096
SLOT = 32
# Where inodes are counted from: behind the superblocks and one device slot, and behind the blob table.
FIRST = 2 * BLOCK
CHUNK_LIMIT = 1 << 24
MAGIC = 0xB10BB10B
KINDS = {stat.S_IFREG: 1, stat.S_IFDIR: 2, stat.S_IFCHR: 3, stat.S_IFBLK: 4, stat.S_IFIFO: 5, stat.S_IFSOCK: 6, stat.S_IFLNK: 7}
PREFIXES = [(b"user.", 1), (b"system.posix_acl_access", 2), (b"system.posix_acl_default", 3), (b"trusted.", 4), (b"security.", 6)]
# Codecs of chunks, and which flag of the extended superblock stands for them.
NONE, GZIP, ZSTD = 0, 2, 3
FLAGS = {NONE: 0x1, GZIP: 0x40, ZSTD: 0x80}
# Features of blobs: offsets are multiples of a block, entries of 24 bytes, gzip contexts, the chunk info in another blob,
# made by a builder that says where the data ends.
ALIGNED, SECOND_FORM, CONTEXTS, SEPARATE, NEW = 0x1, 0x4, 0x8, 0x10, 0x40000000

# The only blob of an image: its name, how its chunks are packed, how many there are, the bytes of the file and of the plain
# chunks (each padded to blocks), the entries of the chunk table; then the chunk info's codec, offset, stored and plain
# size, and digest and size of the blob where it lies, if that is another one.
Blob = collections.namedtuple(
    "Blob", "name codec features count packed size table info_codec info_offset info_stored info_plain info_digest info_blob",
    defaults=(b"", 0))


class Node:
    """Something with an inode; `data` says to the maker of the image where a file's bytes are."""

    def __init__(self, mode):
        self.mode = mode
        self.uid = self.gid = self.mtime = self.nanoseconds = self.rdev = self.size = self.links = 0
        self.data, self.xattrs, self.chunks, self.target = None, [], [], b""
        self.children = {} if stat.S_ISDIR(mode) else None


def attribute(name, value):
    """An extended attribute as nodes have them; None where EROFS has no place for the name."""
    for prefix, index in PREFIXES:
        if name == prefix or prefix.endswith(b".") and name.startswith(prefix):
            return index, name[len(prefix):], value
    return None


def walk(root):
    """Every node once, with its parent; counts the links."""
    seen, order, waiting = set(), [], [(root, root)]
    while waiting:
        made, parent = waiting.pop()
        if id(made) in seen:
            continue
        seen.add(id(made))
        order.append((made, parent))
        if made.children is not None:
            made.links += 2
            for child in made.children.values():
                (child if child.children is None else made).links += 1
            waiting += [(child, made) for child in reversed(list(made.children.values()))]
    return order


def chunk_entry(digest, packed, offset, count, place, file_offset, number, is_packed=True):
    """What the bootstrap says of a chunk: `packed` bytes at `offset` of the blob are `count` bytes at `place`."""
    return struct.pack("<32sIIIIQQQII", digest, 0, int(is_packed), packed, count, offset, place, file_offset, number, 0)


def chunk_info_header(features, codec, count, offset, stored, plain, contexts=(0, 0, 0)):
    """The block behind the chunk info; `contexts` are the offset in it, the bytes, and how many."""
    head = struct.pack("<IIIIQQQQQI", MAGIC, features, codec, count, offset, stored, plain, *contexts)
    return head.ljust(BLOCK - 4, b"\0") + struct.pack("<I", MAGIC)


class Inode:
    """A node and where it lies. Directories and links end behind their inode where that fits into a block."""

    def __init__(self, made, parent, number):
        self.node, self.parent, self.number = made, parent, number
        self.xattrs, self.nid = erofs.attributes(made.xattrs), 0
        self.length = 64 + len(self.xattrs)
        self.size, self.tail = len(self.content({})), 0
        if stat.S_ISREG(made.mode):
            self.length += -self.length % 8 + 8 * len(made.chunks)
        elif self.length + self.size % BLOCK <= BLOCK:
            self.tail = self.size % BLOCK

    def content(self, nids):
        """The bytes of a directory or a link."""
        if self.node.children is None:
            return self.node.target
        entries = [(b".", self.node), (b"..", self.parent)] + list(self.node.children.items())
        return erofs.listing([(name, nids.get(id(child), 0), KINDS[stat.S_IFMT(child.mode)]) for name, child in entries], BLOCK)

    def put(self, place):
        """Takes the next place that will do; returns what lies behind."""
        if self.tail and place % BLOCK + self.length + self.tail > BLOCK:
            place += -place % BLOCK
        self.nid = (place - FIRST) // SLOT
        place += self.length + self.tail
        return place + -place % SLOT

    def record(self, content, block, chunk_size):
        """The inode and what belongs behind it; `block` is where the rest of `content` begins."""
        made, size, layout, where, extra = self.node, len(content), 0, 0, b""
        if stat.S_ISREG(made.mode):
            size, layout, where = made.size, 4, 0x20 | (chunk_size // BLOCK).bit_length() - 1
            extra = b"".join(struct.pack("<HHI", at & 0xFFFF, at >> 16 << 8 | 1, block) for at, block in made.chunks)
        elif stat.S_ISCHR(made.mode) or stat.S_ISBLK(made.mode):
            where = made.rdev
        elif len(content) > self.tail:
            where = block
        if self.tail:
            layout, extra = 2, content[-self.tail:]
        head = struct.pack(
            "<HHHHQIIIIqII16x", 1 | layout << 1, (len(self.xattrs) - 12) // 4 + 1 if self.xattrs else 0, made.mode, 0, size, where,
            self.number, made.uid, made.gid, made.mtime, made.nanoseconds, made.links) + self.xattrs
        return head.ljust(self.length - 8 * len(made.chunks), b"\0") + extra


def bootstrap(order, blob, chunk_size):
    """The metadata of the nodes that `walk` gave. A blob without chunks is no part of the image."""
    inodes = [Inode(made, parent, number) for number, (made, parent) in enumerate(order, 1)]
    place, nids = FIRST + BLOCK, {}
    for inode in inodes:
        place = inode.put(place)
        nids[id(inode.node)] = inode.nid
    place += -place % BLOCK
    image, data = bytearray(place), bytearray()
    for inode in inodes:
        content = inode.content(nids)
        record = inode.record(content, (place + len(data)) // BLOCK, chunk_size)
        at = FIRST + inode.nid * SLOT
        image[at:at + len(record)] = record
        data += content[:len(content) - inode.tail]
        data += b"\0" * (-len(data) % BLOCK)
    image += data
    table = len(image)
    image += b"".join(blob.table)
    image += b"\0" * (-len(image) % BLOCK)
    devices, blocks = 1 if blob.count else 0, blob.size // BLOCK
    image[1024:1152] = struct.pack(
        "<IIIBBHQQIIII16s16sIHHH38x", 0xE0F5E1E2, 0, 0x40000000, 12, 0, inodes[0].nid, len(order), 0, 0, blocks,
        FIRST // BLOCK, 0, b"", b"", 0xC, 0, devices, 11)
    # Besides the codec: SHA-256, ids as they are, no encryption; and whether there are extended attributes.
    flags = FLAGS[blob.codec] | 0x8 | 0x10 | 0x1000000 | (0x20 if any(inode.xattrs for inode in inodes) else 0)
    image[1152:1208] = struct.pack(
        "<QQIIQQQII", flags, BLOCK, 256 * devices, chunk_size, table * devices, 80 * len(blob.table), 0, 0, 0)
    if devices:
        # One address space for all: the blob comes behind the bootstrap.
        mapped = (len(image) + -len(image) % 0x80000) // BLOCK
        image[1408:1536] = struct.pack("<64sII56x", blob.name.encode(), blocks, mapped)
        image[BLOCK:BLOCK + 256] = struct.pack(
            "<64sIIIIIIQQIIQQQ32s32sQQI36x", blob.name.encode(), 0, chunk_size, blob.count, blob.codec, 1, blob.features,
            blob.packed, blob.size, 0, blob.info_codec, blob.info_offset, blob.info_stored, blob.info_plain, b"",
            blob.info_digest, blob.info_blob, 0, 0)
    return bytes(image)
