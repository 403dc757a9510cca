// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0
//
// The floor of every FUSE server: shows the tree of another directory, and does nothing for it.
//
//   empty-server SOURCE MOUNTPOINT
//
// All names, attributes and listings are made before the mount; files read as zeroes, which come from one small buffer. So a
// request costs what the kernel and two system calls cost. It waits as swift-erofs-fuse does, agrees on the same
// capabilities, and gets the same requests. Stays in the foreground; needs root; ends when it is unmounted.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FOREVER (1ull << 40)

struct node {
    struct fuse_entry_out entry;
    char *target;
    // Listing: records of READDIRPLUS, one after another, and where each begins; then the same for READDIR.
    char *plus, *plain;
    size_t *plus_at, *plain_at, children;
};

struct name {
    unsigned long parent, node;
    char *text;
};

static struct node *nodes;
static unsigned long node_count = 1, node_room;
static struct name *names;
static unsigned long name_mask;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void *reserve(void *old, size_t size) {
    void *memory = realloc(old, size ? size : 1);
    if (!memory) fail("memory");
    return memory;
}

static unsigned long new_node(void) {
    if (node_count + 1 >= node_room) {
        node_room = node_room ? node_room * 2 : 1024;
        nodes = reserve(nodes, node_room * sizeof *nodes);
    }
    memset(&nodes[node_count], 0, sizeof *nodes);
    return node_count++;
}

static unsigned long place(unsigned long parent, const char *text, size_t length) {
    unsigned long hash = 1469598103934665603ul ^ parent;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 1099511628211ul;
    return (hash ^ hash >> 32) & name_mask;
}

static void fill(unsigned long number, const struct stat *status) {
    struct fuse_entry_out *entry = &nodes[number].entry;
    entry->nodeid = number;
    entry->entry_valid = entry->attr_valid = FOREVER;
    entry->attr = (struct fuse_attr){
        .ino = status->st_ino, .size = status->st_size, .blocks = status->st_blocks, .atime = status->st_atime,
        .mtime = status->st_mtime, .ctime = status->st_ctime, .mode = status->st_mode, .nlink = status->st_nlink,
        .uid = status->st_uid, .gid = status->st_gid, .rdev = status->st_rdev, .blksize = 4096};
}

static int compare_names(const void *left, const void *right) { return strcmp(*(char **)left, *(char **)right); }

static void remember(unsigned long parent, unsigned long number, const char *text) {
    unsigned long at = place(parent, text, strlen(text));
    while (names[at].text) at = (at + 1) & name_mask;
    names[at] = (struct name){parent, number, strdup(text)};
}

// Reads a directory of the source and all below it.
static void take(int at, unsigned long number) {
    DIR *stream = fdopendir(at);
    if (!stream) fail("opendir");
    char **found = NULL;
    size_t count = 0, room = 0;
    for (struct dirent *entry; (entry = readdir(stream));) {
        if (count == room) found = reserve(found, (room = room ? room * 2 : 16) * sizeof *found);
        found[count++] = strdup(entry->d_name);
    }
    qsort(found, count, sizeof *found, compare_names);
    char *plus = reserve(NULL, count * (sizeof(struct fuse_direntplus) + 264));
    char *plain = reserve(NULL, count * (sizeof(struct fuse_dirent) + 264));
    size_t *plus_at = reserve(NULL, (count + 1) * sizeof(size_t)), *plain_at = reserve(NULL, (count + 1) * sizeof(size_t));
    plus_at[0] = plain_at[0] = 0;
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        if (fstatat(dirfd(stream), found[i], &status, AT_SYMLINK_NOFOLLOW)) fail(found[i]);
        struct fuse_entry_out entry = {0};
        entry.attr.ino = status.st_ino;
        if (strcmp(found[i], ".") && strcmp(found[i], "..")) {
            unsigned long child = new_node();
            fill(child, &status);
            remember(number, child, found[i]);
            entry = nodes[child].entry;
            if (S_ISLNK(status.st_mode)) {
                char target[4097];
                ssize_t length = readlinkat(dirfd(stream), found[i], target, 4096);
                if (length < 0) fail(found[i]);
                nodes[child].target = strndup(target, length);
            } else if (S_ISDIR(status.st_mode)) {
                int below = openat(dirfd(stream), found[i], O_RDONLY | O_DIRECTORY);
                if (below < 0) fail(found[i]);
                take(below, child);
            }
        }
        size_t length = strlen(found[i]), size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + length);
        struct fuse_dirent *record = (void *)(plain + plain_at[i]);
        memset(record, 0, size);
        *record = (struct fuse_dirent){status.st_ino, i + 1, length, status.st_mode >> 12};
        memcpy(record->name, found[i], length);
        memcpy(plus + plus_at[i], &entry, sizeof entry);
        memcpy(plus + plus_at[i] + sizeof entry, record, size);
        plain_at[i + 1] = plain_at[i] + size;
        plus_at[i + 1] = plus_at[i] + sizeof entry + size;
        free(found[i]);
    }
    free(found);
    struct node *node = &nodes[number];
    node->plus = plus, node->plain = plain, node->plus_at = plus_at, node->plain_at = plain_at, node->children = count;
    closedir(stream);
}

