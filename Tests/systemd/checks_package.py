"""The Debian package: its installation, the units that only it brings to life, its upgrade, removal and purge.

One group, as each step begins where the one before it has ended; and it runs before anything else is installed.
"""
import contextlib
import glob
import grp
import os
import pwd
import shutil
import stat

from machine import (
    JOBS, SERVICE, SOCKET, SOCKET_UNIT, call, echo, is_echo, journal_time, main_pid, manager_messages, process_status,
    run, show, systemctl, wait_for_new_main, what_is_installed, write)
from varlink import Client

INSTANCE = "builds"
INSTANCE_SERVICE = f"corund@{INSTANCE}.service"
INSTANCE_SOCKET = f"/run/corund/{INSTANCE}/corund.sock"
INSTANCE_STATE = f"/var/lib/corund@{INSTANCE}"
SUBMIT_DROP_IN = "/run/systemd/system/corund-submit@hello.service.d/test.conf"
TIMER_DROP_IN = "/run/systemd/system/corund-submit@hello.timer.d/test.conf"
POLICY = "/usr/sbin/policy-rc.d"
NOBODY = 65534


def life_of_a_package(report, package):
    with services_allowed(), accounts_put_back():
        try:
            for step in (installation, who_may_connect, instance, submission, upgrade, removal, reinstallation, purge):
                step(report, package)
        finally:
            run("dpkg", "--purge", "corund", check=False)
            for folder in ("/etc/corund", os.path.dirname(TIMER_DROP_IN), os.path.dirname(SUBMIT_DROP_IN)):
                shutil.rmtree(folder, ignore_errors=True)
            systemctl("daemon-reload")


@contextlib.contextmanager
def services_allowed():
    """Container images forbid packages to start services; a machine that systemd has booted does not."""
    if not os.path.exists(POLICY):
        yield
        return
    os.rename(POLICY, POLICY + ".away")
    try:
        yield
    finally:
        os.rename(POLICY + ".away", POLICY)


@contextlib.contextmanager
def accounts_put_back():
    """A package leaves its user, so that no other user gets its files; the checks that follow want a dynamic one."""
    try:
        yield
    finally:
        run("userdel", "corund", check=False)
        run("groupdel", "corund", check=False)


def installation(report, package):
    run("dpkg", "--install", package)
    report.equal("installing the package starts the daemon, and its socket",
                 (show("ActiveState"), show("ActiveState", unit=SOCKET_UNIT)), ("active", "active"))
    report.check("which answers", is_echo(echo()))
    report.equal("after each boot, too", [enabled(unit) for unit in (SERVICE, SOCKET_UNIT)], ["enabled", "enabled"])
    report.equal("no instance runs, and no timer", units("corund@*", "corund-submit@*"), [])
    report.equal("it runs as the user corund", user_of(main_pid()), pwd.getpwnam("corund").pw_uid)
    report.equal("the client finds the daemon", run("corund-ctl", "run", "echo", "value:=1").stdout, '{"value":1}\n')


def who_may_connect(report, _):
    file, group = os.stat(SOCKET), grp.getgrnam("corund").gr_gid
    report.equal("the socket is root's and the group's",
                 (stat.S_IMODE(file.st_mode), file.st_uid, file.st_gid), (0o660, 0, group))
    report.check("a member of the group may connect", health_as(f"--groups={group}") == 0)
    report.equal("another user may not", health_as("--clear-groups"), 77)


def health_as(groups):
    """The status of a probe by a user that is nobody, with these groups."""
    return run("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", groups, "corund-ctl", "health", "--live",
               check=False).returncode


def instance(report, _):
    os.makedirs(f"/etc/corund/{INSTANCE}", exist_ok=True)
    shutil.copy("/etc/corund/corund.toml", f"/etc/corund/{INSTANCE}/corund.toml")
    systemctl("enable", "--now", INSTANCE_SERVICE)
    report.check("an instance answers on its own socket", is_echo(instance_echo()))
    own = user_of(show("MainPID", unit=INSTANCE_SERVICE))
    report.check("as a user of its own", own != user_of(main_pid()), own)
    report.equal("with a state folder of its own", os.stat(INSTANCE_STATE).st_uid, own)
    report.check("the first daemon goes on beside it", is_echo(echo()))


def instance_echo():
    with Client(INSTANCE_SOCKET) as client:
        return client.call(JOBS + "Run", job="echo", arguments={"value": 1})


