"""The watchdog, crashes, and what becomes of clients meanwhile."""
import contextlib
import os
import signal
import time

from load import COMMANDS, KINDS, count_marks
from machine import (
    CLIENT, HEALTH, JOBS, SOCKET, WEDGING, connect, echo, end_of, ended, is_echo, journal_time, main_pid,
    manager_messages, messages, own_entries, run, show, start, submit, wait_for, wait_for_new_main)

WATCHDOG = "WatchdogSec=1s"
WATCHDOG_SECONDS = 1.0
# As the shipped configuration has it.
CRASH_LIMIT = 3


def healthy_stays(report, _):
    pid = start(WATCHDOG)
    began = time.monotonic()
    pinged = wait_for(lambda: last_ping() > began + 3 * WATCHDOG_SECONDS, 6 * WATCHDOG_SECONDS)
    report.check("WATCHDOG=1 keeps coming", pinged, last_ping() - began)
    report.equal("a healthy daemon outlives WatchdogSec", (main_pid(), show("NRestarts")), (pid, "0"))


def without_one(report, _):
    """Whoever looks at a daemon with a debugger."""
    for time_limit in ("infinity", "0"):
        report.check(f"with WatchdogSec={time_limit} it starts, and answers",
                     start(f"WatchdogSec={time_limit}") and is_echo(echo()))


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


def hostile_job(report, _):
    """A job that wedges each daemon that runs it, alone (a crash counts for all that run), and others behind it."""
    start(f"WatchdogSec=500ms\nRestartSec=300ms\n{WEDGING}", "running-limit = 1\n" + COMMANDS)
    since = journal_time()
    with connect() as client:
        client.send(JOBS + "Run", job="sleep", arguments={"seconds": 0.3})  # which holds the others back meanwhile
        hostile = submit("wedge")
        jobs = [submit(kind, line=f"{kind}-{number}", seconds=0) for number in range(5) for kind in KINDS]
    report.check("a job wedges the loop: Result=watchdog", wait_for(lambda: show("Result") == "watchdog", 5))
    wait_for(lambda: show("NRestarts") == str(CRASH_LIMIT), 15)
    report.equal("the jobs that waited behind it go on", [end_of(job) for job in jobs], [("succeeded", None)] * 10)
    report.equal("each of them once", sorted(count_marks().values()), [1] * 10)
    record = ended(hostile)
    told = record["failure"]["message"]
    report.equal("the job that wedges is held", (record["state"], told.startswith("held: 3 daemons died")),
                 ("interrupted", True))
    report.equal("after crash-limit daemons", (show("NRestarts"), show("ActiveState")), (str(CRASH_LIMIT), "active"))
    report.equal("of the watchdog", len(watchdog_results(since)), CRASH_LIMIT)


def hostile_job_among_others(report, _):
    """Nobody knows which of the jobs that run has killed the daemon; only that one is held."""
    start(f"WatchdogSec=500ms\nRestartSec=300ms\n{WEDGING}")
    jobs = [submit("sleep", seconds=1) for _ in range(3)]
    hostile = submit("wedge")
    wait_for(lambda: show("NRestarts") == str(CRASH_LIMIT), 20)
    report.equal("a job that wedges each daemon is held", ended(hostile)["state"], "interrupted")
    report.equal("and those that ran beside it are not", [end_of(job) for job in jobs], [("succeeded", None)] * 3)


def watchdog_results(since):
    return [line for line in manager_messages(since) if "Failed with result 'watchdog'" in line]


def health_of_a_wedged_daemon(report, _):
    """As exec probes of containers and monitors ask."""
    start("WatchdogSec=0\n" + WEDGING)
    probes = [["--live"], ["--ready"], ["--live", "--format", "nagios"]]
    report.equal("health: well", [probe(*arguments)[0] for arguments in probes], [0, 0, 0])
    with connect() as caller:
        caller.send(JOBS + "Run", job="wedge")
        wait_for(lambda: not answers(within=0.25))
        for arguments, status in zip(probes, (69, 69, 2)):
            got, text, seconds = probe(*arguments)
            name = "health " + " ".join(arguments)
            report.equal(f"{name}: of a wedged daemon, status {status}", got, status)
            report.check(f"{name}: says that it is not live", "not live" in text, text)
            report.check(f"{name}: within two seconds", seconds < 2, seconds)


def probe(*arguments):
    """Status, what was printed, and how long it took."""
    began = time.monotonic()
    result = run(CLIENT, "health", *arguments, check=False)
    return result.returncode, result.stdout + result.stderr, time.monotonic() - began


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


GROUPS = [
    healthy_stays, without_one, stopped_process, wedged_loop, hostile_job, hostile_job_among_others, health_of_a_wedged_daemon, killed, crashed,
]
