"""Start, socket activation, who may connect, what the process is like."""
import os
import stat
import statistics as figures
import time

from machine import (
    HEALTH, JOBS, SERVICE, SOCKET, SOCKET_UNIT, call, configure, connect, echo, is_echo, journal_time, main_pid,
    own_entries, process_status, reset_failed, run, show, start, start_job, systemctl, wait_for, write)

NOBODY = 65534
FIRST_DYNAMIC_USER = 61184
STARTS_MEASURED = 10
CLIENTS_AT_ONCE = 50
SOCKET_DROP_IN = "/run/systemd/system/corund.socket.d/test.conf"
NAME_SERVICE = "/run/systemd/system/corund-test-names.service"
LATE_USER = "corund-late"


def start_is_ready(report, _):
    systemctl("start", SERVICE)
    state = show("ActiveState", "SubState", "StatusText", "Type")
    report.equal("start returns with the service active, and a status", state, {
        "ActiveState": "active", "SubState": "running", "StatusText": "0 jobs run, 0 wait", "Type": "notify"})
    report.check("it answers at once after start", is_echo(echo()))
    report.equal("starting the service starts its socket", show("ActiveState", unit=SOCKET_UNIT), "active")


def start_time(report, _):
    times = []
    for _ in range(STARTS_MEASURED):
        reset_failed()
        systemctl("restart", SERVICE)
        at = show("ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic")
        times.append((int(at["ActiveEnterTimestampMonotonic"]) - int(at["ExecMainStartTimestampMonotonic"])) / 1000)
    report.figure("fork to READY, with the sandbox's set-up, ms",
                  f"median {figures.median(times):.1f}, least {min(times):.1f}, most {max(times):.1f}")


def rest(report, _):
    pid = start()
    is_echo(echo())
    status = process_status(pid)
    kilobytes = {key: int(status[key].split()[0]) for key in ("VmRSS", "RssAnon", "RssFile")}
    report.figure("memory at rest, MiB", ", ".join(f"{key} {value / 1024:.1f}" for key, value in kilobytes.items()))
    report.figure("MemoryCurrent, MiB", f"{int(show('MemoryCurrent')) / 2**20:.1f}")
    expected = ["-qos.overcommit", "corund", "corund-log", "corund-loop", "corund-read-1", "corund-write-1"]
    wait_for(lambda: names(pid) == expected, seconds=20)  # libdispatch lets go of its others after a while
    report.equal("at rest it has the threads of the loop, the log, the store and libdispatch beside the main one",
                 names(pid), expected)
    before = switches(pid, "-qos.overcommit")
    time.sleep(2.5)  # libdispatch looks after its threads once a second, where it does
    report.equal("libdispatch's sleeps", switches(pid, "-qos.overcommit"), before)


def names(pid):
    """Of the threads, sorted."""
    return sorted(comm(pid, task) for task in os.listdir(f"/proc/{pid}/task"))


def comm(pid, task):
    try:
        with open(f"/proc/{pid}/task/{task}/comm") as file:
            return file.read().strip()
    except OSError:  # it has ended meanwhile
        return ""


def switches(pid, name):
    """How often that thread has gone to sleep."""
    task = next(task for task in os.listdir(f"/proc/{pid}/task") if comm(pid, task) == name)
    with open(f"/proc/{pid}/task/{task}/status") as file:
        return [line for line in file if line.startswith("voluntary_ctxt_switches")]


def socket_activation(report, _):
    systemctl("start", SOCKET_UNIT)
    states = show("ActiveState"), show("SubState", unit=SOCKET_UNIT)
    report.equal("the socket listens while the service does not run", states, ("inactive", "listening"))
    file = os.stat(SOCKET)
    report.equal("the socket is root's, 0660", (stat.S_IMODE(file.st_mode), file.st_uid, file.st_gid), (0o660, 0, 0))
    clients = [connect() for _ in range(CLIENTS_AT_ONCE)]
    for client in clients:
        client.send(JOBS + "Run", job="echo", arguments={"value": 1})
    answers = [is_echo(client.receive()) for client in clients]
    report.equal("the first connections start it, and all are answered", answers, [True] * CLIENTS_AT_ONCE)
    report.equal("by one start", (show("ActiveState"), show("NRestarts")), ("active", "0"))
    for client in clients:
        client.close()
    systemctl("stop", SOCKET_UNIT)
    report.check("stopping the socket unit removes the socket", not os.path.exists(SOCKET))


