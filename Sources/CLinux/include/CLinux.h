// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

#ifndef CLINUX_H
#define CLINUX_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <sys/types.h>
#include <sys/uio.h>

/* The Linux calls that Glibc's Swift module hides, because it is built without _GNU_SOURCE. No logic here: each
 * function stands for the system call of its name and answers as that does (-1 and errno). */

extern const int clinux_seek_data;
extern const int clinux_seek_hole;
extern const int clinux_falloc_keep_size;
extern const int clinux_falloc_punch_hole;
extern const int clinux_rwf_nowait;
extern const unsigned clinux_mfd_cloexec;
extern const int clinux_o_tmpfile;
extern const int clinux_o_path;
extern const short clinux_posix_spawn_setsid;

int clinux_fallocate(int fd, int mode, int64_t offset, int64_t length);
ssize_t clinux_preadv2(int fd, const struct iovec *vectors, int count, int64_t offset, int flags);
ssize_t clinux_getxattr(const char *path, const char *name, void *value, size_t size);
ssize_t clinux_lgetxattr(const char *path, const char *name, void *value, size_t size);
ssize_t clinux_fgetxattr(int fd, const char *name, void *value, size_t size);
int clinux_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags);
int clinux_setxattr(const char *path, const char *name, const void *value, size_t size, int flags);
ssize_t clinux_llistxattr(const char *path, char *list, size_t size);
ssize_t clinux_copy_file_range(int from, int64_t from_offset, int to, int64_t to_offset, size_t length);
int clinux_pipe2(int fds[2], int flags);
/* F_SETPIPE_SZ and then F_GETPIPE_SZ: the bytes that the pipe takes, whether or not it could be set to `bytes`; or -1. */
int clinux_set_pipe_size(int fd, int bytes);
/* splice(2); with an `offset` below 0 there is none, and the file is a pipe or a device. */
ssize_t clinux_splice(int from, int64_t offset, int to, size_t length, unsigned flags);
extern const unsigned clinux_splice_f_nonblock;
/* cachestat(2): the pages of a part of a file that are in the page cache; -1 also when the kernel does not tell. */
int64_t clinux_cached_pages(int fd, uint64_t offset, uint64_t length);
int clinux_syncfs(int fd);
/* f_type of fstatfs(2), as in linux/magic.h; -1 when it cannot be told. */
int64_t clinux_file_system_type(int fd);
/* The two parts of a device number (makedev(3)). */
unsigned clinux_device_major(uint64_t device);
unsigned clinux_device_minor(uint64_t device);
int clinux_renameat2(int old_dir, const char *old_path, int new_dir, const char *new_path, unsigned flags);
int clinux_eventfd(unsigned value, int flags);
/* An epoll instance, closed on exec, that watches both for input: the first so that of all instances in which somebody sleeps
 * only one is woken (EPOLLEXCLUSIVE); -1 when there is none to be had. */
int clinux_epoll_of(int exclusive, int shared);
/* Sleeps in it, for ever with -1: the descriptor that has something, or -1 when the time is up or a signal came. */
int clinux_epoll_wait(int epoll, int milliseconds);
/* F_OFD_SETLK of a range: 0, or -1 when another open file holds a part of it. */
int clinux_ofd_lock(int fd, int type, int64_t start, int64_t length);
/* As send(2) and recv(2) of one packet with MSG_NOSIGNAL, a descriptor going along in SCM_RIGHTS; -1 for none. What is
 * received is closed on exec. */
ssize_t clinux_send_with_descriptor(int fd, const void *bytes, size_t count, int descriptor);
ssize_t clinux_receive_with_descriptor(int fd, void *bytes, size_t count, int *descriptor);
/* The user at the other end of a Unix socket (SO_PEERCRED); -1 when that cannot be told. */
int64_t clinux_peer_user(int fd);
/* The process there; for a client, the one that listens. 0 when it cannot be told, or is not in our process namespace. */
pid_t clinux_peer_process(int fd);
int clinux_memfd_create(const char *name, unsigned flags);
/* With SFD_NONBLOCK and SFD_CLOEXEC. */
int clinux_signalfd(const sigset_t *signals);
int clinux_set_thread_name(const char *name);
int clinux_gettid(void);
/* FICLONERANGE: `to` gets the blocks of `from`; whole blocks of the file system, or up to the end of `from`. */
int clinux_clone_range(int to, int64_t to_offset, int from, int64_t from_offset, int64_t length);
/* FUSE_DEV_IOC_BACKING_OPEN of a FUSE device: the number under which the kernel knows the open file. */
int clinux_fuse_backing_open(int device, int file);
/* FUSE_DEV_IOC_BACKING_CLOSE. */
int clinux_fuse_backing_close(int device, int backing);
/* Whether the calling thread may run on a processor. */
int clinux_may_run_on(int processor);
/* Keeps the calling thread to the processors; 0, or an error number. */
int clinux_run_on(const int *processors, int count);
int clinux_pidfd_open(int pid);
int clinux_lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags);
uint64_t clinux_makedev(unsigned major, unsigned minor);
int clinux_ioctl_pointer(int fd, unsigned long request, void *argument);
int clinux_open(const char *path, int flags, unsigned mode);
int clinux_openat(int directory, const char *path, int flags, unsigned mode);

/* Lets the process survive SIGBUS in [start, start + length): the missing pages read as zeroes from then on, and
 * clinux_guarded_faults() counts one up. Answers a slot for clinux_unguard_mapping, or -1 when all are taken. */
int clinux_guard_mapping(const void *start, size_t length);
void clinux_unguard_mapping(int slot);
uint64_t clinux_guarded_faults(void);

/* The device number of the file system that `path` lies on, without asking a FUSE server: 0, or -1 with errno. */
int clinux_mounted_device(const char *path, unsigned *major, unsigned *minor);

/* As pthread_cond_wait(3) and pthread_cond_timedwait(3). `guarded` is not touched: that its address goes out tells a
 * compiler that other threads change what is there while this one sleeps. */
int clinux_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, void *guarded);
int clinux_condition_timed_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *deadline,
                                void *guarded);

#endif