def submission(report, _):
    write("/etc/corund/jobs/hello.json", '{"job": "echo", "arguments": {"value": 1}, "key": "hello"}\n')
    systemctl("start", "corund-submit@hello.service")
    report.check("corund-submit@ submits the jobs of its file", "echo" in run("corund-ctl", "list").stdout)
    write(SUBMIT_DROP_IN, "[Service]\nUser=corund\n")
    systemctl("daemon-reload")
    write("/etc/corund/jobs/hello.json", '{"job": "echo"}\n')
    systemctl("start", "corund-submit@hello.service")
    owners = [job["owner_uid"] for job in call(JOBS + "List")["parameters"]["jobs"]]
    report.equal("as root's, or as those of User= in a drop-in", owners, [pwd.getpwnam("corund").pw_uid, 0])
    write("/etc/corund/jobs/wrong.json", '{"job": "nonesuch"}\n')
    systemctl("start", "corund-submit@wrong.service", check=False)
    report.equal("and fails with the client's status when they are refused",
                 show("ExecMainStatus", unit="corund-submit@wrong.service"), "66")
    write(TIMER_DROP_IN, "[Timer]\nOnCalendar=\nOnCalendar=2100-01-01 03:40\n")
    systemctl("daemon-reload")
    systemctl("start", "corund-submit@hello.timer")
    report.check("a drop-in sets the timer's calendar", "2100-01-01 03:40" in show(
        "TimersCalendar", unit="corund-submit@hello.timer"))


def upgrade(report, package):
    daemon, second = main_pid(), int(show("MainPID", unit=INSTANCE_SERVICE))
    sockets = [os.stat(path).st_ino for path in (SOCKET, INSTANCE_SOCKET)]
    write("/etc/corund/conf.d/own.toml", "running-limit = 7\n")
    run("dpkg", "--install", package)
    report.check("an upgrade starts the daemon anew", wait_for_new_main(daemon) != 0)
    report.check("and its instances", int(show("MainPID", unit=INSTANCE_SERVICE)) not in (0, second))
    report.equal("their sockets stay", [os.stat(path).st_ino for path in (SOCKET, INSTANCE_SOCKET)], sockets)
    report.check("they answer", is_echo(echo()) and is_echo(instance_echo()))
    report.check("the administrator's configuration stays", os.path.exists("/etc/corund/conf.d/own.toml"))


def removal(report, _):
    run("dpkg", "--remove", "corund")
    report.equal("removing the package stops all that it runs", units("corund*"), [])
    report.equal("the sockets go", [path for path in (SOCKET, INSTANCE_SOCKET) if os.path.exists(path)], [])
    report.check("the programs go", not os.path.exists("/usr/bin/corund"))
    kept = ["/etc/corund/corund.toml", "/var/lib/corund", INSTANCE_STATE]
    report.equal("configuration and state stay", [path for path in kept if not os.path.exists(path)], [])


def reinstallation(report, package):
    since = journal_time()
    run("dpkg", "--install", package)
    report.check("installed again, it answers", is_echo(echo()))
    starts = [line for line in manager_messages(since) if line.startswith("Started ")]
    report.equal("after one start", len(starts), 1)
    report.check("with the jobs and the configuration of before",
                 call(JOBS + "List")["parameters"]["jobs"] and os.path.exists("/etc/corund/conf.d/own.toml"))


def purge(report, _):
    for folder in (INSTANCE, "jobs", "conf.d"):  # What an administrator has made is not the package's to take away.
        shutil.rmtree(f"/etc/corund/{folder}", ignore_errors=True)
    run("dpkg", "--purge", "corund")
    report.equal("purging it leaves nothing of its own", what_is_installed(), [])
    links = glob.glob("/etc/systemd/system/*.wants/corund*")
    report.equal("nor of its instances", (os.path.lexists(INSTANCE_STATE), links), (False, []))
    run("dpkg", "--purge", "corund", check=False)
    report.equal("purging twice is as good as once", what_is_installed(), [])


def user_of(pid):
    return int(process_status(pid)["Uid"].split()[0])


def enabled(unit):
    return systemctl("is-enabled", unit, check=False).stdout.strip()


def units(*patterns):
    """What is loaded and active."""
    lines = systemctl("list-units", "--plain", "--no-legend", "--state=active", *patterns).stdout.splitlines()
    return [line.split()[0] for line in lines if not line.startswith("system-")]


GROUPS = [life_of_a_package]
