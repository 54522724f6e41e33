#include "CLinux.h"

int corund_open_standard_descriptors(void) {
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++) {
        if (fcntl(descriptor, F_GETFD) >= 0) continue;
        // The lowest number that is free is this one. It is opened the other way round than it is used, so that whoever
        // uses it still hears that it is closed (EBADF), as gnulib's stdopen does.
        if (open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) return -1;
    }
    return 0;
}
