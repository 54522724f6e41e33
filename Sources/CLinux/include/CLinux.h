// What Swift cannot say to Linux by itself: thread-local storage that costs no call, signal handlers that
// may only touch atomics, system calls without a libc wrapper everywhere, and macros.
#ifndef CORUND_CLINUX_H
#define CORUND_CLINUX_H

#include <stdint.h>
#include <stdbool.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>

// --- thread-local -------------------------------------------------------------------------------------

/// The loop that runs on this thread (an EventLoop, or null).
extern _Thread_local void *corund_running_loop;

/// Names the calling thread, as `ps -L` shows it; what is beyond 15 bytes is cut.
void corund_name_thread(const char *name);

/// Whether the calling thread is the one that `main` began on.
bool corund_on_main_thread(void);

static inline void *corund_get_running_loop(void) { return corund_running_loop; }
static inline void corund_set_running_loop(void *loop) { corund_running_loop = loop; }

/// Does nothing, which no compiler of another language can know.
void corund_do_nothing(void);

// --- epoll --------------------------------------------------------------------------------------------

/// epoll_wait with a timeout in nanoseconds; below zero waits without limit. Never wakes early for want of
/// resolution: where epoll_pwait2 is missing (before Linux 5.11) the timeout is rounded up to a millisecond.
int corund_epoll_wait(int epoll, struct epoll_event *events, int capacity, int64_t timeout_ns);

// --- descriptors --------------------------------------------------------------------------------------

/// Takes the numbers of standard input, output and error where the process was started with them closed: a socket or a
/// file that is opened later would get one of them, and be written to as what it is not. To be called before anything
/// is opened. 0, or -1 with errno.
int corund_open_standard_descriptors(void);

// --- clocks -------------------------------------------------------------------------------------------

/// A descriptor that is readable once CLOCK_REALTIME has been set, or the machine has slept; a read, which fails with
/// ECANCELED, makes it wait for the next time. Non-blocking, closed on exec. -1 with errno.
int corund_wall_clock_watch(void);

// --- signals ------------------------------------------------------------------------------------------

/// Highest signal number that can be taken over, plus one.
#define CORUND_SIGNAL_LIMIT 65

/// Counts `signal` from now on instead of its default action, for `handler`, which tells loops apart and is not followed
/// (null: only counts, which holds the signal until corund_signal_release). At the delivery number `exit_at` since then the
/// process ends at once with status 128 + signal (0: never). A signal taken already keeps its deliveries, and its handler
/// unless another is given. Returns 0, or -1 with errno.
int corund_signal_take(int signal, const void *handler, unsigned exit_at);

/// Changes the handler of a signal already taken; deliveries counted so far stay, no descriptor is written to any more.
void corund_signal_direct(int signal, const void *handler);

/// Who handles the signal; null when nobody does.
const void *corund_signal_handler(int signal);

/// Writes to `eventfd` at each delivery from now on: for a handler that is about to sleep, and looks once more before.
void corund_signal_wake_by(int signal, int eventfd);

/// Nobody handles the signal any more: one that is held goes on being counted, another is restored.
void corund_signal_leave(int signal);

/// Ends a hold: restores the signal, unless it has a handler; then corund_signal_leave will.
void corund_signal_release(int signal);

/// Begins the count anew that corund_signal_take's `exit_at` is compared with.
void corund_signal_count_anew(int signal);

/// Whether there were deliveries since the last call of corund_signal_collect.
bool corund_signal_pending(int signal);

/// The deliveries since the last call.
unsigned corund_signal_collect(int signal);

/// Whether `signal` is counted by us now.
bool corund_signal_taken(int signal);

/// Whether this process ignores `signal`.
bool corund_signal_ignored(int signal);

/// Puts the disposition back that corund_signal_take found, unless someone else has changed it since.
void corund_signal_restore(int signal);

