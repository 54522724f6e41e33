"""How the daemon ends."""
import os
import signal
import threading
import time

from machine import (
    GRACEFUL, HEALTH, JOBS, SERVICE, SOCKET, SOCKET_UNIT, WEDGING, call, configure, connect, echo, end_of_main, is_echo,
    journal_time, main_pid, process_status, reset_failed, show, start, start_job, stop_in_background, summaries,
    summary, systemctl, wait_for, wait_until_draining, wait_until_ended)

SHORT = 'drain-timeout = "500ms"\ncancel-grace = "500ms"'
# More than a drained job takes to end, less than any timeout that it must not wait for.
PROMPT_SECONDS = 3
# Fewer than the starts that a minute allows, more than the two seconds of systemd's own limit for sockets.
DRAINS = 40


def running_job_completes(report, _):
    start()
    since = journal_time()
    with connect() as caller, connect() as other:
        start_job(caller, seconds=1.5)
        other.call(HEALTH)
        stop_in_background()
        report.check("stop with a running job drains", wait_until_draining(), show("SubState"))
        health = wait_for(lambda: (found := other.call(HEALTH)["parameters"]) and not found["ready"] and found)
        report.check("those connected see that it drains", health and health["reasons"] == ["draining"], health)
        refused = other.call(JOBS + "Run", job="echo", arguments={})
        report.equal("a new job is refused", refused.get("error"), JOBS + "Draining")
        report.equal("the job completes, its caller gets the result", caller.receive(), {"parameters": {"result": {}}})
        report.equal("and then the end of the connection", caller.receive(), None)
    report.equal("it ends by itself, with success", wait_until_ended(), GRACEFUL)
    report.equal("with the one line", summaries(since), [summary(ended=1, interrupted=0)])
    report.equal("the socket still listens", show("SubState", unit=SOCKET_UNIT), "listening")


def long_job_is_interrupted(report, _):
    start(toml=SHORT)
    since = journal_time()
    with connect() as caller:
        start_job(caller, seconds=60)
        began = time.monotonic()
        systemctl("stop", SERVICE)
        took = time.monotonic() - began
        reply = caller.receive()
    report.equal("a job longer than drain-timeout is interrupted", reply.get("error"), JOBS + "JobInterrupted")
    report.check("in time: drain-timeout and no more", 0.5 <= took < PROMPT_SECONDS, took)
    report.equal("with success", end_of_main(), GRACEFUL)
    report.equal("and counted", summaries(since), [summary(ended=0, interrupted=1)])
    report.equal("and the status speaks no more of what runs", show("StatusText"), summary(ended=0, interrupted=1))


def time_is_extended(report, _):
    """Whoever raises drain-timeout and forgets TimeoutStopSec."""
    start("TimeoutStopSec=1s", 'drain-timeout = "20s"')
    with connect() as caller:
        start_job(caller, seconds=2.5)
        systemctl("stop", SERVICE)
        report.equal("a drain that is longer than TimeoutStopSec is not cut off", caller.receive(),
                     {"parameters": {"result": {}}})
    report.equal("and ends with success", end_of_main(), GRACEFUL)


def second_signal(report, _):
    start(toml='drain-timeout = "40s"')
    since = journal_time()
    with connect() as caller, connect() as other:
        start_job(caller, seconds=60)
        stop_in_background()
        wait_for(lambda: not other.call(HEALTH)["parameters"]["ready"])
        began = time.monotonic()
        systemctl("kill", "--kill-who=main", "--signal=TERM", SERVICE)
        report.equal("a second SIGTERM interrupts at once", caller.receive().get("error"), JOBS + "JobInterrupted")
    report.equal("the end is graceful all the same", wait_until_ended(), GRACEFUL)
    report.check("without waiting for drain-timeout", time.monotonic() - began < PROMPT_SECONDS)
    report.equal("and counted", summaries(since), [summary(ended=0, interrupted=1)])


def third_signal(report, _):
    pid = start(WEDGING + "\nWatchdogSec=0")
    with connect() as caller, connect(timeout=0.2) as probe:
        caller.send(JOBS + "Run", job="wedge")
        wait_for(lambda: is_mute(probe))
        stop_in_background()
        wait_until_draining()
        for _ in range(2):
            wait_for(lambda: not is_pending(pid, signal.SIGTERM))
            os.kill(pid, signal.SIGTERM)
        began = time.monotonic()
        end = wait_until_ended()
    report.check("a third SIGTERM ends even a wedged daemon", time.monotonic() - began < PROMPT_SECONDS)
    report.equal("with status 143", (end["ExecMainCode"], end["ExecMainStatus"]), ("1", "143"))


def is_mute(probe):
    try:
        return probe.call(HEALTH) is None
    except TimeoutError:
        return True


def is_pending(pid, number):
    """Two standard signals that meet are one: the next may come when this one has been taken."""
    return int(process_status(pid)["ShdPnd"], 16) >> (number - 1) & 1


