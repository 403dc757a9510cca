#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""How soon a container starts that is not here yet: lazy.py PROGRAM WORK [--root DIR] [--repeat N]

A Debian image with Python (about 190 MB; made with mmdebstrap unless --root names a tree) lies in a registry on this
machine: as a compressed EROFS image, as EROFS metadata with a blob of plain chunks, and as a Nydus image (RAFS v6), which
is metadata with a blob of packed chunks. It is mounted by its tag with an empty cache, straight and over a link of 20 ms and
100 Mbit/s, and `python3 -c 'import json'` runs in a chroot of it; then the same with a prefetch list recorded before. Then a
file of 256 MiB is read from front to back. Needs root, mkfs.erofs, docker-registry and libzstd.
Prints a table, whose MiB are what passed the link; without a link, what the blobs' caches took, which of packed chunks is
more than was moved. WORK keeps images and registry for the next run."""

import argparse
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
LINKS = {"none": [], "20 ms, 100 Mbit/s": ["--rtt-ms", "20", "--mbit", "100"]}
EROFS = "application/vnd.erofs.{}.v1"
SNAPSHOT = "containerd.io/snapshot/nydus-"
START = ["/usr/bin/python3", "-c", "import json"]
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_root(work):
    root = f"{work}/root"
    if not os.path.exists(f"{root}/usr/bin/python3"):
        exclude = [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("doc", "man", "locale", "info")]
        subprocess.run(
            ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--include=python3",
             "--skip=output/dev,cleanup/apt", "--aptopt=APT::Install-Recommends \"false\"", *exclude,
             "--customize-hook=rm -rf \"$1\"/var/cache/apt/* \"$1\"/var/lib/apt/lists/* \"$1\"/var/log/*", "bookworm", root],
            check=True)
        # An application's data that a start does not touch.
        with open(f"{root}/model", "wb") as file:
            file.write(os.urandom(24 << 20))
    return root


def make_images(work, root):
    """Names of images with their layers: file, media type, annotations."""
    images = {"rafs": make_rafs(work, root)}
    for name, source, options, has_blob in [
        ("lz4hc", root, ["-zlz4hc", "-C65536"], False),
        ("plain", root, ["--chunksize=4096"], True),
        ("big", f"{work}/big", ["-T0", "--chunksize=1048576"], True),
    ]:
        image, blob = f"{work}/{name}.erofs", f"{work}/{name}.blob"
        images[name] = [(image, EROFS.format("bootstrap"), {})] + ([(blob, EROFS.format("blob"), {})] if has_blob else [])
        if os.path.exists(image):
            continue
        if name == "big":
            os.makedirs(source, exist_ok=True)
            with open(f"{source}/file", "wb") as file:
                for _ in range(256):
                    file.write(os.urandom(1 << 20))
        device = [f"--blobdev={blob}"] if has_blob else []
        subprocess.run(["mkfs.erofs", "--quiet", *options, *device, image, source], check=True)
    return {name: images[name] for name in ("lz4hc", "plain", "rafs", "big")}


def make_rafs(work, root):
    """The layers of a Nydus image: the blob, and an archive with the bootstrap."""
    folder = f"{work}/rafs"
    archive = f"{folder}/bootstrap.tar.gz"
    if not os.path.exists(archive):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, f"{HERE}/../containers/rafs-image.py", root, folder], check=True)
        with tarfile.open(f"{folder}/archive.part", "w:gz") as file:
            file.add(f"{folder}/image.boot", "image/image.boot")
        os.rename(f"{folder}/archive.part", archive)
    blob = next(name for name in os.listdir(folder) if len(name) == 64)
    return [
        (f"{folder}/{blob}", "application/vnd.oci.image.layer.nydus.blob.v1", {f"{SNAPSHOT}blob": "true"}),
        (archive, "application/vnd.oci.image.layer.v1.tar+gzip",
         {f"{SNAPSHOT}bootstrap": "true", f"{SNAPSHOT}fs-version": "6"})]


class Registry:
    def __init__(self, work):
        self.port, self.work = unused_port(), work
        with open(f"{work}/registry.yml", "w") as file:
            file.write(f"version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\n"
                       f"storage: {{filesystem: {{rootdirectory: {work}/registry}}}}\n"
                       f"http: {{addr: \"127.0.0.1:{self.port}\", secret: benchmark}}\n")
        self.process = subprocess.Popen(
            ["docker-registry", "serve", f"{work}/registry.yml"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "OTEL_TRACES_EXPORTER": "none"})
        while not self.answers():
            time.sleep(0.1)

    def answers(self):
        try:
            return DIRECT.open(f"http://127.0.0.1:{self.port}/v2/").status == 200
        except OSError:
            return False

    def request(self, method, url, data=None, content_type="application/octet-stream"):
        address = url if url.startswith("http") else f"http://127.0.0.1:{self.port}/v2/{url}"
        headers = {"Content-Type": content_type}
        return DIRECT.open(urllib.request.Request(address, data=data, method=method, headers=headers))

    def push_blob(self, name, data):
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        place = self.request("POST", f"{name}/blobs/uploads/", b"").headers["Location"]
        self.request("PUT", place + ("&" if "?" in place else "?") + "digest=" + digest, data)
        return digest

    def push(self, name, files):
        layers = []
        for path, media, annotations in files:
            with open(path, "rb") as file:
                data = file.read()
            layers.append({"mediaType": media, "digest": self.push_blob(name, data), "size": len(data)})
            if annotations:
                layers[-1]["annotations"] = annotations
        manifest_type = "application/vnd.oci.image.manifest.v1+json"
        config = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": self.push_blob(name, b"{}"), "size": 2}
        manifest = {"schemaVersion": 2, "mediaType": manifest_type, "config": config, "layers": layers}
        self.request("PUT", f"{name}/manifests/v1", json.dumps(manifest).encode(), manifest_type)


class Link:
    def __init__(self, work, target, options):
        self.port, self.stats = unused_port(), f"{work}/link.json"
        self.process = subprocess.Popen(
            [sys.executable, f"{HERE}/slow_link.py", str(self.port), str(target), "--stats", self.stats, *options],
            stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        with open(self.stats) as file:
            return json.load(file)


class Trial:
    """One mount with an empty cache over a link of its own."""

    def __init__(self, program, work, registry, link):
        self.program, self.work, self.registry, self.link = program, work, registry, link

    def run(self, image, command, options=(), inside=True):
        point, cache = f"{self.work}/mnt", f"{self.work}/cache"
        shutil.rmtree(cache, ignore_errors=True)
        os.makedirs(point, exist_ok=True)
        link = Link(self.work, self.registry.port, LINKS[self.link]) if LINKS[self.link] else None
        port = link.port if link else self.registry.port
        begin = time.monotonic()
        try:
            address = f"oci://127.0.0.1:{port}/{image}:v1"
            subprocess.run([self.program, "mount", "--cache-dir", cache, *options, address, point], check=True)
            mounted = time.monotonic()
            subprocess.run(["chroot", point, *command] if inside else command, check=True)
            done = time.monotonic()
            passed = None if link else self.fetched(point)
        finally:
            subprocess.run([self.program, "umount", point])
            # The old server may still be at its socket, which the next mount would inherit.
            time.sleep(0.3)
            passed = link.end() if link else passed
        return {"mount": mounted - begin, "run": done - mounted, "total": done - begin, **passed}


    def fetched(self, point):
        """What the program itself counts, where no link does."""
        status = subprocess.run([self.program, "status", "--json", point], check=True, stdout=subprocess.PIPE).stdout
        requests = sum(blob["fetches"] for blob in json.loads(status)["blobs"])
        return {"down": moved(status), "requests": requests, "connections": 0}


def show(label, link, results):
    results.sort(key=lambda result: result["total"])
    best = results[len(results) // 2]
    print(f"{label:28} {link:18} {best['mount']:6.2f} {best['run']:6.2f} {best['total']:6.2f} "
          f"{best['down'] / (1 << 20):7.2f} {best['requests']:9} {best['connections']:6}", flush=True)
    return best


def moved(status):
    """Bytes that a mount has moved, by its `status --json`."""
    return sum(blob["movedBytes"] for blob in json.loads(status)["blobs"])


def arguments(description):
    """A parser with the arguments that all measurements of a start have."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("work")
    parser.add_argument("--root")
    parser.add_argument("--repeat", type=int, default=3)
    return parser


