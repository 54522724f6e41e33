"""The state folder: whose it is, that it stays, and what a damaged one means."""
import os
import stat

from machine import (
    CLIENT, JOBS, SERVICE, STATE, call, get, main_pid, process_status, run, show, start, submit, systemctl, wait_for,
    wait_until_ended, write)

DATABASE = f"{STATE}/jobs.db"
STATE_STATUS = "69"
WAITING_JOBS = 2000


def survives_restart(report, _):
    start()
    job = submit("echo", value=1)
    wait_for(lambda: get(job)["state"] == "succeeded")
    systemctl("restart", SERVICE)
    report.equal("a job and its result survive a restart", get(job)["state"], "succeeded")
    systemctl("stop", SERVICE)
    os.chown(STATE, 0, 0)
    os.chown(DATABASE, 0, 0)
    start()
    report.equal("and a stop", get(job)["state"], "succeeded")
    user = int(process_status(main_pid())["Uid"].split()[0])
    report.equal("the dynamic user's they are, whatever they were",
                 {(os.stat(path).st_uid, stat.S_IMODE(os.stat(path).st_mode) & 0o077) for path in (STATE, DATABASE)},
                 {(user, 0)})


def ready_means_ready(report, _):
    """What READY=1 says, so that the unit needs no probe of its own."""
    start(toml="running-limit = 1")
    submissions = [{"job": "echo", "arguments": {"value": number}} for number in range(WAITING_JOBS)]
    call("io.corund.Service.Pause")
    call(JOBS + "SubmitMany", submissions=submissions)
    systemctl("restart", SERVICE)
    report.equal("when start returns it has taken over all that waits", show("StatusText"),
                 f"0 jobs run, {WAITING_JOBS} wait; everything is paused")
    report.equal("and is ready", run(CLIENT, "health", "--ready", check=False).returncode, 0)


def damaged(report, _):
    start()
    systemctl("stop", SERVICE)
    write(DATABASE, "no database " * 1000)
    result = systemctl("start", SERVICE, check=False)
    report.check("damaged state: start fails", result.returncode != 0, result)
    wait_until_ended(30)
    report.equal("after some tries it gives up, with status 69", show("ActiveState", "ExecMainStatus", "Result"), {
        "ActiveState": "failed", "ExecMainStatus": STATE_STATUS, "Result": "exit-code"})
    report.check("and the status says what is wrong",
                 DATABASE.replace("/private", "") in show("StatusText") and "damaged" in show("StatusText"),
                 show("StatusText"))
    with open(DATABASE) as file:
        report.equal("the file stays as it was", file.read(), "no database " * 1000)


GROUPS = [survives_restart, ready_means_ready, damaged]
