// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

#ifndef CURING_SHIM_H
#define CURING_SHIM_H
/* liburing.h asks for _XOPEN_SOURCE, with which types look other than in the C library's module; so that comes first. */
#include <sys/types.h>
#include <liburing.h>

/* Swift does not import the array without a length that the command's own bytes are. */
static inline void *curing_command_bytes(struct io_uring_sqe *entry) { return entry->cmd; }

/* liburing 2.3 declares io_uring_enable_rings, but does not export it. */
static inline int curing_enable(struct io_uring *ring) {
    return io_uring_register(ring->ring_fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
}

/* Whether the kernel has something to do for the thread; other processors change the word. */
static inline _Bool curing_has_work(const struct io_uring *ring) {
    return (IO_URING_READ_ONCE(*ring->sq.kflags) & IORING_SQ_TASKRUN) != 0;
}
#endif
