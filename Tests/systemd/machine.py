"""The machine that the checks run on: its systemd, its journal, the installed daemon, and how to put it all back."""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

from varlink import Client

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SERVICE, SOCKET_UNIT = "corund.service", "corund.socket"
SOCKET = "/run/corund/corund.sock"
UNIT_DIRECTORY = "/usr/lib/systemd/system"
USER_UNIT_DIRECTORY = "/usr/lib/systemd/user"
DROP_IN = "/run/systemd/system/corund.service.d/test.conf"
CONFIGURATION_DROP_IN = "/etc/corund/conf.d/test.toml"
STATE = "/var/lib/private/corund"
WEDGE_DAEMON = "/usr/bin/corund-wedge-daemon"
WEDGING = f"ExecStart=\nExecStart={WEDGE_DAEMON}"
CLIENT = "/usr/bin/corund-ctl"
JOBS, HEALTH = "io.corund.Jobs.", "io.corund.Service.Health"


def run(*command, check=True):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    if check and result.returncode:
        raise RuntimeError(f"{' '.join(command)}: status {result.returncode}: {result.stdout}{result.stderr}")
    return result


def wait_for(condition, seconds=10):
    """What `condition` gives once it is true, or what it gave last. An observer may poll; the daemon may not."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.01)
    return value


# systemd

def systemctl(*arguments, check=True):
    return run("systemctl", *arguments, check=check)


def show(*properties, unit=SERVICE):
    """One property as text, several as a dictionary."""
    lines = systemctl("show", unit, "-p", ",".join(properties)).stdout.splitlines()
    values = dict(line.split("=", 1) for line in lines)
    return values[properties[0]] if len(properties) == 1 else values


def reset_failed():
    """Nothing has failed so far; not even the units that systemd has forgotten."""
    systemctl("reset-failed", SERVICE, SOCKET_UNIT, check=False)


def main_pid():
    return int(show("MainPID"))


def process_status(pid):
    """/proc/PID/status as a dictionary."""
    with open(f"/proc/{pid}/status") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def end_of_main():
    """How the daemon ended, as systemd saw it."""
    return show("ActiveState", "Result", "ExecMainCode", "ExecMainStatus")


GRACEFUL = {"ActiveState": "inactive", "Result": "success", "ExecMainCode": "1", "ExecMainStatus": "0"}


def wait_until_ended(seconds=20):
    wait_for(lambda: show("ActiveState") in ("inactive", "failed"), seconds)
    return end_of_main()


def wait_for_new_main(old, seconds=10):
    """The process that follows `old`, once it is ready; 0 when none comes."""
    def follower():
        now = show("MainPID", "ActiveState")
        return now["ActiveState"] == "active" and int(now["MainPID"]) != old and int(now["MainPID"])
    return wait_for(follower, seconds)


def stop_in_background():
    systemctl("stop", "--no-block", SERVICE)


def wait_until_draining(seconds=10):
    return wait_for(lambda: show("SubState") == "stop-sigterm", seconds)


# The journal

def journal(*matches, since=None):
    """The entries that match, in order. The cursor `since` excludes; by hand, as journalctl 252 skips one too many."""
    run("journalctl", "--sync")
    lines = run("journalctl", "-o", "json", "--all", "-q", "--no-pager", *matches, check=False).stdout.splitlines()
    entries = [json.loads(line) for line in lines]
    return [entry for entry in entries if int(entry["__REALTIME_TIMESTAMP"]) > (since or 0)]


def journal_time():
    """What `since` takes to mean from now on."""
    return time.time_ns() // 1000


def own_entries(since=None):
    """What the daemon itself logged, or wrote on its standard error."""
    return journal(f"_SYSTEMD_UNIT={SERVICE}", since=since)


def messages(entries):
    return [entry["MESSAGE"] for entry in entries]


def manager_messages(since=None):
    """What systemd said about the service."""
    return messages(journal(f"UNIT={SERVICE}", "_PID=1", since=since))


def summaries(since):
    """The lines about the daemon's end."""
    return [message for message in messages(own_entries(since)) if message.startswith("the end; ")]


def summary(ended, interrupted, left=0):
    return f"the end; jobs ended: {ended}, interrupted: {interrupted}, left: {left}"


# The daemon

def connect(**options):
    return Client(SOCKET, **options)


def call(method, **parameters):
    with connect() as client:
        return client.call(method, **parameters)


def echo(value=1):
    return call(JOBS + "Run", job="echo", arguments={"value": value})


