# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Members of a layer's tar as nodes of a tree: what the scripts here share that make indexes of layers."""

import stat
import tarfile
from decimal import ROUND_FLOOR, Decimal

import erofs
import rafs

TYPES = {tarfile.DIRTYPE: stat.S_IFDIR, tarfile.SYMTYPE: stat.S_IFLNK, tarfile.CHRTYPE: stat.S_IFCHR,
         tarfile.BLKTYPE: stat.S_IFBLK, tarfile.FIFOTYPE: stat.S_IFIFO}


def octets(text):
    """The bytes that a text of the tar stands for, be they UTF-8 or not."""
    return text.encode("utf-8", "surrogateescape")


def parts(name):
    """The names that a path has from the root on."""
    return [part for part in octets(name).split(b"/") if part not in (b"", b".", b"..")]


def folder(root, names, make):
    """The directory of these names; made (by mode) where a layer leaves it out, or puts a file in its place."""
    for name in names:
        child = root.children.get(name)
        if child is None or child.children is None:
            child = root.children[name] = make(stat.S_IFDIR | 0o755)
        root = child
    return root


def node(entry, make):
    """The node (made by mode) of a member that is no hard link; a file's `data` is where its bytes lie in the tar."""
    kind = TYPES.get(entry.type, stat.S_IFREG)
    made = make(kind | entry.mode & 0o7777)
    made.uid, made.gid = entry.uid, entry.gid
    time = Decimal(entry.pax_headers.get("mtime", int(entry.mtime)))
    made.mtime, made.nanoseconds = divmod(int(time.scaleb(9).to_integral(ROUND_FLOOR)), 10**9)
    if kind == stat.S_IFREG:
        made.size, made.data = entry.size, entry.offset_data
    if kind == stat.S_IFLNK:
        made.target = octets(entry.linkname)
    if kind in (stat.S_IFCHR, stat.S_IFBLK):
        made.rdev = erofs.device(entry.devmajor, entry.devminor)
    for key, value in entry.pax_headers.items():
        if key.startswith("SCHILY.xattr."):
            found = rafs.attribute(octets(key.removeprefix("SCHILY.xattr.")), octets(value))
            made.xattrs += [found] if found else []
    return made
