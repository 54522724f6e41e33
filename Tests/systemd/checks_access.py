"""Who may do what: real users and groups, the real socket, and the client as each of them runs it."""
import contextlib
import os
import re
import shutil

from checks_client import CLIENT
from machine import (
    CONFIGURATION_DROP_IN, ROOT, SERVICE, SOCKET_UNIT, configure, journal_time, messages, own_entries, reset, run, show,
    systemctl, wait_for, write)

SOCKET_DROP_IN = "/run/systemd/system/corund.socket.d/access.conf"
OPERATORS = "corund-operators"
# Each with the groups that it is in, besides one of its own.
USERS = {"corund-ada": "corund", "corund-ben": "corund", "corund-out": "", "corund-watch": "", "corund-boss": OPERATORS}
NOT_FOUND, NOT_PERMITTED = 66, 77


@contextlib.contextmanager
def accounts():
    """The group corund as packaging makes it, and people; all of them go again."""
    run("systemd-sysusers", f"{ROOT}/systemd/sysusers.conf")
    run("groupadd", "--system", OPERATORS)
    try:
        for user, groups in USERS.items():
            more = ["--groups", groups] if groups else []
            run("useradd", "--system", "--no-create-home", "--user-group", *more, user)
        yield
    finally:
        reset()  # The daemon runs as the user corund.
        for user in [*USERS, "corund"]:
            run("userdel", user, check=False)
        for group in (OPERATORS, "corund"):
            run("groupdel", group, check=False)


@contextlib.contextmanager
def socket(settings):
    """The socket with these settings over the shipped ones, and the daemon behind it."""
    write(SOCKET_DROP_IN, f"[Socket]\n{settings}\n")
    systemctl("daemon-reload")
    systemctl("start", SOCKET_UNIT, SERVICE)
    try:
        yield
    finally:
        shutil.rmtree(os.path.dirname(SOCKET_DROP_IN))
        reset()


def client_as(user, *arguments):
    """corund-ctl as that user runs it, with all of the user's groups."""
    return run("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", CLIENT, *arguments, check=False)


def listed_by(user):
    return sorted(re.findall(r"^\s*(\d+)\b", client_as(user, "list").stdout, re.MULTILINE))


def submit(user):
    result = client_as(user, "submit", "sleep", "seconds:=600")
    return result.stdout.strip() if result.returncode == 0 else f"status {result.returncode}: {result.stderr}"


def is_denial(result, *words):
    return result.returncode == NOT_PERMITTED and all(word in result.stderr for word in words)


def access_by_role(report, _):
    with accounts():
        for group in (members_of_the_group, roles_of_the_configuration, nobody_who_is_not_there):
            group(report)


def members_of_the_group(report):
    with socket("SocketGroup=corund"):
        of_ada, of_ben = submit("corund-ada"), submit("corund-ben")
        report.check("members of the group corund submit", of_ada.isdecimal() and of_ben.isdecimal(), (of_ada, of_ben))
        report.equal("each sees the own jobs and no others", [listed_by("corund-ada"), listed_by("corund-ben")],
                     [[of_ada], [of_ben]])
        for command in ("get", "cancel", "retry", "wait"):
            report.equal(f"{command}: another's job does not exist",
                         client_as("corund-ben", command, of_ada).returncode, NOT_FOUND)
        report.equal("a member asks for the daemon's health", client_as("corund-ada", "health").returncode, 0)
        denied = client_as("corund-ada", "pause")
        report.check("a member does not operate, and is told what it would take",
                     is_denial(denied, "the role operate", "operate-users or operate-groups"), denied)
        denied = client_as("corund-out", "list")
        report.check("an outsider is told which group may connect",
                     is_denial(denied, "Members of the group corund may connect"), denied)
        report.check("root sees all jobs", {of_ada, of_ben} <= set(listed_by("root")), listed_by("root"))
        report.equal("root cancels another's job", client_as("root", "cancel", of_ada).returncode, 0)
        report.equal("root pauses and resumes",
                     [client_as("root", command).returncode for command in ("pause", "resume")], [0, 0])
        report.equal("its owner cancels the other one", client_as("corund-ben", "cancel", of_ben).returncode, 0)


def roles_of_the_configuration(report):
    configure(toml=f'[access]\nobserve-users = ["corund-watch"]\noperate-groups = ["{OPERATORS}"]')
    with socket("SocketMode=0666"):
        of_ada = submit("corund-ada")
        report.check("an observer sees another's job", of_ada in listed_by("corund-watch"), listed_by("corund-watch"))
        denied = [client_as("corund-watch", "cancel", of_ada), client_as("corund-watch", "submit", "echo")]
        report.check("and neither cancels nor submits one",
                     all(is_denial(result, "submit or operate") for result in denied), denied)
        denied = client_as("corund-out", "list")
        report.check("one without a role is told what it would take",
                     is_denial(denied, "observe, submit or operate", "[access]"), denied)
        report.equal("a supplementary group makes an operator",
                     [client_as("corund-boss", *command).returncode
                      for command in (["pause"], ["resume"], ["cancel", of_ada])], [0, 0, 0])


def nobody_who_is_not_there(report):
    configure(toml='[access]\n\nobserve-users = ["corund-watch", "corund-nonesuch"]')
    since = journal_time()
    systemctl("start", SERVICE, check=False)
    wait_for(lambda: show("ActiveState") == "failed", 5)
    report.equal("a user who does not exist is refused at start", show("ExecMainStatus"), "78")
    told = messages(own_entries(since))
    place = f'corund: {CONFIGURATION_DROP_IN}:3: access.observe-users: there is no user "corund-nonesuch"'
    report.check("with file, line and key", any(line.startswith(place) for line in told), told)
    reset()


GROUPS = [access_by_role]
