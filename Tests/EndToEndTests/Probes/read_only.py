# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Does to a read-only tree what programs do, and prints a line for each: what it was, a tab, what came of it.

    python3 read_only.py changes|mappings|locks|watches TREE

The tree is the one that ReadOnlyTests makes. Two mounts of one image print the same.
"""
import ctypes
import errno
import fcntl
import hashlib
import mmap
import os
import signal
import stat
import struct
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)


def outcome(action):
    """The name of the error, or what the action gave; "ok" for nothing."""
    try:
        result = action()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
    return "ok" if result is None else str(result)


def tell(what, action):
    print(f"{what}\t{outcome(action)}", flush=True)


def call(result):
    """The result of a function of libc, or its error."""
    if result < 0:
        raise OSError(ctypes.get_errno(), "")


def opened(path, flags, action=lambda file: None):
    file = os.open(path, flags | os.O_CLOEXEC, 0o644)
    try:
        return action(file)
    finally:
        os.close(file)


def changes(tree):
    """Everything that would change the tree, and what looks like it and would not."""
    file, link, new, missing = f"{tree}/file", f"{tree}/link", f"{tree}/new", f"{tree}/missing"
    folder, full = f"{tree}/empty", f"{tree}/full"
    flags = {
        "O_WRONLY": os.O_WRONLY, "O_RDWR": os.O_RDWR, "O_WRONLY|O_APPEND": os.O_WRONLY | os.O_APPEND,
        "O_RDONLY|O_TRUNC": os.O_TRUNC, "O_RDWR|O_TRUNC": os.O_RDWR | os.O_TRUNC, "O_CREAT": os.O_CREAT,
        "O_CREAT|O_WRONLY": os.O_CREAT | os.O_WRONLY, "O_CREAT|O_EXCL": os.O_CREAT | os.O_EXCL,
    }
    for name, value in flags.items():
        for place in file, link, new, folder:
            tell(f"open {name} {os.path.basename(place)}", lambda: opened(place, value))
    tell("open O_TMPFILE", lambda: opened(tree, os.O_TMPFILE | os.O_RDWR))
    for place in new, file, folder, f"{missing}/x", f"{file}/x":
        name = os.path.relpath(place, tree)
        tell(f"mkdir {name}", lambda: os.mkdir(place))
        tell(f"symlink {name}", lambda: os.symlink("target", place))
        tell(f"link {name}", lambda: os.link(file, place))
        tell(f"mknod regular {name}", lambda: os.mknod(place, stat.S_IFREG | 0o644))
        tell(f"mknod device {name}", lambda: os.mknod(place, stat.S_IFCHR | 0o644, os.makedev(1, 3)))
        tell(f"mkfifo {name}", lambda: os.mkfifo(place))
        tell(f"rename to {name}", lambda: os.rename(f"{tree}/small", place))
        tell(f"rename from {name}", lambda: os.rename(place, f"{tree}/other"))
    tell("rename onto itself", lambda: os.rename(file, file))
    tell("link from outside", lambda: os.link("/proc/self/status", new))
    tell("rename from outside", lambda: os.rename("/proc/self/status", new))
    for place in file, link, folder, full, missing, f"{tree}/device", f"{tree}/fifo":
        name = os.path.basename(place)
        tell(f"unlink {name}", lambda: os.unlink(place))
        tell(f"rmdir {name}", lambda: os.rmdir(place))
        tell(f"chmod {name}", lambda: os.chmod(place, 0o600))
        tell(f"chown {name}", lambda: os.chown(place, 1, 1, follow_symlinks=False))
        tell(f"chown to nobody else {name}", lambda: os.chown(place, -1, -1, follow_symlinks=False))
        tell(f"utimens {name}", lambda: os.utime(place, (1, 1), follow_symlinks=False))
        tell(f"truncate {name}", lambda: os.truncate(place, 1))
        for attribute in "user.new", "user.kept", "trusted.new", "security.new", "system.posix_acl_access":
            tell(f"setxattr {attribute} {name}", lambda: os.setxattr(place, attribute, b"1", follow_symlinks=False))
            tell(f"removexattr {attribute} {name}", lambda: os.removexattr(place, attribute, follow_symlinks=False))
        for mode, letter in (os.R_OK, "r"), (os.W_OK, "w"), (os.X_OK, "x"):
            tell(f"access {letter} {name}", lambda: call(libc.access(place.encode(), mode)))
    operations = {
        "fchmod": lambda file: os.fchmod(file, 0o600), "fchown": lambda file: os.fchown(file, 1, 1),
        "futimens": lambda file: os.utime(file, (1, 1)), "ftruncate": lambda file: os.ftruncate(file, 1),
        "fallocate": lambda file: call(libc.fallocate(file, 0, 0, ctypes.c_long(4096))),
        "punch": lambda file: call(libc.fallocate(file, 3, 0, ctypes.c_long(4096))),
        "fsetxattr": lambda file: os.setxattr(file, "user.new", b"1"),
        "fremovexattr": lambda file: os.removexattr(file, "user.kept"),
        "write": lambda file: os.write(file, b"1"), "pwrite": lambda file: os.pwrite(file, b"1", 0),
        "copy_file_range": lambda file: os.copy_file_range(file, file, 10, 0, 100),
    }
    for name, operation in operations.items():
        tell(name, lambda: opened(file, os.O_RDONLY, operation))
    tell("fifo for writing", lambda: opened(f"{tree}/fifo", os.O_WRONLY | os.O_NONBLOCK))
    both = os.O_RDWR | os.O_NONBLOCK
    tell("fifo for both", lambda: opened(f"{tree}/fifo", both, lambda file: os.write(file, b"12")))
    tell("content", lambda: digest(open(file, "rb").read()))


def digest(content):
    return hashlib.sha256(content).hexdigest()


def child(action):
    """How a process of its own ends that does this: its exit code, or the signal's name."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = action() or 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return signal.Signals(-code).name if code < 0 else code


