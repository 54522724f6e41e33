#include "CLinux.h"

#include <stddef.h>

// Exported by libdispatch for CoreFoundation; stable since 2016, though in no header.
extern int _dispatch_get_main_queue_handle_4CF(void);
extern void _dispatch_main_queue_callback_4CF(void *message);

int corund_main_queue_handle(void) { return _dispatch_get_main_queue_handle_4CF(); }
void corund_main_queue_drain(void) { _dispatch_main_queue_callback_4CF(NULL); }
