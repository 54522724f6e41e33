"""The watchdog, crashes, and what becomes of clients meanwhile."""
import contextlib
import os
import signal
import time

from machine import (
    HEALTH, JOBS, SOCKET, WEDGE_DAEMON, connect, echo, is_echo, journal_time, main_pid, manager_messages,
    messages, own_entries, show, start, wait_for, wait_for_new_main)

WATCHDOG = "WatchdogSec=1s"
WATCHDOG_SECONDS = 1.0
WEDGING = f"ExecStart=\nExecStart={WEDGE_DAEMON}"


def healthy_stays(report, _):
    pid = start(WATCHDOG)
    began = time.monotonic()
    pinged = wait_for(lambda: last_ping() > began + 3 * WATCHDOG_SECONDS, 6 * WATCHDOG_SECONDS)
    report.check("WATCHDOG=1 keeps coming", pinged, last_ping() - began)
    report.equal("a healthy daemon outlives WatchdogSec", (main_pid(), show("NRestarts")), (pid, "0"))


def last_ping():
    """In seconds of the monotonic clock."""
    return int(show("WatchdogTimestampMonotonic")) / 1e6


def stopped_process(report, _):
    pid = start(WATCHDOG)
    began, since = time.monotonic(), journal_time()
    os.kill(pid, signal.SIGSTOP)
    report.check("a process that does not run at all is replaced", wait_for_new_main(pid))
    report.check("within three times WatchdogSec", time.monotonic() - began < 3 * WATCHDOG_SECONDS)
    check_watchdog_told(report, since)


def wedged_loop(report, _):
    pid = start(WATCHDOG + "\n" + WEDGING)
    report.check("the daemon that can wedge serves", is_echo(echo()))
    since = journal_time()
    with connect() as caller:
        caller.send(JOBS + "Run", job="wedge")
        began = time.monotonic()
        report.check("a probe sees a wedged loop within a second", wait_for(lambda: not answers(within=0.25), 1))
        with connect() as waiting:
            waiting.send(JOBS + "Run", job="echo", arguments={"value": 1})
            report.check("a wedged loop is replaced", wait_for_new_main(pid))
            report.check("within three times WatchdogSec", time.monotonic() - began < 3 * WATCHDOG_SECONDS)
            report.check("a client that connected meanwhile is served by the next", is_echo(waiting.receive()))
    check_watchdog_told(report, since)


def answers(within):
    with contextlib.suppress(TimeoutError, ConnectionError):
        with connect(timeout=within) as client:
            return client.call(HEALTH) is not None
    return False


def check_watchdog_told(report, since):
    told = manager_messages(since)
    report.check("the journal says that it was the watchdog",
                 any("Watchdog timeout" in line for line in told) and any("'watchdog'" in line for line in told), told)
    report.equal("and no crash handler came between", backtraces(since), [])
    report.check("the next one serves", is_echo(echo()))


def backtraces(since):
    """Lines of the Swift runtime's crash handler."""
    return [line for line in messages(own_entries(since)) if "acktrace" in line or "***" in line]


def killed(report, _):
    pid = start()
    inode, since = os.stat(SOCKET).st_ino, journal_time()
    os.kill(pid, signal.SIGKILL)
    report.check("a connection made after kill -9 is served", is_echo(echo()))
    report.check("by a new process", main_pid() not in (0, pid))
    report.equal("of one restart", show("NRestarts"), "1")
    report.equal("and the socket is the same", os.stat(SOCKET).st_ino, inode)
    report.check("the journal says killed", any("status=9/KILL" in line for line in manager_messages(since)))


def crashed(report, _):
    pid = start()
    began, since = time.monotonic(), journal_time()
    os.kill(pid, signal.SIGSEGV)
    report.check("a crash ends the process, and another one follows", wait_for_new_main(pid, 5))
    report.figure("crash to READY again, ms", f"{(time.monotonic() - began) * 1000:.0f}")
    report.equal("at once, without a crash handler", backtraces(since), [])
    report.check("the journal says which signal", any("status=11/SEGV" in line for line in manager_messages(since)))


GROUPS = [healthy_stays, stopped_process, wedged_loop, killed, crashed]