def mappings(tree):
    """Files mapped as programs map them, and a library and programs that the loader maps."""
    shared, read, write = mmap.MAP_SHARED, mmap.PROT_READ, mmap.PROT_WRITE
    for name in sorted(os.listdir(f"{tree}/sizes"), key=int):
        path = f"{tree}/sizes/{name}"
        for kind, protection in ("read", read), ("execute", read | mmap.PROT_EXEC):
            tell(
                f"{name} shared {kind}",
                lambda: opened(path, os.O_RDONLY, lambda file: digest(mmap.mmap(file, 0, shared, protection))))
        tell(f"{name} read", lambda: digest(open(path, "rb").read()))
        with open(path, "rb") as file:
            # Behind the end of a file its last page is zeroes, and the next page is not there.
            size = os.fstat(file.fileno()).st_size
            page = -size % mmap.PAGESIZE
            whole = libc_mmap(size + page + mmap.PAGESIZE, read, shared, file.fileno())
            tail = ctypes.string_at(whole + size, page)
            print(f"{name} behind the end\t{len(tail)} {set(tail)}")
            tell(f"{name} beyond", lambda: child(lambda: ctypes.string_at(whole + size + page, 1)[0]))
    file = f"{tree}/file"
    for name, protection in ("write", write), ("read and write", read | write):
        tell(f"shared {name}", lambda: opened(file, os.O_RDONLY, lambda file: mmap.mmap(file, 0, shared, protection)))
    tell("made writable", lambda: opened(file, os.O_RDONLY, made_writable))
    tell("private and written", lambda: opened(file, os.O_RDONLY, private))
    tell("the file after that", lambda: digest(open(file, "rb").read()))
    tell("advice", lambda: opened(file, os.O_RDONLY, advised))
    code = (
        "import ctypes; z = ctypes.CDLL('liblz4.so.1'); print(z.LZ4_versionNumber());"
        "print(sorted({line.split()[1] for line in open('/proc/self/maps') if 'lib/liblz4.so.1' in line}));"
        f"print(any('{tree}/lib/' in line and 'r-xp' in line for line in open('/proc/self/maps')))"
    )
    environment = dict(os.environ, LD_LIBRARY_PATH=f"{tree}/lib")
    library = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    print("library\t" + library.stdout.decode().replace("\n", " "), library.returncode)
    program = [f"{tree}/bin/sha256sum", "-"]
    tell("program", lambda: subprocess.run(program, stdin=open(file), capture_output=True).stdout)


def libc_mmap(length, protection, flags, file):
    libc.mmap.restype = ctypes.c_void_p
    place = libc.mmap(None, ctypes.c_size_t(length), protection, flags, file, ctypes.c_long(0))
    if place == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "")
    return place


def made_writable(file):
    place = libc_mmap(4096, mmap.PROT_READ, mmap.MAP_SHARED, file)
    call(libc.mprotect(ctypes.c_void_p(place), ctypes.c_size_t(4096), mmap.PROT_READ | mmap.PROT_WRITE))


def private(file):
    memory = mmap.mmap(file, 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    memory[:5] = b"mine!"
    memory.flush()
    return digest(memory)


def advised(file):
    memory = mmap.mmap(file, 0, mmap.MAP_SHARED, mmap.PROT_READ)
    for advice in mmap.MADV_SEQUENTIAL, mmap.MADV_WILLNEED, mmap.MADV_DONTNEED:
        memory.madvise(advice)
    return digest(memory)


RECORD_LOCK, OPEN_FILE_LOCK, OPEN_FILE_QUESTION = fcntl.F_SETLK, 37, 36


def record(kind):
    """A lock on the first 100 bytes (struct flock)."""
    return struct.pack("hhqqixxxx", kind, os.SEEK_SET, 0, 100, 0)


LOCKS = {
    "flock shared": lambda file: fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB),
    "flock exclusive": lambda file: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB),
    "record read": lambda file: fcntl.fcntl(file, RECORD_LOCK, record(fcntl.F_RDLCK)) and None,
    "record write": lambda file: fcntl.fcntl(file, RECORD_LOCK, record(fcntl.F_WRLCK)) and None,
    "open file read": lambda file: fcntl.fcntl(file, OPEN_FILE_LOCK, record(fcntl.F_RDLCK)) and None,
    "open file write": lambda file: fcntl.fcntl(file, OPEN_FILE_LOCK, record(fcntl.F_WRLCK)) and None,
}


