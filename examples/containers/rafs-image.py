#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Makes a RAFS v6 (Nydus) image of a directory, without the tools of Nydus.

    rafs-image.py [--chunk-size BYTES] [--compressor zstd|none] DIR OUT

OUT gets image.boot, the metadata, and a blob named by its SHA-256 with the chunks of all files. Equal chunks are stored once.
As root, owners, device nodes and all extended attributes are those of DIR. `swift-erofs-fuse mount --remote OUT OUT/image.boot
POINT` mounts the image; ../benchmarks/lazy.py shows how it lies in a registry. Chunks are packed by libzstd, through ctypes.
"""

import argparse
import ctypes
import ctypes.util
import hashlib
import os
import stat
import struct
import sys

import erofs
import rafs
from rafs import BLOCK, Blob, Node

FEATURES = rafs.ALIGNED | rafs.NEW
LEVEL = 3


class Zstandard:
    def __init__(self):
        try:
            self.library = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
        except OSError as error:
            sys.exit(f"no libzstd ({error}): install it, or take --compressor none")
        self.library.ZSTD_compress.restype = self.library.ZSTD_compressBound.restype = ctypes.c_size_t
        self.library.ZSTD_compress.argtypes = [
            ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
        self.library.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
        self.target = ctypes.create_string_buffer(0)

    def pack(self, plain):
        bound = self.library.ZSTD_compressBound(len(plain))
        if len(self.target) < bound:
            self.target = ctypes.create_string_buffer(bound)
        count = self.library.ZSTD_compress(self.target, len(self.target), plain, len(plain), LEVEL)
        if self.library.ZSTD_isError(ctypes.c_size_t(count)):
            sys.exit("libzstd cannot compress")
        return ctypes.string_at(self.target, count)


def attributes(path):
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError:  # A file system without any.
        return []
    found = []
    for name in sorted(names):
        value = os.getxattr(path, name, follow_symlinks=False)
        item = rafs.attribute(os.fsencode(name), value)
        if item is None:
            print(f"{os.fsdecode(path)}: {name} is left out: EROFS has no place for it", file=sys.stderr)
        elif len(value) > 0xFFFF:
            sys.exit(f"{os.fsdecode(path)}: {name} is too long for EROFS")
        else:
            found.append(item)
    if len(erofs.attributes(found)) > 0xFFFF * 4:
        sys.exit(f"{os.fsdecode(path)}: the extended attributes are too many for EROFS")
    return found


def node(path, status):
    made = Node(status.st_mode)
    made.uid, made.gid, made.xattrs = status.st_uid, status.st_gid, attributes(path)
    made.mtime, made.nanoseconds = divmod(status.st_mtime_ns, 10**9)
    if stat.S_ISREG(status.st_mode):
        made.size, made.data = status.st_size, path
    elif stat.S_ISLNK(status.st_mode):
        made.target = os.readlink(path)
    elif stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
        made.rdev = erofs.device(os.major(status.st_rdev), os.minor(status.st_rdev))
    return made


def tree(top):
    """The nodes below a directory; several names of one file have one node."""
    root, linked = node(top, os.stat(top)), {}
    waiting = [(top, root)]
    while waiting:
        path, parent = waiting.pop()
        for name in sorted(os.listdir(path)):
            below = os.path.join(path, name)
            status = os.lstat(below)
            key = (status.st_dev, status.st_ino)
            made = linked.get(key) or node(below, status)
            if made.children is not None:
                waiting.append((below, made))
            elif status.st_nlink > 1:
                linked[key] = made
            parent.children[name] = made
    return root


class Chunks:
    """Writes the blob: chunks as they come, then what is known of them."""

    def __init__(self, file, chunk_size, packer):
        self.file, self.chunk_size, self.packer = file, chunk_size, packer
        self.sum, self.packed, self.size = hashlib.sha256(), 0, 0
        self.places, self.entries, self.table = {}, [], []

    def write(self, data):
        self.file.write(data)
        self.sum.update(data)
        self.packed += len(data)

    def pack(self, plain):
        """The shorter of the two; only the length says which it is."""
        packed = self.packer.pack(plain) if self.packer else plain
        return packed if len(packed) < len(plain) else plain

    def add(self, made):
        """Stores the chunks of a file that are not there yet."""
        with open(made.data, "rb") as file:
            for offset in range(0, made.size, self.chunk_size):
                plain = file.read(min(self.chunk_size, made.size - offset))
                if len(plain) < min(self.chunk_size, made.size - offset):
                    sys.exit(f"{os.fsdecode(made.data)} became shorter while it was read")
                key = hashlib.sha256(plain).digest()
                if key not in self.places:
                    self.places[key] = self.store(plain, key, offset)
                made.chunks.append(self.places[key])

    def store(self, plain, digest, offset):
        number, place, start, count = len(self.entries), self.size, self.packed, len(plain)
        if number == rafs.CHUNK_LIMIT:
            sys.exit("too many chunks for RAFS: take a larger --chunk-size")
        packed = self.pack(plain)
        self.entries.append(struct.pack(
            "<QQ", (count - 1 & 0xFFFFF) << 44 | place | count - 1 >> 20 << 8,
            (len(packed) - 1 & 0xFFFFF) << 44 | len(packed) - 1 >> 20 << 40 | start))
        self.table.append(rafs.chunk_entry(
            digest, len(packed), start, count, place, offset, number, len(packed) < count))
        self.write(packed)
        self.size += count + -count % BLOCK
        return number, place // BLOCK

    def finish(self):
        """The blob is complete: its facts."""
        codec, start, plain = rafs.ZSTD if self.packer else rafs.NONE, self.packed, b"".join(self.entries)
        stored = self.pack(plain)
        info = rafs.ZSTD if len(stored) < len(plain) else rafs.NONE
        self.write(stored + rafs.chunk_info_header(FEATURES, info, len(self.entries), start, len(stored), len(plain)))
        return Blob(
            self.sum.hexdigest(), codec, FEATURES, len(self.entries), self.packed, self.size, sorted(self.table), info, start,
            len(stored), len(plain))


def power_of_two(text):
    value = int(text, 0)
    if not BLOCK <= value <= 1 << 24 or value & value - 1:
        raise argparse.ArgumentTypeError("not a power of two from 4096 to 16777216")
    return value


def make(options):
    top, out = os.path.realpath(os.fsencode(options.directory)), os.path.realpath(os.fsencode(options.out))
    if os.path.commonpath([top, out]) == top:
        sys.exit(f"{options.out} lies in {options.directory}")
    order = rafs.walk(tree(top))
    os.makedirs(out, exist_ok=True)
    blob_file, image_file = os.path.join(out, b"blob.part"), os.path.join(out, b"image.part")
    try:
        with open(blob_file, "wb") as file:
            chunks = Chunks(file, options.chunk_size, Zstandard() if options.compressor == "zstd" else None)
            for made, _ in order:
                if made.data is not None:
                    chunks.add(made)
            blob = chunks.finish()
        with open(image_file, "wb") as file:
            image = rafs.bootstrap(order, blob, options.chunk_size)
            file.write(image)
        if blob.count:
            os.replace(blob_file, os.path.join(out, blob.name.encode()))
        os.replace(image_file, os.path.join(out, b"image.boot"))
    finally:
        for left in (blob_file, image_file):
            if os.path.exists(left):
                os.remove(left)
    print(f"image.boot: {len(order)} inodes, {len(image)} bytes")
    if blob.count:
        print(f"{blob.name}: {blob.count} chunks, {blob.packed} bytes for {blob.size}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", metavar="DIR")
    parser.add_argument("out", metavar="OUT")
    parser.add_argument("--chunk-size", metavar="BYTES", type=power_of_two, default=256 << 10)
    parser.add_argument("--compressor", choices=["zstd", "none"], default="zstd")
    try:
        make(parser.parse_args())
    except OSError as error:
        sys.exit(str(error))


main()
