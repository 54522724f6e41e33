#include "CLinux.h"

_Thread_local void *corund_running_loop = 0;
_Thread_local void *corund_current_loop = 0;
