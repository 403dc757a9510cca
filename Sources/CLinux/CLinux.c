// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

#include "CLinux.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/signalfd.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <stdio.h>

const int clinux_seek_data = SEEK_DATA;
const int clinux_seek_hole = SEEK_HOLE;
const int clinux_falloc_keep_size = FALLOC_FL_KEEP_SIZE;
const int clinux_falloc_punch_hole = FALLOC_FL_PUNCH_HOLE;
const int clinux_rwf_nowait = RWF_NOWAIT;
const unsigned clinux_mfd_cloexec = MFD_CLOEXEC;
const int clinux_o_tmpfile = O_TMPFILE;
const int clinux_o_path = O_PATH;
const short clinux_posix_spawn_setsid = POSIX_SPAWN_SETSID;

int clinux_fallocate(int fd, int mode, int64_t offset, int64_t length) { return fallocate(fd, mode, offset, length); }

ssize_t clinux_preadv2(int fd, const struct iovec *vectors, int count, int64_t offset, int flags) {
  return preadv2(fd, vectors, count, offset, flags);
}

ssize_t clinux_getxattr(const char *path, const char *name, void *value, size_t size) {
  return getxattr(path, name, value, size);
}

ssize_t clinux_lgetxattr(const char *path, const char *name, void *value, size_t size) {
  return lgetxattr(path, name, value, size);
}

ssize_t clinux_fgetxattr(int fd, const char *name, void *value, size_t size) {
  return fgetxattr(fd, name, value, size);
}

int clinux_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags) {
  return fsetxattr(fd, name, value, size, flags);
}

int clinux_setxattr(const char *path, const char *name, const void *value, size_t size, int flags) {
  return setxattr(path, name, value, size, flags);
}

ssize_t clinux_llistxattr(const char *path, char *list, size_t size) { return llistxattr(path, list, size); }

ssize_t clinux_copy_file_range(int from, int64_t from_offset, int to, int64_t to_offset, size_t length) {
  return copy_file_range(from, &from_offset, to, &to_offset, length, 0);
}

int clinux_clone_range(int to, int64_t to_offset, int from, int64_t from_offset, int64_t length) {
  struct file_clone_range range = {from, (uint64_t)from_offset, (uint64_t)length, (uint64_t)to_offset};
  return ioctl(to, FICLONERANGE, &range);
}

/* Newer than the headers of Linux 6.8 and before. */
struct backing_map {
  int32_t fd;
  uint32_t flags;
  uint64_t padding;
};

int clinux_fuse_backing_open(int device, int file) {
  struct backing_map map = {.fd = file};
  return ioctl(device, _IOW(229, 1, struct backing_map), &map);
}

int clinux_fuse_backing_close(int device, int backing) {
  uint32_t number = (uint32_t)backing;
  return ioctl(device, _IOW(229, 2, uint32_t), &number);
}

const unsigned clinux_splice_f_nonblock = SPLICE_F_NONBLOCK;

int clinux_set_pipe_size(int fd, int bytes) {
  (void)fcntl(fd, F_SETPIPE_SZ, bytes);
  return fcntl(fd, F_GETPIPE_SZ);
}

ssize_t clinux_splice(int from, int64_t offset, int to, size_t length, unsigned flags) {
  off64_t start = offset;
  return splice(from, offset < 0 ? NULL : &start, to, NULL, length, flags);
}

unsigned clinux_device_major(uint64_t device) { return major((dev_t)device); }

unsigned clinux_device_minor(uint64_t device) { return minor((dev_t)device); }

int64_t clinux_file_system_type(int fd) {
  struct statfs system;
  return fstatfs(fd, &system) < 0 ? -1 : (int64_t)system.f_type;
}

int64_t clinux_cached_pages(int fd, uint64_t offset, uint64_t length) {
  /* Newer than the headers: the number is the same on all architectures, the structures are part of the interface. */
  struct { uint64_t offset, length; } range = {offset, length};
  struct { uint64_t cached, dirty, writeback, evicted, recently_evicted; } pages;
  return syscall(451, fd, &range, &pages, 0) < 0 ? -1 : (int64_t)pages.cached;
}

int clinux_pipe2(int fds[2], int flags) { return pipe2(fds, flags); }

int clinux_syncfs(int fd) { return syncfs(fd); }

int clinux_renameat2(int old_dir, const char *old_path, int new_dir, const char *new_path, unsigned flags) {
  return renameat2(old_dir, old_path, new_dir, new_path, flags);
}

