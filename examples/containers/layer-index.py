#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Makes indexes of an image's ordinary gzip layers and puts them beside the image, for `swift-erofs-fuse layer-store`.

    layer-index.py http://HOST[:PORT] REPOSITORY TAG [GAP]

The layers stay as they are. An index is a RAFS v6 bootstrap: the layer's tree, with whiteouts as overlayfs has them, and
for every chunk of a file where in the gzip file it lies. What is needed to begin there, the 32 KiB before, goes into a second
blob, once for each GAP bytes of plain text (default: 256 KiB; four times that in large files). Everything is pushed into the image's repository; an artifact
manifest with the image as its subject names the bootstraps, and the tag sha256-HEX leads to it where the registry does not
know referrers.

A gzip file is read by zlib, through ctypes, because Python's own module cannot stop at the ends of deflate blocks.
"""

import bisect
import ctypes
import ctypes.util
import gzip
import hashlib
import io
import json
import stat
import struct
import sys
import tarfile
import urllib.error
import urllib.request

import rafs
from members import folder, node, parts
from rafs import BLOCK, Blob, Node, bootstrap, walk

CHUNK = 1 << 20
TYPE = "application/vnd.swift-erofs-fuse.layer-indexes.v1"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
FEATURES = rafs.ALIGNED | rafs.SECOND_FORM | rafs.CONTEXTS | rafs.SEPARATE | rafs.NEW


class Stream(ctypes.Structure):
    _fields_ = [
        ("next_in", ctypes.c_void_p), ("avail_in", ctypes.c_uint), ("total_in", ctypes.c_ulong),
        ("next_out", ctypes.c_void_p), ("avail_out", ctypes.c_uint), ("total_out", ctypes.c_ulong),
        ("msg", ctypes.c_char_p), ("state", ctypes.c_void_p), ("zalloc", ctypes.c_void_p), ("zfree", ctypes.c_void_p),
        ("opaque", ctypes.c_void_p), ("data_type", ctypes.c_int), ("adler", ctypes.c_ulong), ("reserved", ctypes.c_ulong)]


def unpack(packed):
    """The plain text, the places where inflating can begin, and for many places how far input and output had come."""
    library = ctypes.CDLL(ctypes.util.find_library("z") or "libz.so.1")
    library.zlibVersion.restype = ctypes.c_char_p
    stream = Stream()
    if library.inflateInit2_(ctypes.byref(stream), 31, library.zlibVersion(), ctypes.sizeof(stream)) != 0:
        sys.exit("zlib cannot begin")
    source = ctypes.create_string_buffer(packed, len(packed))
    target = ctypes.create_string_buffer(16384)
    stream.next_in, stream.avail_in = ctypes.addressof(source), len(packed)
    plain, starts, inputs, outputs = bytearray(), [], [0], [0]
    while True:
        stream.next_out, stream.avail_out = ctypes.addressof(target), len(target)
        result = library.inflate(ctypes.byref(stream), 5)  # Z_BLOCK
        plain += target.raw[:len(target) - stream.avail_out]
        inputs.append(stream.total_in)
        outputs.append(len(plain))
        if result == 1:
            break
        if result not in (0, -5):
            sys.exit(f"not a gzip file, or a damaged one: inflate returned {result}")
        # 128: at the end of a block or of the header; 64: of the last block.
        if stream.data_type & 128 and not stream.data_type & 64:
            starts.append((len(plain), stream.total_in, stream.data_type & 7))
    if stream.avail_in:
        sys.exit("a gzip file of several members is not supported")
    library.inflateEnd(ctypes.byref(stream))
    return bytes(plain), starts, inputs, outputs


def tree(plain):
    """The layer's own tree: what it deletes below stays, as whiteouts and opaque directories of overlayfs."""
    root = Node(stat.S_IFDIR | 0o755)
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as tar:
        for entry in tar:
            names = parts(entry.name)
            if entry.issparse():
                sys.exit(f"{entry.name}: sparse members are not supported")
            if not names:
                made = node(entry, Node)
                made.children, root = root.children, made
                continue
            parent = folder(root, names[:-1], Node)
            if names[-1] == b".wh..wh..opq":
                # Root's overlays look for the one, those of users for the other.
                parent.xattrs += [(4, b"overlay.opaque", b"y"), (1, b"overlay.opaque", b"y")]
                continue
            if names[-1].startswith(b".wh."):
                parent.children[names[-1][4:]] = Node(stat.S_IFCHR)
                continue
            if entry.islnk():
                *above, last = parts(entry.linkname)
                made = folder(root, above, Node).children[last]
            else:
                made = node(entry, Node)
                old = parent.children.get(names[-1])
                if old is not None and old.children is not None and made.children is not None:
                    made.children, made.xattrs = old.children, made.xattrs + old.xattrs
            parent.children[names[-1]] = made
    return root