def main():
    parser = arguments(__doc__)
    parser.add_argument("--only", help="plain, lz4hc, rafs or big")
    parser.add_argument("--option", action="append", default=[], help="one more option of mount")
    options = parser.parse_args()
    work = os.path.abspath(options.work)
    os.makedirs(work, exist_ok=True)
    images = make_images(work, options.root or make_root(work))
    registry = Registry(work)
    try:
        for name, files in images.items():
            registry.push(name, files)
        print(f"{'image':28} {'link':18} {'mount':>6} {'run':>6} {'total':>6} {'MiB':>7} {'requests':>9} {'conns':>6}")
        for link in LINKS:
            trial = Trial(options.program, work, registry, link)
            for name in images:
                if name == "big" or options.only not in (None, name):
                    continue
                show(name, link, [trial.run(name, START, options.option) for _ in range(options.repeat)])
                record = f"{work}/{name}.list"
                if os.path.exists(record):
                    os.remove(record)
                trial.run(name, START, ["--record", record, *options.option])
                # The list is written when the mount has ended, which unmounting does not wait for.
                while not os.path.exists(record):
                    time.sleep(0.1)
                show(name + ", list", link,
                     [trial.run(name, START, ["--prefetch", record, *options.option]) for _ in range(options.repeat)])
            if options.only in (None, "big"):
                read = ["dd", f"if={work}/mnt/file", "of=/dev/null", "bs=1M", "status=none"]
                best = show("256 MiB in order", link, [trial.run("big", read, options.option, inside=False)])
                print(f"{'':28} {256 / best['run'] * 1.048576 * 8:.1f} Mbit/s")
    finally:
        registry.process.terminate()
        registry.process.wait()


if __name__ == "__main__":
    main()