int clinux_eventfd(unsigned value, int flags) { return eventfd(value, flags); }

int clinux_epoll_of(int exclusive, int shared) {
  int result = epoll_create1(EPOLL_CLOEXEC);
  if (result < 0) return -1;
  struct epoll_event first = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = exclusive};
  struct epoll_event second = {.events = EPOLLIN, .data.fd = shared};
  if (epoll_ctl(result, EPOLL_CTL_ADD, exclusive, &first) == 0 && epoll_ctl(result, EPOLL_CTL_ADD, shared, &second) == 0)
    return result;
  close(result);
  return -1;
}

int clinux_epoll_wait(int epoll, int milliseconds) {
  struct epoll_event event;
  return epoll_wait(epoll, &event, 1, milliseconds) == 1 ? event.data.fd : -1;
}

int clinux_ofd_lock(int fd, int type, int64_t start, int64_t length) {
  struct flock lock = {.l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(fd, F_OFD_SETLK, &lock);
}

int clinux_memfd_create(const char *name, unsigned flags) { return memfd_create(name, flags); }

int clinux_signalfd(const sigset_t *signals) { return signalfd(-1, signals, SFD_NONBLOCK | SFD_CLOEXEC); }

int clinux_set_thread_name(const char *name) { return pthread_setname_np(pthread_self(), name); }

int clinux_gettid(void) { return gettid(); }

/* Sets of processors of any size: the kernel wants one at least as large as its own. */
enum { processor_limit = 8192 };

int clinux_may_run_on(int processor) {
  cpu_set_t *set = CPU_ALLOC(processor_limit);
  size_t size = CPU_ALLOC_SIZE(processor_limit);
  if (!set) return 0;
  CPU_ZERO_S(size, set);
  int result = sched_getaffinity(0, size, set) == 0 && CPU_ISSET_S(processor, size, set);
  CPU_FREE(set);
  return result;
}

int clinux_run_on(const int *processors, int count) {
  cpu_set_t *set = CPU_ALLOC(processor_limit);
  size_t size = CPU_ALLOC_SIZE(processor_limit);
  if (!set) return ENOMEM;
  CPU_ZERO_S(size, set);
  for (int i = 0; i < count; i++) CPU_SET_S(processors[i], size, set);
  int result = sched_setaffinity(0, size, set) == 0 ? 0 : errno;
  CPU_FREE(set);
  return result;
}

int clinux_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int clinux_lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags) {
  return lsetxattr(path, name, value, size, flags);
}

uint64_t clinux_makedev(unsigned major, unsigned minor) { return makedev(major, minor); }

int clinux_ioctl_pointer(int fd, unsigned long request, void *argument) { return ioctl(fd, request, argument); }

int clinux_open(const char *path, int flags, unsigned mode) { return open(path, flags, mode); }

int clinux_openat(int directory, const char *path, int flags, unsigned mode) {
  return openat(directory, path, flags, mode);
}

int clinux_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, void *guarded) {
  (void)guarded;
  return pthread_cond_wait(condition, mutex);
}

int clinux_condition_timed_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *deadline,
                                void *guarded) {
  (void)guarded;
  return pthread_cond_timedwait(condition, mutex, deadline);
}

int clinux_mounted_device(const char *path, unsigned *major, unsigned *minor) {
  struct statx status;
  // What is known already will do: the file system may be our own, and not answer yet.
  if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, 0, &status) != 0) return -1;
  *major = status.stx_dev_major;
  *minor = status.stx_dev_minor;
  return 0;
}

ssize_t clinux_send_with_descriptor(int fd, const void *bytes, size_t count, int descriptor) {
  struct iovec vector = {.iov_base = (void *)bytes, .iov_len = count};
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  if (descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    *(int *)CMSG_DATA(header) = descriptor;
  }
  return sendmsg(fd, &message, MSG_NOSIGNAL);
}

ssize_t clinux_receive_with_descriptor(int fd, void *bytes, size_t count, int *descriptor) {
  struct iovec vector = {.iov_base = bytes, .iov_len = count};
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
  struct msghdr message = {
      .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  *descriptor = -1;
  ssize_t result = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  struct cmsghdr *header = result < 0 ? NULL : CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
      header->cmsg_len == CMSG_LEN(sizeof(int)))
    *descriptor = *(int *)CMSG_DATA(header);
  return result;
}

pid_t clinux_peer_process(int fd) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

int64_t clinux_peer_user(int fd) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? (int64_t)peer.uid : -1;
}
