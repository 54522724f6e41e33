"""Clients that submit durable jobs whatever becomes of the daemon, and programs that leave a mark when they run."""
import collections
import contextlib
import itertools
import os
import threading
import time

from machine import JOBS, connect

MARKS = "/var/lib/corund/marks"
MARK = f"""
argv = ["/bin/sh", "-c", 'echo "$1" >>{MARKS}; [ "$2" = 0 ] || exec sleep "$2"', "mark", "{{line}}", "{{seconds}}"]
arguments = {{ line = "string", seconds = "number" }}
"""
# `mark` may be begun again, `mark-once` must not.
COMMANDS = f"""
[commands.mark]{MARK}
[commands.mark-once]{MARK}crash-policy = "fail"
"""
KINDS = ["mark", "mark-once"]
# Between two submissions of one client: what the machine can run.
PAUSE_SECONDS = 0.02
# For the last submission, when the clients are to stop.
PATIENCE_SECONDS = 10
# Each so many jobs one takes longer than a restart gives it.
LONG_JOBS = 5
LONG_SECONDS = 0.4


class Submitter(threading.Thread):
    """Submits one job after another, each on a connection of its own and with a key, until it is acknowledged."""

    def __init__(self, name):
        super().__init__(daemon=True)
        self.label = name
        self.acknowledged = {}
        self.refusals = []
        self.hang_ups = 0
        self.is_over = False
        self.has_given_up = False
        self.start()

    def run(self):
        for number in itertools.count():
            if self.is_over:
                return
            key = f"{self.label}-{number}"
            while (job := self.submit(key, number)) is None and not self.has_given_up:
                time.sleep(PAUSE_SECONDS)
            if job is not None:
                self.acknowledged[key] = job
            time.sleep(PAUSE_SECONDS)

    def submit(self, key, number):
        """The job's number; None when this must be said again."""
        seconds = LONG_SECONDS if number % LONG_JOBS == 0 else 0
        submission = {
            "job": KINDS[number % len(KINDS)], "key": key, "arguments": {"line": key, "seconds": seconds}}
        reply = self.ask(submission)
        if reply is None:
            self.hang_ups += 1
            return None
        if (error := reply.get("error")) is None:
            return reply["parameters"]["id"]
        if error != JOBS + "Draining":
            self.refusals.append(error)
        return None

    def ask(self, submission):
        """The reply, or an error without one; None when the daemon has hung up."""
        try:
            client = connect()
        except OSError as error:
            return {"error": type(error).__name__}
        with client:
            try:
                return client.call(JOBS + "Submit", submission=submission)
            except ConnectionError:
                return None
            except TimeoutError as error:
                return {"error": type(error).__name__}

    def finish(self):
        self.is_over = True
        self.join(PATIENCE_SECONDS)
        self.has_given_up = True
        self.join()


@contextlib.contextmanager
def submitters(count):
    """So many of them at work; stopped, with all that they have submitted acknowledged, at the end."""
    clients = [Submitter(f"client-{number}") for number in range(count)]
    try:
        yield clients
    finally:
        for client in clients:
            client.finish()


def acknowledged(clients):
    return sum(len(client.acknowledged) for client in clients)


def check_account(report, clients):
    """Waits for all that was acknowledged, and looks at how it ended and how often it ran."""
    jobs = {key: job for client in clients for key, job in client.acknowledged.items()}
    report.equal("nobody was refused", sorted({refusal for client in clients for refusal in client.refusals}), [])
    report.equal("a key is one job, and a job has one key", len(set(jobs.values())), len(jobs))
    with connect(timeout=60) as client:
        records = {key: client.call(JOBS + "Wait", id=job) for key, job in jobs.items()}
    lost = [key for key, reply in records.items() if "error" in reply]
    report.equal("no acknowledged job is lost", lost, [])
    records = {key: reply["parameters"]["job"] for key, reply in records.items() if "error" not in reply}
    wrong = [(key, record) for key, record in records.items() if not ended_as_it_may(record)]
    report.equal("each has ended, as its crash policy says", wrong, [])
    marks = count_marks()
    wrong = [(key, marks[key], record) for key, record in records.items() if not ran_as_often(marks[key], record)]
    report.equal("none ran more often than its crash policy says", wrong, [])
    return collections.Counter(f"{record['job']} {record['state']}" for record in records.values())


def ended_as_it_may(record):
    if record["state"] == "succeeded":
        return True
    was_interrupted = record.get("failure", {}).get("kind") == "Interrupted"
    return record["job"] == "mark-once" and record["state"] == "failed" and was_interrupted


def ran_as_often(marks, record):
    """A mark for each attempt at most, one at least for one that succeeded; an attempt may end before it leaves one."""
    interrupted = sum(attempt["state"] == "interrupted" for attempt in record.get("attempts", []))
    most = 1 if record["job"] == "mark-once" else 1 + interrupted
    return (1 if record["state"] == "succeeded" else 0) <= marks <= most


def count_marks():
    if not os.path.exists(MARKS):
        return collections.Counter()
    with open(MARKS) as file:
        return collections.Counter(file.read().split())
