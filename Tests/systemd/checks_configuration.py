"""A configuration that is wrong."""
from machine import (
    CONFIGURATION_DROP_IN, SERVICE, SOCKET_UNIT, configure, connect, echo, is_echo, journal_time, messages, own_entries,
    reset, show, systemctl, wait_for)

WRONG = "# a comment\ndrain-timout = \"1s\""
CONFIGURATION_STATUS = "78"


def start_fails(report, _):
    configure(toml=WRONG)
    since = journal_time()
    result = systemctl("start", SERVICE, check=False)
    report.check("start fails", result.returncode != 0, result)
    wait_for(lambda: show("ActiveState") == "failed", 5)
    report.equal("with status 78, and is not tried again",
                 show("ActiveState", "ExecMainStatus", "NRestarts", "Result"), {
                     "ActiveState": "failed", "ExecMainStatus": CONFIGURATION_STATUS, "NRestarts": "0",
                     "Result": "exit-code"})
    place = f"{CONFIGURATION_DROP_IN}:2: drain-timout: "
    report.check("systemctl status says what is wrong", place in systemctl("status", SERVICE, check=False).stdout,
                 show("StatusText"))
    told = messages(own_entries(since))
    report.check("the journal names file, line and key",
                 any(line.startswith(f"corund: {place}") for line in told), told)
    reset()
    systemctl("start", SERVICE)
    report.check("once it is right, start succeeds", is_echo(echo()))


def activation_gives_up(report, _):
    """A waiting client makes systemd start the service over and over; that has an end, and there is a way back."""
    configure(toml=WRONG)
    systemctl("start", SOCKET_UNIT)
    with connect() as client:
        gave_up = wait_for(lambda: show("ActiveState", unit=SOCKET_UNIT) == "failed", 30)
        report.check("activation with a wrong configuration ends", gave_up, show("ActiveState", unit=SOCKET_UNIT))
        report.equal("by the limit of the service's starts",
                     show("Result", unit=SOCKET_UNIT), "service-start-limit-hit")
        report.equal("a client that waited is let go", hang_up(client), None)
    report.equal("the next finds no daemon", refusal(), "FileNotFoundError")
    reset()
    systemctl("start", SOCKET_UNIT)
    report.check("reset-failed and start bring both back", is_echo(echo()))


def hang_up(client):
    try:
        return client.receive()
    except ConnectionError:
        return None


def refusal():
    try:
        connect().close()
    except OSError as error:
        return type(error).__name__


GROUPS = [start_fails, activation_gives_up]
