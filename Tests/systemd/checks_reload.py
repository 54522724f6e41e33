"""The configuration is read again while the daemon runs."""
from machine import (
    CONFIGURATION_DROP_IN, JOBS, SERVICE, call, configure, echo, is_echo, journal_time, main_pid, messages, own_entries,
    show, start, systemctl, wait_for)

COMMAND = '[commands.say]\nargv = ["/bin/echo", "hello"]'


def said():
    return call(JOBS + "Run", job="say").get("parameters", {}).get("result", {}).get("stdout")


def good(report, _):
    before = start()
    configure(toml=COMMAND)
    result = systemctl("reload", SERVICE, check=False)
    report.equal("systemctl reload succeeds", (result.returncode, result.stderr), (0, ""))
    # When it returns, the new configuration is in force: this is the first call after it.
    report.equal("and then a new command is there", said(), "hello\n")
    report.equal("the unit is active, with the same process", (show("ActiveState"), main_pid()), ("active", before))


def bad(report, _):
    before = start(toml=COMMAND)
    since = journal_time()
    configure(toml="# a comment\ndrain-timout = \"1s\"")
    result = systemctl("reload", SERVICE, check=False)
    report.check("systemctl reload fails with a wrong configuration", result.returncode != 0, result)
    report.equal("the unit is active, with the same process", (show("ActiveState"), main_pid()), ("active", before))
    place = f"{CONFIGURATION_DROP_IN}:2: drain-timout: unknown key"
    told = messages(own_entries(since))
    report.check("the journal says where and why", any(line.startswith(place) for line in told), told)
    report.equal("the old configuration is in force", said(), "hello\n")


def by_signal(report, _):
    before = start()
    since = journal_time()
    configure(toml=COMMAND)
    systemctl("kill", "--kill-whom=main", "--signal=HUP", SERVICE)
    told = wait_for(lambda: [line for line in messages(own_entries(since)) if line.startswith("configuration read")])
    report.equal("SIGHUP reads it too", told, ["configuration read: commands.say"])
    report.check("and the daemon goes on", is_echo(echo()) and main_pid() == before)


GROUPS = [good, bad, by_signal]
