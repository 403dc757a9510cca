#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""A slow link to a server on this machine: slow_link.py LISTEN_PORT TARGET_PORT [--rtt-ms MS] [--mbit RATE] [--stats FILE]

Passes TCP on byte for byte, so TLS goes through as well. Half of the round trip is added in each direction, and a whole one
before a connection stands; the rate is shared by all connections, for each direction. On SIGTERM it writes what has passed
as JSON: {"connections", "requests", "up", "down"}; requests are counted for plain HTTP only."""

import argparse
import asyncio
import json
import os
import signal

CHUNK = 16384
# What one direction of one connection may hold: more than a round trip at the rates that are of interest.
QUEUED = 64


class Link:
    def __init__(self, target, rtt, rate):
        self.target, self.half, self.rate = target, rtt / 2, rate
        self.free = {"up": 0.0, "down": 0.0}
        self.passed = {"connections": 0, "requests": 0, "up": 0, "down": 0}

    async def connect(self, reader, writer):
        self.passed["connections"] += 1
        await asyncio.sleep(2 * self.half)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(
            self.pass_on(reader, far_writer, "up"), self.pass_on(far_reader, writer, "down"), return_exceptions=True)
        far_writer.close()
        writer.close()

    async def pass_on(self, reader, writer, way):
        queue = asyncio.Queue(QUEUED)
        sending = asyncio.create_task(send(queue, writer))
        clock = asyncio.get_running_loop().time
        try:
            while data := await reader.read(CHUNK):
                self.passed[way] += len(data)
                if way == "up":
                    self.passed["requests"] += data.count(b" HTTP/1.1\r\n")
                start = max(clock(), self.free[way])
                self.free[way] = start + (len(data) / self.rate if self.rate else 0)
                await queue.put((self.free[way] + self.half, data))
        except ConnectionError:
            pass
        await queue.put(None)
        await sending


async def send(queue, writer):
    clock = asyncio.get_running_loop().time
    try:
        while item := await queue.get():
            due, data = item
            if due > clock():
                await asyncio.sleep(due - clock())
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except (OSError, RuntimeError):
        # The receiver is gone: what still comes is swallowed, so that the other side is not kept waiting.
        while await queue.get():
            pass


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("listen", type=int)
    parser.add_argument("target", type=int)
    parser.add_argument("--rtt-ms", type=float, default=0)
    parser.add_argument("--mbit", type=float, default=0)
    parser.add_argument("--stats")
    options = parser.parse_args()
    link = Link(options.target, options.rtt_ms / 1000, options.mbit * 125_000)
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    await asyncio.start_server(link.connect, "127.0.0.1", options.listen, backlog=512)
    print("ready", flush=True)
    await end.wait()
    if options.stats:
        with open(options.stats, "w") as file:
            json.dump(link.passed, file)
    # Connections that still stand are not worth an orderly end.
    os._exit(0)


asyncio.run(main())
