"""Stops, restarts and deaths of the daemon while clients are at work."""
import json
import os
import signal
import subprocess
import time

from load import COMMANDS, acknowledged, check_account, count_marks, submitters
from machine import (
    CLIENT, GRACEFUL, HEALTH, JOBS, SERVICE, call, connect, end_of_main, get, main_pid, show, start, statistics, submit,
    systemctl, wait_for, wait_for_new_main)

CLIENTS = 4
RESTARTS = 20
KILLS = 2
# A restart interrupts what takes longer than this.
SHORT = 'drain-timeout = "100ms"\ncancel-grace = "2s"'


def stop_answers_everybody(report, _):
    """Some run and end in time, some run and do not, some wait for their turn."""
    start(toml='drain-timeout = "2s"\nrunning-limit = 8')
    calls = [1] * 4 + [60] * 4 + [0] * 20
    clients = [connect() for _ in calls]
    idle = connect()
    idle.call(HEALTH)
    for client, seconds in zip(clients, calls):
        client.send(JOBS + "Run", job="sleep", arguments={"seconds": seconds})
    wait_for(lambda: statistics() == {"running": 8, "queued": 20})
    systemctl("stop", SERVICE)
    replies = [client.receive() for client in clients]
    result, interrupted = {"parameters": {"result": {}}}, JOBS + "JobInterrupted"
    report.equal("stop: those that end in time give their results", replies[:4], [result] * 4)
    report.equal("the others say that they were interrupted", [reply["error"] for reply in replies[4:]],
                 [interrupted] * 24)
    report.equal("and then all connections end", [client.receive() for client in [*clients, idle]], [None] * 29)
    report.equal("in good order", end_of_main(), GRACEFUL)


def stop_gives_programs_their_time(report, _):
    start(toml=COMMANDS + "[commands.deaf]\n" + r"""
        argv = ["/bin/sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 60; done"]
        kill-grace = "500ms" """)
    brief = submit("mark", line="brief", seconds=1)
    wait_for(lambda: statistics()["running"] == 1)
    systemctl("stop", SERVICE)
    start()
    report.equal("stop: a program that ends within drain-timeout is not signalled", get(brief)["state"], "succeeded")
    pid = start_deaf()
    os.kill(main_pid(), signal.SIGKILL)
    began = time.monotonic()
    report.check("kill -9: a program that ignores SIGTERM does not hold up the restart", answers_health())
    report.check("nor outlives it", not os.path.exists(f"/proc/{pid}"))
    report.figure("kill -9 to the next answer, ms", f"{(time.monotonic() - began) * 1000:.0f}")


def start_deaf():
    """The process of a program that ignores SIGTERM."""
    submit("deaf")
    control = show("ControlGroup")
    folder = next(path for root in ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup")
                  if os.path.exists(path := root + control))
    wait_for(lambda: len(processes(folder)) >= 3)
    return next(pid for pid in processes(folder) if pid != main_pid())


def processes(folder):
    with open(folder + "/cgroup.procs") as file:
        return [int(line) for line in file]


def answers_health():
    with connect(timeout=10) as client:
        return client.call(HEALTH)["parameters"]["live"]


def restart_storm(report, _):
    start(toml=SHORT + COMMANDS)
    began = time.monotonic()
    with submitters(CLIENTS) as clients:
        for _ in range(RESTARTS):
            before = acknowledged(clients)
            wait_for(lambda: acknowledged(clients) > before)
            result = systemctl("restart", SERVICE, check=False)
            if result.returncode:
                break
        took = time.monotonic() - began
    report.equal(f"{RESTARTS} restarts in a row are not refused", result.stderr, "")
    states = check_account(report, clients)
    report.figure(f"{RESTARTS} restarts under load, s", f"{took:.1f}; {dict(states)}")
    report.figure("calls that came too late for a daemon, and were said again",
                  sum(client.hang_ups for client in clients))


def kill_under_load(report, _):
    start(toml=COMMANDS)
    jobs = [submit("mark", line=f"waited-{number}", seconds=3) for number in range(3)]
    waiting = [Waiting(job) for job in jobs]
    with submitters(CLIENTS) as clients:
        for _ in range(KILLS):
            before, pid = acknowledged(clients), main_pid()
            wait_for(lambda: acknowledged(clients) > before + 20)
            os.kill(pid, signal.SIGKILL)
            report.check("kill -9 under load: another one follows", wait_for_new_main(pid))
    states = check_account(report, clients)
    report.figure("jobs that were acknowledged", dict(states))
    report.equal("corund-ctl wait goes on over it, and gives the results",
                 [waiter.result() for waiter in waiting], [(0, 0)] * 3)


class Waiting:
    """`corund-ctl wait` for a job that runs a program."""

    def __init__(self, job):
        self.process = subprocess.Popen(
            [CLIENT, "wait", "--json", job], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def result(self):
        """The status of the client, and that of the program."""
        output, _ = self.process.communicate(timeout=30)
        return self.process.returncode, json.loads(output)["job"]["result"]["exit_status"]


def waiters_over_restart(report, _):
    """The jobs are interrupted, begun again by the next daemon, and end there."""
    start(toml=SHORT + COMMANDS)
    jobs = [submit("mark", line=f"waited-{number}", seconds=1) for number in range(3)]
    waiting = [Waiting(job) for job in jobs]
    wait_for(lambda: connections() > len(waiting) and len(count_marks()) == len(jobs))  # With the one that asks.
    with connect() as client:
        client.send(JOBS + "Wait", id=jobs[0])
        systemctl("restart", SERVICE)
        report.equal("restart: who waits by hand is told that the daemon ends", client.receive().get("error"),
                     JOBS + "Draining")
    report.equal("who waits by corund-ctl gets the results of the next one",
                 [waiter.result() for waiter in waiting], [(0, 0)] * 3)
    report.equal("of jobs that were begun again", sorted(count_marks().values()), [2, 2, 2])


def connections():
    return call("io.corund.Service.Statistics")["parameters"]["connections"]


GROUPS = [stop_answers_everybody, stop_gives_programs_their_time, restart_storm, kill_under_load, waiters_over_restart]
