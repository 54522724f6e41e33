// A handler that counts, rather than signalfd: signalfd asks that every thread of the process block the
// signal, and the threads of libdispatch and of the host's libraries exist before us. asyncio decides alike
// (signal.set_wakeup_fd).
#include "CLinux.h"

#include <sched.h>
#include <stdatomic.h>

struct taken {
    atomic_bool active;
    atomic_bool held;
    atomic_uint pending;
    atomic_uint total;
    _Atomic(const void *) handler;
    atomic_int eventfd;
    atomic_uint writing;
    atomic_uint exit_at;
    struct sigaction before;
};

static struct taken signals[CORUND_SIGNAL_LIMIT];

// A run on the main thread makes a dozen of these, and none of them needs the full barrier that atomic_store is: who reads
// one field sees what was written before it.
#define publish(field, value) atomic_store_explicit(&(field), value, memory_order_release)

// Async-signal-safe: lock-free atomics, write and _exit alone; errno is kept for the code it interrupts.
static void count_delivery(int signal) {
    int saved = errno;
    struct taken *taken = &signals[signal];
    unsigned total = atomic_fetch_add(&taken->total, 1) + 1;
    unsigned exit_at = atomic_load(&taken->exit_at);
    if (exit_at != 0 && total >= exit_at) _exit(128 + signal);
    atomic_fetch_add(&taken->pending, 1);
    atomic_fetch_add(&taken->writing, 1);
    int descriptor = atomic_load(&taken->eventfd);
    if (descriptor >= 0) {
        uint64_t one = 1;
        ssize_t ignored = write(descriptor, &one, sizeof one);
        (void)ignored;
    }
    atomic_fetch_sub(&taken->writing, 1);
    errno = saved;
}

// Another thread's handler may have read the old descriptor and not written yet. Whoever called us is about to close
// that, and its number may soon be somebody else's file.
static void redirect(struct taken *taken, int descriptor) {
    if (atomic_load(&taken->eventfd) == descriptor) return;
    atomic_store(&taken->eventfd, descriptor);
    while (atomic_load(&taken->writing) > 0) sched_yield();
}

static bool in_range(int signal) { return signal > 0 && signal < CORUND_SIGNAL_LIMIT; }

bool corund_signal_ignored(int signal) {
    struct sigaction present;
    return sigaction(signal, NULL, &present) == 0 && present.sa_handler == SIG_IGN;
}

bool corund_signal_taken(int signal) { return in_range(signal) && atomic_load(&signals[signal].active); }

int corund_signal_take(int signal, const void *handler, unsigned exit_at) {
    if (!in_range(signal)) {
        errno = EINVAL;
        return -1;
    }
    struct taken *taken = &signals[signal];
    if (handler == NULL) publish(taken->held, true);
    publish(taken->total, 0);
    publish(taken->exit_at, exit_at);
    // Taken twice: the disposition to put back is still the first one, and what was counted still counts.
    if (atomic_load(&taken->active)) {
        if (handler != NULL) publish(taken->handler, handler);
        return 0;
    }
    publish(taken->pending, 0);
    publish(taken->handler, handler);
    publish(taken->eventfd, -1);
    struct sigaction action = {.sa_handler = count_delivery, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    if (sigaction(signal, &action, &taken->before) != 0) return -1;
    publish(taken->active, true);
    return 0;
}

void corund_signal_direct(int signal, const void *handler) {
    if (!in_range(signal)) return;
    publish(signals[signal].handler, handler);
    redirect(&signals[signal], -1);
}

const void *corund_signal_handler(int signal) {
    return corund_signal_taken(signal) ? atomic_load(&signals[signal].handler) : NULL;
}

void corund_signal_wake_by(int signal, int eventfd) {
    if (corund_signal_taken(signal)) redirect(&signals[signal], eventfd);
}

void corund_signal_leave(int signal) {
    if (!corund_signal_taken(signal)) return;
    if (atomic_load(&signals[signal].held)) {
        corund_signal_direct(signal, NULL);
    } else {
        corund_signal_restore(signal);
    }
}

void corund_signal_release(int signal) {
    if (!corund_signal_taken(signal)) return;
    publish(signals[signal].held, false);
    if (corund_signal_handler(signal) == NULL) corund_signal_restore(signal);
}

void corund_signal_count_anew(int signal) {
    if (in_range(signal)) publish(signals[signal].total, 0);
}

bool corund_signal_pending(int signal) { return in_range(signal) && atomic_load(&signals[signal].pending) > 0; }

unsigned corund_signal_collect(int signal) {
    return in_range(signal) ? atomic_exchange(&signals[signal].pending, 0) : 0;
}

void corund_signal_restore(int signal) {
    if (!corund_signal_taken(signal)) return;
    struct taken *taken = &signals[signal];
    // Exchanged, and put back where it was somebody else's: looking first would be a system call more in the usual case,
    // and who changes it between the look and the change would lose theirs for good.
    struct sigaction found;
    if (sigaction(signal, &taken->before, &found) == 0 && found.sa_handler != count_delivery) {
        sigaction(signal, &found, NULL);
    }
    publish(taken->active, false);
    publish(taken->held, false);
    corund_signal_direct(signal, NULL);
}

int corund_signal_take_default(int signal) {
    if (corund_signal_taken(signal)) return 0;
    if (corund_signal_take(signal, NULL, 0) != 0) return -1;
    struct taken *taken = &signals[signal];
    if (taken->before.sa_handler == SIG_DFL) return 1;
    corund_signal_restore(signal);
    // Whoever has it instead shall not miss what came in between.
    if (corund_signal_collect(signal) > 0) raise(signal);
    return 0;
}