def one_socket(report, _):
    """What a drop-in adds beside it would be connected to, and never served."""
    write(SOCKET_DROP_IN, "[Socket]\nListenStream=/run/corund/second.sock\n")
    try:
        systemctl("daemon-reload")
        result = systemctl("start", SERVICE, check=False)
        report.check("with a second ListenStream= it does not start", result.returncode != 0, result)
        told = wait_for(lambda: show("StatusText"))
        report.check("and says why", "2 descriptors instead of one" in told, told)
        systemctl("stop", SERVICE, SOCKET_UNIT)
    finally:
        os.unlink(SOCKET_DROP_IN)


def accounts_come_late(report, _):
    """At boot the users of a name service are there only after it; [access] may name them."""
    write(NAME_SERVICE, f"""
        [Unit]
        Before=nss-user-lookup.target
        Wants=nss-user-lookup.target
        [Service]
        Type=oneshot
        ExecStart=/bin/sleep 1
        ExecStart=/usr/sbin/useradd {LATE_USER}
        """)
    try:
        configure(toml=f'[access]\nobserve-users = ["{LATE_USER}"]')
        result = systemctl("start", os.path.basename(NAME_SERVICE), SERVICE, check=False)
        report.equal("it starts after the name services", (result.returncode, show("ActiveState"), show("NRestarts")),
                     (0, "active", "0"))
    finally:
        os.unlink(NAME_SERVICE)
        run("userdel", LATE_USER, check=False)


def who_may_connect(report, _):
    start()
    report.check("root may connect", is_echo(echo()))
    report.equal("a user outside the socket's group may not", errno_as(NOBODY), "PermissionError")


def errno_as(user):
    """The error that `user` gets from connecting; empty when it gets none."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        outcome = b""
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            connect().close()
        except Exception as error:
            outcome = type(error).__name__.encode()
        os.write(writer, outcome)
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with open(reader) as pipe:
        return pipe.read()


def dynamic_user(report, _):
    pid = start()
    status = process_status(pid)
    user = int(status["Uid"].split()[0])
    report.check("it runs as a dynamic user", user >= FIRST_DYNAMIC_USER, user)
    folder = os.stat("/var/lib/private/corund")
    report.equal("the state directory is that user's alone",
                 (folder.st_uid, stat.S_IMODE(folder.st_mode)), (user, 0o700))
    report.equal("without capabilities, and filtered",
                 (int(status["CapEff"], 16), int(status["CapBnd"], 16), status["NoNewPrivs"], status["Seccomp"]),
                 (0, 0, "1", "2"))


def status_follows(report, _):
    start(toml="running-limit = 1")
    with connect() as first, connect() as second:
        start_job(first, seconds=60)
        second.send(JOBS + "Run", job="sleep", arguments={"seconds": 60})
        told = wait_for(lambda: show("StatusText") == "1 job runs, 1 waits", 5)
        report.check("STATUS tells of a job that runs and one that waits", told, show("StatusText"))
    told = wait_for(lambda: show("StatusText") == "0 jobs run, 0 wait", 5)
    report.check("and of their end", told, show("StatusText"))


def protocol(report, _):
    start()
    health = call(HEALTH)["parameters"]
    report.check("Health: live and ready", health["live"] and health["ready"] and not health["reasons"], health)
    vendor = call("org.varlink.service.GetInfo")["parameters"]
    report.check("GetInfo names the interfaces", "io.corund.Jobs" in vendor["interfaces"], vendor)
    report.equal("an unknown kind is an error", call(JOBS + "Run", job="nonesuch").get("error"), JOBS + "UnknownJob")
    report.check("it is one process throughout", main_pid() > 0 and show("NRestarts") == "0")


def log_is_quiet(report, _):
    """After work of every sort nothing is in the journal that an administrator would have to wonder about."""
    since = journal_time()
    start()
    with connect() as client:
        for number in range(200):
            client.call(JOBS + "Run", job="echo", arguments={"value": number})
        client.call(JOBS + "Run", job="sleep", arguments={"seconds": 0.01})
        client.call(JOBS + "Run", job="sleep", arguments={"seconds": 60}, timeout_ms=10)
        client.call("io.corund.Service.Statistics")
    systemctl("stop", SERVICE)
    stray = [entry["MESSAGE"] for entry in own_entries(since) if entry["_TRANSPORT"] != "journal"]
    report.equal("no library writes to standard output or error", stray, [])


GROUPS = [
    start_is_ready, start_time, rest, socket_activation, one_socket, accounts_come_late, who_may_connect, dynamic_user,
    status_follows, protocol, log_is_quiet,
]
