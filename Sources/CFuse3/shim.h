// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

#ifndef CFUSE3_SHIM_H
#define CFUSE3_SHIM_H
/* 312 selects the interface of libfuse 3.12, which 3.14 and all later releases still offer. */
#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>

/* A function in libfuse 3.14, a function-like macro from 3.17 on: Swift imports only functions. */
static inline struct fuse_session *cfuse3_session_new(struct fuse_args *args,
    const struct fuse_lowlevel_ops *operations, void *userdata) {
  return fuse_session_new(args, operations, sizeof(*operations), userdata);
}
#endif