/// As corund_signal_take without a handler, if `signal` has its default disposition: 1. 0 if it has another one, which
/// stays; -1 with errno. (One system call in the usual case: a runner does it at each run.)
int corund_signal_take_default(int signal);

// --- child processes ----------------------------------------------------------------------------------

/// A descriptor of a process, which is readable when that has ended; closed on exec. -1 with errno.
int corund_pidfd_open(pid_t process);

/// How a child ended: `status` is its exit code, or the signal that ended it. The figures are its own and those of its
/// descendants that were waited for, as wait4.
struct corund_child_end {
    bool exited;
    bool dumped_core;
    int status;
    int64_t user_us;
    int64_t system_us;
    int64_t max_rss_bytes;
};

/// Takes the status of a child that has ended, as waitid. 1; 0 when it has not; -1 with errno.
int corund_pidfd_reap(int pidfd, struct corund_child_end *end);

/// Sends a signal (0: none, to ask) to the process group that the process of `pidfd`, whose number is `leader`, was made
/// the leader of; also when that was reaped. 0, or -1 with errno: ESRCH when there is nobody in the group.
int corund_signal_group(int pidfd, pid_t leader, int signal);

/// Sends a signal to the process of `pidfd` alone. 0, or -1 with errno: ESRCH when that was reaped.
int corund_signal_process(int pidfd, int signal);

/// What corund_spawn starts. The arrays end with a null; `directory` is a descriptor; an `input` below 0 is /dev/null.
struct corund_program {
    const char *path;
    char *const *arguments;
    char *const *environment;
    int directory;
    int input;
    int output;
    int error;
};

/// Starts a program as the leader of a process group of its own, with every signal at its default and none blocked, and
/// with no descriptors but the standard ones. 0, or the error's number, and then no process is left.
///
/// The descriptors must have been opened in the order of the members: then it does not matter if some of them are
/// standard ones themselves, in a process that has closed its own.
int corund_spawn(const struct corund_program *program, pid_t *process);

/// A descriptor that means a directory, which may be entered, and cannot read it; closed on exec. -1 with errno.
int corund_open_directory(const char *path);

/// A pipe, closed on exec; reading from it does not block, writing to it does. 0, or -1 with errno.
int corund_output_pipe(int *reading, int *writing);

/// A file without a name, in memory, closed on exec. -1 with errno.
int corund_memory_file(const char *name);

/// The name of a signal, without SIG; null for one that has none.
const char *corund_signal_name(int signal);

/// The most memory that this process has taken, in bytes.
int64_t corund_peak_memory(void);

// --- sockets ------------------------------------------------------------------------------------------

/// The process at the other end of a Unix socket, as the kernel recorded it at connect. 0, or -1 with errno.
int corund_peer_credentials(int socket, pid_t *pid, uid_t *uid, gid_t *gid);

/// The supplementary groups of that process, as the kernel recorded them at connect. `count` is how many there is room
/// for, and then how many there are. 0, or -1 with errno: ERANGE when there is no room for all of them.
int corund_peer_groups(int socket, gid_t *groups, size_t *count);

/// accept4 with SOCK_NONBLOCK and SOCK_CLOEXEC.
int corund_accept(int socket);

/// Binds to, or connects to, a file system path of at most CORUND_SOCKET_PATH_LIMIT bytes. 0, or -1 with errno.
int corund_bind_unix(int socket, const char *path);
int corund_connect_unix(int socket, const char *path);

/// The longest path that fits into sockaddr_un with its NUL.
enum { CORUND_SOCKET_PATH_LIMIT = sizeof(((struct sockaddr_un *)0)->sun_path) - 1 };

// --- libdispatch's main queue -------------------------------------------------------------------------

/// An eventfd that is readable while the main queue holds work, and the call that runs that work: what
/// Foundation's run loop uses to serve @MainActor code on the main thread.
int corund_main_queue_handle(void);
void corund_main_queue_drain(void);

#endif
