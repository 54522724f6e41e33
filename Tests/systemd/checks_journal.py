"""What the journal holds."""
import contextlib
import os
import re
import signal

from machine import (
    GRACEFUL, JOBS, SERVICE, call, connect, echo, is_echo, journal, journal_time, messages, own_entries, run, show,
    start, stop_in_background, summaries, summary, wait_for, wait_until_ended)

CLIENT = "/usr/bin/corund-ctl"

# Fails once, then succeeds. (Between the two streams it waits, since the daemon reads them one after the other.)
STORY = """
retry-delay = "10ms"
[commands.story]
argv = ["/bin/sh", "-c", "echo out; sleep 0.2; echo err >&2; test -e /tmp/again && exit 0; : >/tmp/again; exit 3"]
max-attempts = 2
"""


def story_of_a_command(report, _):
    since = journal_time()
    start(toml=STORY)
    job = run(CLIENT, "submit", "story", "--context", "mine").stdout.strip()
    run(CLIENT, "wait", job)
    entries = wait_for(lambda: whole_story(job, since), 5)
    report.equal("journalctl CORUND_JOB=… tells a job's whole story", [plain(entry) for entry in entries], [
        f"job story {job} was submitted by uid 0",
        f"job story {job} started, attempt 1",
        "out",
        "err",
        f"attempt 1 of job story {job} failed after TIME: exited with status 3: err; the next one is due in TIME",
        f"job story {job} started, attempt 2",
        "out",
        "err",
        f"job story {job} succeeded after TIME, with exit status 0"])
    expected = {"CORUND_KIND": "story", "CORUND_CONTEXT": "mine", "CORUND_PEER_UID": "0", "PRIORITY": "6",
                "SYSLOG_IDENTIFIER": "corund", "_TRANSPORT": "journal", "_SYSTEMD_UNIT": SERVICE}
    report.check("each entry has the job's kind, context and user, and its priority",
                 all(entry.items() >= expected.items() for entry in entries), entries)
    for field, values in {
        "CORUND_ATTEMPT": [None, "1", "1", "1", "1", "2", "2", "2", "2"],
        "CORUND_STREAM": [None, None, "stdout", "stderr", None, None, "stdout", "stderr", None],
        "CORUND_STATE": [None] * 4 + ["scheduled"] + [None] * 3 + ["succeeded"],
        "CORUND_EXIT_STATUS": [None] * 4 + ["3"] + [None] * 3 + ["0"],
    }.items():
        report.equal(f"{field} is where it belongs", [entry.get(field) for entry in entries], values)
    report.equal("CODE_FILE says who speaks", {entry["CODE_FILE"] for entry in entries},
                 {"CorundService/JobLog.swift", "CorundService/ProgramLog.swift"})
    report.equal("journalctl CORUND_KIND=… finds the same", journal("CORUND_KIND=story"), entries)
    report.equal("journalctl CORUND_JOB=… CORUND_STREAM=stderr finds what it wrote there",
                 messages(journal(f"CORUND_JOB={job}", "CORUND_STREAM=stderr")), ["err", "err"])


def whole_story(job, since):
    entries = journal(f"CORUND_JOB={job}", since=since)
    return entries if any(entry.get("CORUND_STATE") == "succeeded" for entry in entries) else []


def plain(entry):
    """The message, without the times that nobody can foretell."""
    return re.sub(r"(after|due in) [0-9]+m?s( [0-9]+ms)?", r"\1 TIME", entry["MESSAGE"])


def failed_job(report, _):
    since = journal_time()
    start()
    submission = {"job": "fail", "arguments": {"message": "out of paper\nCORUND_JOB=999\nPRIORITY=0\n"}}
    job = call(JOBS + "Submit", submission=submission)["parameters"]["id"]
    state = call(JOBS + "Wait", id=job)["parameters"]["job"]["state"]
    report.equal("a job fails", state, "failed")
    entries = wait_for(lambda: journal(f"CORUND_JOB={job}", since=since), 5)
    report.equal("of a job that runs no program there is the bad end alone", len(entries), 1)
    entry = {key: entries[0].get(key) for key in ("CORUND_KIND", "CORUND_ATTEMPT", "CORUND_STATE", "PRIORITY")}
    report.equal("with its fields", entry, {
        "CORUND_KIND": "fail", "CORUND_ATTEMPT": "1", "CORUND_STATE": "failed", "PRIORITY": "5"})
    report.check("and what it said is in the message alone",
                 entries[0]["MESSAGE"].endswith(submission["arguments"]["message"])
                 and journal("CORUND_JOB=999") == [], entries)


def odd_output(report, _):
    start(toml='[commands.odd]\nargv = ["/usr/bin/printf", \'a\\000b\\n\\n\\377\\nlast\']\n'
               '[commands.silent]\nargv = ["/bin/echo", "hush"]\njournal-output = false\n')
    for kind in ("odd", "silent"):
        run(CLIENT, "run", kind)
    lines = wait_for(lambda: [bytes(line) if isinstance(line, list) else line.encode()
                              for line in messages(journal("CORUND_KIND=odd", "CORUND_STREAM=stdout"))], 5)
    report.equal("bytes that are no text come through, and lines without an end", lines,
                 [b"a\0b", "\N{REPLACEMENT CHARACTER}".encode(), b"last"])
    report.equal("output that is not wanted is not there", len(journal("CORUND_KIND=silent", "CORUND_STREAM=stdout")), 0)
    report.check("but the story is", len(journal("CORUND_KIND=silent")) == 3)


def large_entry(report, _):
    since = journal_time()
    start(toml="message-size = 4194304")
    text = "x" * (1 << 20)
    job = call(JOBS + "Submit", submission={"job": "fail", "arguments": {"message": text}})["parameters"]["id"]
    entries = wait_for(lambda: journal(f"CORUND_JOB={job}", since=since), 10)
    report.check("an entry of 1 MiB arrives whole",
                 len(entries) == 1 and entries[0]["MESSAGE"].endswith(": " + text), [len(str(entry)) for entry in entries])


def journal_that_does_not_read(report, _):
    start(toml='log-level = "debug"')
    since = journal_time()
    with stopped_journald():
        with connect() as client:
            replies = [client.call(JOBS + "Run", job="echo", arguments={"value": 1}) for _ in range(1000)]
        report.check("jobs run while journald takes no entries", all(map(is_echo, replies)))
        report.check("and the daemon is healthy", is_echo(echo()))
        stop_in_background()
    report.equal("the end is graceful", wait_until_ended(), GRACEFUL)
    report.equal("and its last line is there", summaries(since), [summary(0, 0)])
    ends = [entry for entry in own_entries(since) if entry.get("CORUND_STATE") == "succeeded"]
    report.equal("as is everything before it", len(ends), 1001)


@contextlib.contextmanager
def stopped_journald():
    pid = int(show("MainPID", unit="systemd-journald.service"))
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def ready_line(report, _):
    since = journal_time()
    start()
    told = [(entry["MESSAGE"], entry["PRIORITY"], entry["SYSLOG_IDENTIFIER"]) for entry in own_entries(since)]
    report.equal("a start is one line", told, [("ready", "6", "corund")])


GROUPS = [story_of_a_command, failed_job, odd_output, large_entry, journal_that_does_not_read, ready_line]