def locks(tree):
    """Each lock while another process holds each, and after that process has gone."""
    for place in f"{tree}/file", f"{tree}/empty":
        name = os.path.basename(place)
        for held, hold in LOCKS.items():
            with Holder(place, hold) as holder:
                print(f"{name}: {held}\t{holder.outcome}")
                for wanted, lock in LOCKS.items():
                    tell(f"{name}: {wanted} against {held}", lambda: opened(place, os.O_RDONLY, lock))
                # A reader's lock tells who would keep a writer out.
                tell(f"{name}: who holds {held}", lambda: opened(place, os.O_RDONLY, lambda file: holder.isNamed(file)))
            for wanted, lock in LOCKS.items():
                tell(f"{name}: {wanted} after {held}", lambda: opened(place, os.O_RDONLY, lock))


class Holder:
    """Another process that takes a lock and keeps it."""

    def __init__(self, place, hold):
        ready, told = os.pipe()
        self.end, keep = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            os.close(keep)
            os.write(told, outcome(lambda: hold(os.open(place, os.O_RDONLY))).encode())
            os.read(self.end, 1)
            os._exit(0)
        self.keep = keep
        os.close(told)
        self.outcome = os.read(ready, 100).decode()
        os.close(ready)

    def isNamed(self, file):
        kind, _, start, length, process = struct.unpack(
            "hhqqixxxx", fcntl.fcntl(file, fcntl.F_GETLK, record(fcntl.F_WRLCK)))
        return kind, start, length, {self.process: "holder", 0: "nobody", -1: "unnamed"}.get(process, process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.keep)
        os.close(self.end)
        os.waitpid(self.process, 0)


EVENTS = {
    0x1: "ACCESS", 0x2: "MODIFY", 0x4: "ATTRIB", 0x8: "CLOSE_WRITE", 0x10: "CLOSE_NOWRITE", 0x20: "OPEN",
    0x40: "MOVED_FROM", 0x80: "MOVED_TO", 0x100: "CREATE", 0x200: "DELETE", 0x400: "DELETE_SELF", 0x800: "MOVE_SELF",
    0x8000: "IGNORED", 0x40000000: "ISDIR",
}


def watches(tree):
    """What inotify tells who watches a file or its directory while others use it."""
    file = f"{tree}/full/file"
    uses = {
        "open and close": lambda: opened(file, os.O_RDONLY),
        "read": lambda: opened(file, os.O_RDONLY, lambda file: len(os.read(file, 10))),
        "read nothing": lambda: opened(file, os.O_RDONLY, lambda file: len(os.pread(file, 1, 1 << 30))),
        "map": lambda: opened(
            file, os.O_RDONLY, lambda file: mmap.mmap(file, 0, mmap.MAP_SHARED, mmap.PROT_READ).close()),
        "stat": lambda: os.stat(file).st_size,
        "list": lambda: len(os.listdir(f"{tree}/full")),
        "follow": lambda: opened(f"{tree}/full/link", os.O_RDONLY),
        "run": lambda: subprocess.run([f"{tree}/full/program"]).returncode,
        "refused change": lambda: opened(file, os.O_RDWR),
        "refused removal": lambda: os.unlink(file),
        "refused mode": lambda: os.chmod(file, 0o600),
    }
    for place in f"{tree}/full", file:
        for name, use in uses.items():
            watch = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
            tell(f"watch {os.path.basename(place)}", lambda: call(libc.inotify_add_watch(watch, place.encode(), 0xFFF)))
            tell(name, use)
            for line in events(watch):
                print(f"{name} in {os.path.basename(place)}\t{line}")
            os.close(watch)


def events(watch):
    """What has come so far: whoever has done a thing has told of it before it goes on."""
    try:
        content = os.read(watch, 1 << 16)
    except BlockingIOError:
        return
    while content:
        _, mask, _, length = struct.unpack_from("iIII", content)
        name = content[16:16 + length].rstrip(b"\0").decode()
        yield " ".join([text for bit, text in EVENTS.items() if mask & bit] + [name])
        content = content[16 + length:]


{"changes": changes, "mappings": mappings, "locks": locks, "watches": watches}[sys.argv[1]](sys.argv[2])
