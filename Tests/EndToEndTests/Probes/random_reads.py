# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads pages of a file at random places in several processes, and compares them with those of another file.

    python3 random_reads.py FILE ORIGINAL READERS READS

Prints how many pages differ, of all readers.
"""
import os
import random
import sys

PAGE = 4096


def differing(number):
    places = random.Random(number)
    file, original = (os.open(path, os.O_RDONLY) for path in sys.argv[1:3])
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_RANDOM)
    pages = os.fstat(original).st_size // PAGE
    count = 0
    for _ in range(int(sys.argv[4])):
        place = places.randrange(pages) * PAGE
        count += os.pread(file, PAGE, place) != os.pread(original, PAGE, place)
    return count


answers = []
for number in range(int(sys.argv[3])):
    taker, giver = os.pipe()
    if os.fork() == 0:
        os.write(giver, differing(number).to_bytes(4, "little"))
        os._exit(0)
    os.close(giver)
    answers.append(taker)
total = 0
for taker in answers:
    answer = os.read(taker, 4)
    if len(answer) != 4:
        sys.exit("a reader ended before it was done")
    total += int.from_bytes(answer, "little")
print(total)