class Chunks:
    """The chunks of all files in the order of the layer, and the contexts that they are inflated with."""

    def __init__(self, packed, gap):
        self.packed, self.gap = packed, gap
        self.plain, self.starts, self.inputs, self.outputs = unpack(packed)
        self.entries, self.table, self.contexts, self.size = [], [], [], 0

    def consumed(self, place, after):
        """How much input had been taken when `place` was put out: at least, or at most."""
        if after:
            return self.inputs[bisect.bisect_left(self.outputs, place)]
        return self.inputs[bisect.bisect_right(self.outputs, place) - 1]

    def add(self, made):
        gap = self.gap * 4 if made.size > 4 * CHUNK else self.gap
        for offset in range(0, made.size, CHUNK):
            count, place = min(CHUNK, made.size - offset), made.data + offset
            start = self.starts[bisect.bisect_right(self.starts, (place, 1 << 62, 0)) - 1]
            if not self.contexts or self.contexts[-1][0] != start and place + count - self.contexts[-1][0][0] > gap:
                self.contexts.append([start, 0, 0])
            context = self.contexts[-1]
            (output, taken, _), end = context[0], self.consumed(place + count, True)
            context[1], context[2] = max(context[1], end - taken), max(context[2], place + count - output)
            begin = max(taken, self.consumed(place, False))
            number = len(self.entries)
            self.entries.append(struct.pack(
                "<QQQ", 3 << 56 | count - 1 << 32 | self.size >> 12, end - begin << 40 | begin,
                len(self.contexts) - 1 << 32 | place - output))
            digest = hashlib.sha256(self.plain[place:place + count]).digest()
            self.table.append(rafs.chunk_entry(digest, end - begin, begin, count, self.size, offset, number))
            made.chunks.append((number, self.size >> 12))
            self.size += count + -count % BLOCK

    def meta(self):
        """The blob with the contexts: records, dictionaries, and a header behind them."""
        records, dictionaries = b"", b""
        for (output, taken, bits), in_count, out_count in self.contexts:
            window = self.plain[max(0, output - 32768):output]
            records += struct.pack(
                "<QQQIIIBBxx", taken, output, len(dictionaries), in_count, out_count, len(window),
                self.packed[taken - 1] if bits else 0, bits)
            dictionaries += window
        body = b"".join(self.entries) + records + dictionaries
        stored = gzip.compress(body, 9, mtime=0)
        head = rafs.chunk_info_header(
            FEATURES, rafs.GZIP, len(self.entries), 0, len(stored), len(body),
            (len(self.entries) * 24, len(records) + len(dictionaries), len(self.contexts)))
        return len(stored), len(body), stored + head


def index(root, chunks, layer):
    """The bootstrap, and the blob with the contexts; no blob where there are no chunks."""
    order = walk(root)
    for made, _ in sorted(order, key=lambda pair: pair[0].data or 0):
        if made.data is not None:
            chunks.add(made)
    stored, plain, meta = chunks.meta()
    blob = Blob(
        layer, rafs.GZIP, FEATURES, len(chunks.entries), len(chunks.packed), chunks.size, chunks.table, rafs.GZIP, 0, stored,
        plain, hashlib.sha256(meta).digest(), len(meta))
    return bootstrap(order, blob, CHUNK), meta if chunks.entries else None