def is_echo(reply, value=1):
    return reply == {"parameters": {"result": {"value": value}}}


def start_job(client, job="sleep", **arguments):
    """Calls Run and gives back once the job runs."""
    before = statistics()["running"]
    client.send(JOBS + "Run", job=job, arguments=arguments)
    if not wait_for(lambda: statistics()["running"] > before):
        raise RuntimeError(f"the job {job} did not start")


def answer(method, name, **parameters):
    """One thing of what the call answers; an error is one of the check's."""
    reply = call(JOBS + method, **parameters)
    if "error" in reply:
        raise RuntimeError(f"{method} of {parameters}: {reply}")
    return reply["parameters"][name]


def submit(job, **arguments):
    """The number of a new detached job."""
    return answer("Submit", "id", submission={"job": job, "arguments": arguments})


def get(job):
    """The record of a detached job, as it is now."""
    return answer("Get", "job", id=job)


def ended(job):
    """The record of a detached job, once it has ended."""
    return answer("Wait", "job", id=job)


def end_of(job):
    """State, and what a failure is called."""
    record = ended(job)
    return record["state"], record.get("failure", {}).get("kind")


def statistics():
    """What runs and waits, over all groups."""
    groups = call("io.corund.Service.Statistics")["parameters"]["groups"]
    return {key: sum(group[key] for group in groups) for key in ("running", "queued")}


# Set-up and clean-up

def is_systemd_machine():
    with open("/proc/1/comm") as file:
        return os.geteuid() == 0 and file.read() == "systemd\n"


def what_is_installed():
    """Why this machine is not one to try things on; empty when it is."""
    paths = [
        "/usr/bin/corund", "/usr/bin/corund-ctl", "/etc/corund", "/var/lib/corund", "/var/lib/private/corund",
        f"{UNIT_DIRECTORY}/{SERVICE}", f"{UNIT_DIRECTORY}/{SOCKET_UNIT}"]
    return [path for path in paths if os.path.lexists(path)]


class Installation:
    """What `make install` puts into the system, and the daemon with the wedging kind. Takes itself away again."""

    def __init__(self, binaries):
        self.binaries = os.path.abspath(binaries)
        self.files = []

    def __enter__(self):
        try:
            self.install()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_):
        self.remove()

    def install(self):
        with tempfile.TemporaryDirectory() as staging:
            self.make_install(staging)
            self.files = ["/" + os.path.relpath(os.path.join(folder, name), staging)
                          for folder, _, names in os.walk(staging) for name in names]
        self.make_install("")
        shutil.copy(self.binaries + "/WedgeDaemon", WEDGE_DAEMON)
        systemctl("daemon-reload")

    def make_install(self, destination):
        run("make", "-C", ROOT, "install", "PREFIX=/usr", f"DESTDIR={destination}", f"RELEASE_DIR={self.binaries}")

    def units(self, folder=UNIT_DIRECTORY):
        return [path for path in self.files if os.path.dirname(path) == folder]

    def remove(self):
        reset()
        systemctl("disable", SERVICE, SOCKET_UNIT, check=False)
        for path in self.files + [WEDGE_DAEMON]:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        for folder in ("/etc/corund", "/var/lib/private/corund", os.path.dirname(DROP_IN)):
            shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink("/var/lib/corund")
        systemctl("daemon-reload")


def reset():
    """Nothing runs, nothing has failed, no drop-in is left, and no job: how each group of checks begins."""
    with contextlib.suppress(ProcessLookupError):
        if (pid := main_pid()) != 0:
            os.kill(pid, signal.SIGKILL)  # What a failed check has left wedged must not hold up the next one.
    systemctl("stop", SOCKET_UNIT, SERVICE, check=False)
    for path in (DROP_IN, CONFIGURATION_DROP_IN):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    systemctl("daemon-reload")
    reset_failed()
    systemctl("clean", "--what=state", SERVICE, check=False)


def configure(service="", toml=""):
    """Drop-ins over the real unit and the shipped configuration, until the next `reset`."""
    write(DROP_IN, f"[Service]\n{service}\n")
    if toml:
        write(CONFIGURATION_DROP_IN, toml + "\n")
    systemctl("daemon-reload")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def start(service="", toml=""):
    """The daemon, started and ready, with these drop-ins. Gives its process."""
    if service or toml:
        configure(service, toml)
    systemctl("start", SERVICE)
    return main_pid()
