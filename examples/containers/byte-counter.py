#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Passes connections on to a server, and keeps in a file how many bytes have come back.

    byte-counter.py HOST:PORT PORT-FILE BYTES-FILE
"""

import os
import socket
import sys
import threading

total, lock = 0, threading.Lock()


def write(path, value):
    with open(path + ".new", "w") as file:
        file.write(str(value))
    os.replace(path + ".new", path)


def pump(source, target, counts):
    global total
    try:
        while data := source.recv(1 << 16):
            if counts:
                with lock:
                    total += len(data)
                    write(sys.argv[3], total)
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    write(sys.argv[3], 0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        write(sys.argv[2], server.getsockname()[1])
        while True:
            client, _ = server.accept()
            remote = socket.create_connection((host, int(port)))
            threading.Thread(target=pump, args=(client, remote, False), daemon=True).start()
            threading.Thread(target=pump, args=(remote, client, True), daemon=True).start()


main()
