"""A user's own daemon, under that user's manager."""
import contextlib
import json
import os
import pwd
import stat

from machine import CLIENT, run, systemctl, wait_for

NAME = "corund-tester"
HOME = f"/home/{NAME}"
STATE = f"{HOME}/.local/state/corund"


def users_daemon(report, _):
    with user() as (number, as_user):
        def show(*properties, unit="corund.service"):
            return as_user("systemctl", "--user", "show", unit, "--value", "-p", ",".join(properties)).split()

        socket = f"/run/user/{number}/corund/corund.sock"
        as_user("systemctl", "--user", "enable", "--now", "corund.socket")
        file = os.stat(socket)
        report.equal("the socket is the user's, 0600", (file.st_uid, stat.S_IMODE(file.st_mode)), (number, 0o600))
        report.equal("no daemon runs yet", show("ActiveState"), ["inactive"])
        job = as_user(CLIENT, "submit", "echo", "value:=1").strip()
        report.equal("the first call starts it", show("ActiveState"), ["active"])
        pid = int(show("MainPID")[0])
        report.equal("as the user", os.stat(f"/proc/{pid}").st_uid, number)
        record = json.loads(as_user(CLIENT, "wait", "--json", job))["job"]
        report.equal("the job ends", (record["state"], record["result"]), ("succeeded", {"value": 1}))
        report.equal("its state is in the user's home, and for the user alone",
                     [(os.stat(path).st_uid, stat.S_IMODE(os.stat(path).st_mode) & 0o077)
                      for path in (STATE, f"{STATE}/jobs.db")], [(number, 0)] * 2)
        report.equal("it runs any program, as the user",
                     as_user(CLIENT, "exec", "--", "/usr/bin/id", "-u").strip(), str(number))
        as_user("systemctl", "--user", "restart", "corund.service")
        report.check("a restart is another process", int(show("MainPID")[0]) not in (0, pid))
        record = json.loads(as_user(CLIENT, "get", "--json", job))["job"]
        report.equal("which knows the job", record["state"], "succeeded")
        as_user("systemctl", "--user", "stop", "corund.service")
        report.equal("stop is a graceful end", show("Result", "ExecMainStatus"), ["success", "0"])
        systemctl("stop", f"user@{number}.service")
        report.check("with the user's manager the socket goes", not os.path.exists(socket))


@contextlib.contextmanager
def user():
    """A user whose manager runs: the number, and what runs a command as that user does and gives its output."""
    run("useradd", "--create-home", "--home-dir", HOME, NAME)
    number = pwd.getpwnam(NAME).pw_uid
    try:
        systemctl("start", f"user@{number}.service")

        def as_user(*command):
            return run("runuser", "-u", NAME, "--", "env", f"XDG_RUNTIME_DIR=/run/user/{number}", *command).stdout
        yield number, as_user
    finally:
        systemctl("stop", f"user@{number}.service", check=False)
        wait_for(lambda: not os.path.exists(f"/run/user/{number}"), 5)
        run("userdel", "--remove", NAME, check=False)


GROUPS = [users_daemon]
