// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

#include "CLinux.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A mapped file that is cut while it is in use raises SIGBUS, which Swift cannot catch. The handler puts a page of
 * zeroes where the file ended, and counts; whoever read from the mapping looks at the count before it answers, and
 * answers with an error instead of those zeroes. Faults outside guarded mappings keep their deadly meaning. */

#define GUARDED_MAX 1024

static struct {
  _Atomic(uintptr_t) start;
  _Atomic(uintptr_t) end;
} guarded[GUARDED_MAX];

static _Atomic uint64_t faults;
static uintptr_t page_size;

static void on_bus_error(int signal_number, siginfo_t *info, void *context) {
  (void)context;
  uintptr_t address = (uintptr_t)info->si_addr;
  for (int i = 0; i < GUARDED_MAX; i++) {
    if (address < atomic_load(&guarded[i].start) || address >= atomic_load(&guarded[i].end)) continue;
    void *page = (void *)(address & ~(page_size - 1));
    if (mmap(page, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page) {
      atomic_fetch_add(&faults, 1);
      return;
    }
  }
  signal(signal_number, SIG_DFL);
}

int clinux_guard_mapping(const void *start, size_t length) {
  page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGBUS, &action, NULL) != 0) return -1;
  for (int i = 0; i < GUARDED_MAX; i++) {
    uintptr_t free_slot = 0;
    if (atomic_compare_exchange_strong(&guarded[i].start, &free_slot, (uintptr_t)start)) {
      atomic_store(&guarded[i].end, (uintptr_t)start + length);
      return i;
    }
  }
  return -1;
}

void clinux_unguard_mapping(int slot) {
  if (slot < 0 || slot >= GUARDED_MAX) return;
  atomic_store(&guarded[slot].end, 0);
  atomic_store(&guarded[slot].start, 0);
}

uint64_t clinux_guarded_faults(void) { return atomic_load_explicit(&faults, memory_order_acquire); }
