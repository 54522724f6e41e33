#include "CLinux.h"

#include <sys/prctl.h>

_Thread_local void *corund_running_loop = 0;
_Thread_local void *corund_current_loop = 0;

void corund_name_thread(const char *name) { prctl(PR_SET_NAME, name); }
