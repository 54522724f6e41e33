#define _GNU_SOURCE
#include "CLinux.h"

#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
enum { PIDFD = 3 };  // P_PIDFD, which older C libraries do not name

int corund_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int corund_pidfd_reap(int pidfd, struct corund_child_end *end) {
    siginfo_t info = {.si_pid = 0};
    int result;
    do {
        result = waitid((idtype_t)PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG);
    } while (result != 0 && errno == EINTR);
    if (result != 0) return -1;
    if (info.si_pid == 0) return 0;
    end->exited = info.si_code == CLD_EXITED;
    end->dumped_core = info.si_code == CLD_DUMPED;
    end->status = info.si_status;
    return 1;
}