static int device;
static char request[(1 << 20) + (256 << 10)] __attribute__((aligned(4096)));
static char zeroes[1 << 20];

static void answer(unsigned long unique, int error, const void *payload, size_t size) {
    struct fuse_out_header header = {sizeof header + size, -error, unique};
    struct iovec parts[] = {{&header, sizeof header}, {(void *)payload, size}};
    if (writev(device, parts, size ? 2 : 1) < 0 && errno != ENOENT) fail("reply");
}

static void list(const struct fuse_in_header *head, const char *records, const size_t *at, size_t count) {
    const struct fuse_read_in *wanted = (void *)(head + 1);
    size_t from = wanted->offset, to = from;
    if (from >= count) return answer(head->unique, 0, NULL, 0);
    while (to < count && at[to + 1] - at[from] <= wanted->size) to++;
    answer(head->unique, 0, records + at[from], at[to] - at[from]);
}

static void look_up(const struct fuse_in_header *head, const char *text) {
    for (unsigned long at = place(head->nodeid, text, strlen(text)); names[at].text; at = (at + 1) & name_mask)
        if (names[at].parent == head->nodeid && !strcmp(names[at].text, text))
            return answer(head->unique, 0, &nodes[names[at].node].entry, sizeof(struct fuse_entry_out));
    struct fuse_entry_out absent = {.entry_valid = FOREVER};
    answer(head->unique, 0, &absent, sizeof absent);
}

static void agree(const struct fuse_in_header *head) {
    const struct fuse_init_in *offer = (void *)(head + 1);
    struct fuse_init_out reply = {
        .major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION, .max_readahead = offer->max_readahead,
        .flags = offer->flags & (FUSE_ASYNC_READ | FUSE_DO_READDIRPLUS | FUSE_CACHE_SYMLINKS |
                                 FUSE_PARALLEL_DIROPS | FUSE_MAX_PAGES | FUSE_BIG_WRITES),
        .max_write = 1 << 20, .time_gran = 1, .max_pages = 256};
    answer(head->unique, 0, &reply, sizeof reply);
}

static void serve(const struct fuse_in_header *head) {
    struct node *node = &nodes[head->nodeid < node_count ? head->nodeid : 0];
    const struct fuse_read_in *wanted = (void *)(head + 1);
    switch (head->opcode) {
    case FUSE_INIT: return agree(head);
    case FUSE_LOOKUP: return look_up(head, (const char *)(head + 1));
    case FUSE_GETATTR: {
        struct fuse_attr_out reply = {.attr_valid = FOREVER, .attr = node->entry.attr};
        return answer(head->unique, 0, &reply, sizeof reply);
    }
    case FUSE_READ: {
        size_t left = wanted->offset < node->entry.attr.size ? node->entry.attr.size - wanted->offset : 0;
        return answer(head->unique, 0, zeroes, left < wanted->size ? left : wanted->size);
    }
    case FUSE_READDIRPLUS: return list(head, node->plus, node->plus_at, node->children);
    case FUSE_READDIR: return list(head, node->plain, node->plain_at, node->children);
    case FUSE_READLINK: return answer(head->unique, node->target ? 0 : EINVAL, node->target, node->target ? strlen(node->target) : 0);
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT: return;
    case FUSE_DESTROY: return answer(head->unique, 0, NULL, 0);
    case FUSE_STATFS: {
        struct fuse_statfs_out reply = {.st = {.blocks = 1 << 20, .bsize = 4096, .frsize = 4096, .namelen = 255}};
        return answer(head->unique, 0, &reply, sizeof reply);
    }
    default: return answer(head->unique, ENOSYS, NULL, 0);
    }
}

static unsigned long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ul + time.tv_nsec;
}

int main(int count, char **arguments) {
    if (count != 3) return fprintf(stderr, "empty-server SOURCE MOUNTPOINT\n"), 2;
    struct stat status;
    if (stat(arguments[1], &status)) fail(arguments[1]);
    name_mask = (1ul << 22) - 1;
    if (!(names = calloc(name_mask + 1, sizeof *names))) fail("memory");
    node_count = 0, new_node();
    fill(new_node(), &status);
    int source = open(arguments[1], O_RDONLY | O_DIRECTORY);
    if (source < 0) fail(arguments[1]);
    take(source, FUSE_ROOT_ID);

    device = open("/dev/fuse", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (device < 0) fail("/dev/fuse");
    char options[200];
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions", device);
    if (mount("empty-server", arguments[2], "fuse.empty-server", MS_RDONLY | MS_NOSUID | MS_NODEV, options)) fail("mount");
    unsigned long last = now();
    while (1) {
        ssize_t size = read(device, request, sizeof request);
        if (size > 0) {
            serve((void *)request);
            last = now();
        } else if (size == 0 || errno == ENODEV) {
            return 0;
        } else if (errno == EAGAIN && now() - last < 50000) {
            sched_yield();
        } else if (errno == EAGAIN) {
            struct pollfd event = {device, POLLIN, 0};
            poll(&event, 1, -1);
        } else if (errno != EINTR && errno != ENOENT) {
            fail("/dev/fuse");
        }
    }
}
