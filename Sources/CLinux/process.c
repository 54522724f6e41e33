#define _GNU_SOURCE
#include "CLinux.h"

#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
enum { PIDFD = 3 };  // P_PIDFD, which older C libraries do not name
enum { SIGNAL_PROCESS_GROUP = 1 << 2 };  // PIDFD_SIGNAL_PROCESS_GROUP, since Linux 6.9

int corund_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

static int64_t microseconds(struct timeval time) { return (int64_t)time.tv_sec * 1000000 + time.tv_usec; }

int corund_pidfd_reap(int pidfd, struct corund_child_end *end) {
    siginfo_t info = {.si_pid = 0};
    struct rusage usage = {0};
    long result;
    do {
        // Not waitid(3), which has no place for the usage that the system call gives.
        result = syscall(SYS_waitid, PIDFD, pidfd, &info, WEXITED | WNOHANG, &usage);
    } while (result != 0 && errno == EINTR);
    if (result != 0) return -1;
    if (info.si_pid == 0) return 0;
    end->exited = info.si_code == CLD_EXITED;
    end->dumped_core = info.si_code == CLD_DUMPED;
    end->status = info.si_status;
    end->user_us = microseconds(usage.ru_utime);
    end->system_us = microseconds(usage.ru_stime);
    end->max_rss_bytes = (int64_t)usage.ru_maxrss * 1024;
    return 1;
}

int corund_signal_group(int pidfd, pid_t leader, int signal) {
    if (syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, SIGNAL_PROCESS_GROUP) == 0) return 0;
    if (errno == ESRCH || errno == EPERM) return -1;
    // An older kernel. The number of a leader that was reaped is not given to another process while the group lives.
    return kill(-leader, signal);
}

int corund_signal_process(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

static int set_attributes(posix_spawnattr_t *attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawnattr_setpgroup(attributes, 0);
    if (error == 0) error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0) error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error != 0) return error;
    return posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int add_actions(posix_spawn_file_actions_t *actions, const struct corund_program *program) {
    int error = posix_spawn_file_actions_addfchdir_np(actions, program->directory);
    if (error != 0) return error;
    error = program->input < 0 ? posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
                               : posix_spawn_file_actions_adddup2(actions, program->input, STDIN_FILENO);
    if (error == 0) error = posix_spawn_file_actions_adddup2(actions, program->output, STDOUT_FILENO);
    if (error == 0) error = posix_spawn_file_actions_adddup2(actions, program->error, STDERR_FILENO);
    // Ours are closed on exec; those of a library that forgets to say so are closed here.
    return error != 0 ? error : posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

int corund_spawn(const struct corund_program *program, pid_t *process) {
    posix_spawnattr_t attributes;
    int error = posix_spawnattr_init(&attributes);
    if (error != 0) return error;
    posix_spawn_file_actions_t actions;
    error = posix_spawn_file_actions_init(&actions);
    if (error == 0) {
        error = set_attributes(&attributes);
        if (error == 0) error = add_actions(&actions, program);
        if (error == 0) {
            error = posix_spawn(
                process, program->path, &actions, &attributes, program->arguments, program->environment);
        }
        posix_spawn_file_actions_destroy(&actions);
    }
    posix_spawnattr_destroy(&attributes);
    return error;
}

int corund_open_directory(const char *path) {
    int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return -1;
    // O_PATH asks for no leave to enter it, as fchdir does; what is in it does.
    int entered = openat(directory, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int error = errno;
    close(directory);
    errno = error;
    return entered;
}

int corund_output_pipe(int *reading, int *writing) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    // Our end alone: programs expect an output that waits for them.
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        int error = errno;
        close(ends[0]);
        close(ends[1]);
        errno = error;
        return -1;
    }
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}

int corund_memory_file(const char *name) {
    int file = memfd_create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    if (file >= 0 || errno != EINVAL) return file;
    return memfd_create(name, MFD_CLOEXEC);  // before Linux 6.3
}

const char *corund_signal_name(int signal) { return sigabbrev_np(signal); }

int64_t corund_peak_memory(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (int64_t)usage.ru_maxrss * 1024 : 0;
}
