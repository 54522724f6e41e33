#define _GNU_SOURCE
#include "CLinux.h"

#include <limits.h>
#include <sys/syscall.h>
#include <time.h>

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

int corund_epoll_wait(int epoll, struct epoll_event *events, int capacity, int64_t timeout_ns) {
    if (timeout_ns < 0) return epoll_wait(epoll, events, capacity, -1);
    if (timeout_ns == 0) return epoll_wait(epoll, events, capacity, 0);
#ifdef SYS_epoll_pwait2
    static _Atomic bool missing;
    if (!missing) {
        struct timespec timeout = {.tv_sec = timeout_ns / NS_PER_S, .tv_nsec = timeout_ns % NS_PER_S};
        int count = (int)syscall(SYS_epoll_pwait2, epoll, events, capacity, &timeout, (sigset_t *)0, (size_t)8);
        // A container's system call filter may answer EPERM for a call it does not know.
        if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return count;
        missing = true;
    }
#endif
    int64_t ms = (timeout_ns - 1) / NS_PER_MS + 1;
    return epoll_wait(epoll, events, capacity, ms > INT_MAX ? INT_MAX : (int)ms);
}
