"""What the journal holds."""
from machine import JOBS, SERVICE, call, journal, journal_time, own_entries, start, wait_for


def failed_job(report, _):
    start()
    submission = {"job": "fail", "arguments": {"message": "out of paper"}}
    job = call(JOBS + "Submit", submission=submission)["parameters"]["id"]
    state = call(JOBS + "Wait", id=job)["parameters"]["job"]["state"]
    report.equal("a job fails", state, "failed")
    entries = wait_for(lambda: journal(f"CORUND_JOB={job}"), 5)
    report.equal("journalctl CORUND_JOB=… finds its one line", len(entries), 1)
    entry = {key: entries[0].get(key) for key in (
        "MESSAGE", "CORUND_KIND", "CORUND_ATTEMPT", "PRIORITY", "SYSLOG_IDENTIFIER", "_TRANSPORT", "_SYSTEMD_UNIT")}
    report.equal("with its fields", entry, {
        "MESSAGE": "job failed: out of paper", "CORUND_KIND": "fail", "CORUND_ATTEMPT": "1", "PRIORITY": "5",
        "SYSLOG_IDENTIFIER": "corund", "_TRANSPORT": "journal", "_SYSTEMD_UNIT": SERVICE})


def ready_line(report, _):
    since = journal_time()
    start()
    told = [(entry["MESSAGE"], entry["PRIORITY"], entry["SYSLOG_IDENTIFIER"]) for entry in own_entries(since)]
    report.equal("a start is one line", told, [("ready", "6", "corund")])


GROUPS = [failed_job, ready_line]
