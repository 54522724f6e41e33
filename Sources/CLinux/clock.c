#include "CLinux.h"

#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>

int corund_wall_clock_watch(void) {
    int descriptor = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (descriptor < 0) return -1;
    // A time that never comes: only the clock's being set makes it readable. (The kernel's own limit is lower than the
    // largest time_t, and it clamps what is beyond.)
    struct itimerspec never = {.it_value = {.tv_sec = sizeof(time_t) > 4 ? INT64_MAX / 1000000000 : INT32_MAX}};
    if (timerfd_settime(descriptor, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) == 0) return descriptor;
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}