class Registry:
    def __init__(self, address, repository):
        self.base = f"{address}/v2/{repository}"
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, method, url, body=None, **fields):
        request = urllib.request.Request(url, body, {key.replace("_", "-"): value for key, value in fields.items()}, method=method)
        return self.opener.open(request)

    def get(self, kind, name, accept="*/*"):
        with self.ask("GET", f"{self.base}/{kind}/{name}", Accept=accept) as answer:
            return answer.read()

    def push(self, blob, media, **annotations):
        digest = "sha256:" + hashlib.sha256(blob).hexdigest()
        place = self.ask("POST", f"{self.base}/blobs/uploads/", b"").headers["Location"]
        if place.startswith("/"):
            place = "/".join(self.base.split("/", 3)[:3]) + place
        self.ask("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest}", blob, Content_Type="application/octet-stream")
        entry = {"mediaType": media, "digest": digest, "size": len(blob)}
        return {**entry, "annotations": annotations} if annotations else entry

    def put(self, name, document, media):
        body = json.dumps(document).encode()
        self.ask("PUT", f"{self.base}/manifests/{name}", body, Content_Type=media)
        return {"mediaType": media, "digest": "sha256:" + hashlib.sha256(body).hexdigest(), "size": len(body)}


def main():
    address, repository, tag = sys.argv[1:4]
    gap = int(sys.argv[4]) if len(sys.argv) > 4 else 256 << 10
    registry = Registry(address, repository)
    image = registry.get("manifests", tag, f"{MANIFEST}, {DOCKER}")
    manifest, entries = json.loads(image), []
    for layer in manifest["layers"]:
        if not layer["mediaType"].endswith(("+gzip", ".gzip")):
            print(f"{layer['digest']}: not a gzip layer, left out")
            continue
        packed = registry.get("blobs", layer["digest"])
        chunks = Chunks(packed, gap)
        metadata, meta = index(tree(chunks.plain), chunks, layer["digest"].removeprefix("sha256:"))
        if meta:
            entries.append(registry.push(meta, "application/octet-stream"))
        facts = {"digest": layer["digest"], "diff-id": "sha256:" + hashlib.sha256(chunks.plain).hexdigest(),
                 "diff-size": str(len(chunks.plain))}
        entries.append(registry.push(
            gzip.compress(metadata, 9, mtime=0), "application/vnd.swift-erofs-fuse.layer-index.v1+gzip",
            **{"swift-erofs-fuse.layer." + key: value for key, value in facts.items()}))
        print(f"{len(packed):12d} bytes  layer {layer['digest'][:19]}..., index {entries[-1]['size']}, contexts {len(meta or b'')}")
    subject = {"mediaType": manifest.get("mediaType", MANIFEST), "digest": "sha256:" + hashlib.sha256(image).hexdigest(), "size": len(image)}
    config = registry.push(b"{}", "application/vnd.oci.empty.v1+json")
    artifact = {"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": TYPE, "config": config, "layers": entries, "subject": subject}
    name = "sha256:" + hashlib.sha256(json.dumps(artifact).encode()).hexdigest()
    entry = {**registry.put(name, artifact, MANIFEST), "artifactType": TYPE}
    try:
        registry.get("referrers", subject["digest"], INDEX)
    except urllib.error.HTTPError:
        tag = subject["digest"].replace(":", "-")
        try:
            others = json.loads(registry.get("manifests", tag, INDEX))["manifests"]
        except urllib.error.HTTPError:
            others = []
        others = [other for other in others if other.get("artifactType") != TYPE]
        registry.put(tag, {"schemaVersion": 2, "mediaType": INDEX, "manifests": others + [entry]}, INDEX)


main()
