// Tells the thread sanitizer of what it cannot see: Swift's Mutex, where threads contend for it.
//
// The usual way into a Synchronization.Mutex, and out of it, is compiled into our code, and so instrumented. The slow one,
// for when another thread holds it or waits for it, is a call into libswiftSynchronization.so, which is not: the sanitizer
// then believes that nobody waited, and reports races inside of locks. To be preloaded: the two functions are wrapped, and
// say what they do. Nothing is suppressed, so that a real race beside such a lock is still reported.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

// From the sanitizer's runtime; null in programs without it.
void __tsan_acquire(void *address) __attribute__((weak));
void __tsan_release(void *address) __attribute__((weak));

// Synchronization._MutexHandle._lockSlow(UInt32) and ._unlockSlow(), as Swift 6.0 to 6.3 has them.
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

SWIFT void lock_slow(uint32_t thread, SELF) __asm__(LOCK_SLOW);
SWIFT void unlock_slow(SELF) __asm__(UNLOCK_SLOW);

SWIFT void lock_slow(uint32_t thread, SELF) {
    SWIFT void (*lock)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK_SLOW);
    lock(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT void unlock_slow(SELF) {
    SWIFT void (*unlock)(SELF) = dlsym(RTLD_NEXT, UNLOCK_SLOW);
    if (__tsan_release) __tsan_release(self);
    unlock(self);
}
