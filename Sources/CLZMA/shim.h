// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

#ifndef CLZMA_SHIM_H
#define CLZMA_SHIM_H
#include <lzma.h>
#endif
