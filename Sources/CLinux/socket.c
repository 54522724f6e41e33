#define _GNU_SOURCE
#include "CLinux.h"

#include <stddef.h>
#include <string.h>

int corund_peer_credentials(int socket, pid_t *pid, uid_t *uid, gid_t *gid) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
    *pid = peer.pid;
    *uid = peer.uid;
    *gid = peer.gid;
    return 0;
}

int corund_peer_groups(int socket, gid_t *groups, size_t *count) {
    socklen_t size = (socklen_t)(*count * sizeof *groups);
    int result = getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &size);
    *count = size / sizeof *groups;
    return result;
}

int corund_accept(int socket) { return accept4(socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

static int unix_address(const char *path, struct sockaddr_un *address) {
    size_t length = strlen(path);
    if (length > (size_t)CORUND_SOCKET_PATH_LIMIT) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, length);
    return 0;
}

int corund_bind_unix(int socket, const char *path) {
    struct sockaddr_un address;
    if (unix_address(path, &address) != 0) return -1;
    return bind(socket, (struct sockaddr *)&address, sizeof address);
}

int corund_connect_unix(int socket, const char *path) {
    struct sockaddr_un address;
    if (unix_address(path, &address) != 0) return -1;
    return connect(socket, (struct sockaddr *)&address, sizeof address);
}