def signal_during_start(report, _):
    """The process is held when it takes signals already and has no loop yet, and gets SIGTERM there."""
    command = show("ExecStart").split("argv[]=")[1].split(";")[0]
    configure(f"ExecStart=\nExecStart=/bin/sh -c 'kill -STOP $$$$; exec {command}'")
    held = next((pid for _ in range(20) if (pid := hold_starting())), None)
    report.check("a start can be held before there is a loop", held)
    since = journal_time()
    os.kill(held, signal.SIGTERM)
    os.kill(held, signal.SIGCONT)
    report.equal("SIGTERM during start-up counts: a graceful end", wait_until_ended(5), GRACEFUL)
    report.equal("with the one line", summaries(since), [summary(ended=0, interrupted=0)])


def hold_starting():
    """Starts the service up to between its taking of signals and its loop; None when it could not be stopped there."""
    systemctl("stop", SERVICE)
    reset_failed()
    systemctl("start", "--no-block", SERVICE)
    pid = wait_for(lambda: (found := main_pid()) and process_status(found)["State"].startswith("T") and found)
    os.kill(pid, signal.SIGCONT)
    end = time.monotonic() + 5
    while not takes(pid, signal.SIGTERM) and time.monotonic() < end:
        pass  # The time there is to stop it in is a few milliseconds.
    os.kill(pid, signal.SIGSTOP)
    return pid if len(os.listdir(f"/proc/{pid}/task")) == 1 else None


def takes(pid, number):
    return int(process_status(pid)["SigCgt"], 16) >> (number - 1) & 1


def stop_during_start(report, _):
    """Stops at many points of the start; wherever it comes, it is an end in time and no failure."""
    ends = []
    for _ in range(10):
        reset_failed()
        systemctl("start", "--no-block", SERVICE)
        systemctl("stop", SERVICE)
        ends.append(show("ActiveState", "Result"))
    report.equal("stop right after start is clean, ten times", ends,
                 [{"ActiveState": "inactive", "Result": "success"}] * 10)


def drain_by_client(report, _):
    """Nobody told systemd to stop the service, so that its state shows what the daemon said."""
    start()
    since = journal_time()
    with connect() as caller, connect() as other:
        start_job(caller, seconds=1)
        other.call("io.corund.Service.Drain")
        report.check("Drain: STOPPING=1 reaches systemd", wait_until_draining(2), show("ActiveState", "SubState"))
        report.equal("the running job completes", caller.receive(), {"parameters": {"result": {}}})
    report.equal("it ends with success, and is not restarted", wait_until_ended(), GRACEFUL)
    report.equal("with the one line", summaries(since), [summary(ended=1, interrupted=0)])
    report.check("the next client starts it again", is_echo(echo()))


def drained_often(report, _):
    """Each client starts the daemon again, within a few seconds in all, as a script may that goes through a list."""
    start()
    answers = 0
    for _ in range(DRAINS):
        call("io.corund.Service.Drain")
        wait_until_ended()
        answers += is_echo(echo())
    report.equal("a daemon that ends often is started by the next client each time", answers, DRAINS)
    report.equal("and the socket stays", show("ActiveState", "Result", unit=SOCKET_UNIT),
                 {"ActiveState": "active", "Result": "success"})


def restart_under_clients(report, _):
    """A call on a connection that the old daemon had taken may come too late for it; connecting always succeeds."""
    pid = start()
    inode = os.stat(SOCKET).st_ino
    clients = [BusyClient() for _ in range(4)]
    for _ in range(4):
        at_least = sum(client.answered for client in clients) + 20
        wait_for(lambda: sum(client.answered for client in clients) > at_least)
        systemctl("restart", SERVICE)
    for client in clients:
        client.finish()
    outcomes = {}
    for client in clients:
        for outcome, count in client.outcomes.items():
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    report.figure("calls while the service restarted four times", outcomes)
    let_in = {"answered", "Draining", "hung up on"}
    report.equal("whoever connects during restarts is let in", set(outcomes) - let_in, set())
    report.check("it was restarted, behind the same socket", main_pid() != pid and os.stat(SOCKET).st_ino == inode)


def reply_or_hang_up(client):
    try:
        return client.call(JOBS + "Run", job="echo", arguments={"value": 1})
    except ConnectionError:
        return None


class BusyClient(threading.Thread):
    """Connects, calls, and hangs up, again and again, and counts what happened."""

    def __init__(self):
        super().__init__(daemon=True)
        self.outcomes = {}
        self.is_over = False
        self.start()

    @property
    def answered(self):
        return self.outcomes.get("answered", 0)

    def run(self):
        while not self.is_over:
            outcome = self.outcome()
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    def outcome(self):
        try:
            client = connect()
        except OSError as error:
            return type(error).__name__
        with client:
            reply = reply_or_hang_up(client)
        if reply is None:
            return "hung up on"
        return "answered" if is_echo(reply) else reply["error"].rsplit(".")[-1]

    def finish(self):
        self.is_over = True
        self.join()


GROUPS = [
    running_job_completes, long_job_is_interrupted, time_is_extended, second_signal, third_signal, signal_during_start,
    stop_during_start, drain_by_client, drained_often, restart_under_clients,
]
