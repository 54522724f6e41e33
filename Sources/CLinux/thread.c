#define _GNU_SOURCE
#include "CLinux.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

_Thread_local void *corund_running_loop = 0;

void corund_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

void corund_do_nothing(void) {}

bool corund_on_main_thread(void) {
    static _Thread_local enum { UNKNOWN, NO, YES } answer;
    if (answer == UNKNOWN) answer = syscall(SYS_gettid) == getpid() ? YES : NO;
    return answer == YES;
}
