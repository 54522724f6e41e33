"""The unit files themselves."""
import os
import re

from machine import SERVICE, SOCKET_UNIT, UNIT_DIRECTORY, USER_UNIT_DIRECTORY, run, systemctl

HIGHEST_EXPOSURE = 1.5
SANDBOXED = (SERVICE, "corund@.service", "corund-submit@.service")
# What the daemon allows itself for flushing and closing, beyond what is configured.
MARGIN_SECONDS = 15


def files_are_clean(report, installation):
    for manager, folder in (("--system", UNIT_DIRECTORY), ("--user", USER_UNIT_DIRECTORY)):
        result = run("env", "XDG_RUNTIME_DIR=/run", "systemd-analyze", manager, "verify", "--man=no",
                     "--recursive-errors=yes", *installation.units(folder), check=False)
        output = result.stdout + result.stderr
        report.check(f"systemd-analyze {manager} verify has nothing to say", result.returncode == 0 and not output,
                     output)


def exposure_is_low(report, _):
    threshold = str(round(HIGHEST_EXPOSURE * 10))
    for unit in SANDBOXED:
        result = run("systemd-analyze", "security", "--offline=true", f"--threshold={threshold}", "--no-pager",
                     f"{UNIT_DIRECTORY}/{unit}", check=False)
        report.check(f"{unit}: security exposure is at most {HIGHEST_EXPOSURE}", result.returncode == 0,
                     result.stdout[-300:])
        report.figure(f"{unit}: security exposure", re.findall(r"\d\.\d", result.stdout.splitlines()[-1])[0])


def what_is_open_is_explained(report, _):
    for unit in SANDBOXED:
        path = f"{UNIT_DIRECTORY}/{unit}"
        result = run("systemd-analyze", "security", "--offline=true", "--no-pager", path, check=False)
        settings = {re.split(r"[=\s]", line[2:])[0] for line in result.stdout.splitlines() if line.startswith("✗")}
        with open(path) as file:
            comments = "".join(line for line in file if line.startswith("#"))
        unexplained = sorted(name for name in settings if name + "=" not in comments)
        report.equal(f"{unit}: what it leaves open is explained beside it", unexplained, [])


def stop_takes_what_is_configured(report, _):
    """The daemon asks for more time when it needs it, but a unit should not count on that."""
    for folder, configuration in ((UNIT_DIRECTORY, "/etc/corund/corund.toml"), (USER_UNIT_DIRECTORY, "/dev/null")):
        with open(f"{folder}/{SERVICE}") as file:
            limit = seconds(re.search("^TimeoutStopSec=(.*)$", file.read(), re.MULTILINE)[1])
        printed = run("/usr/bin/corund", "--config", configuration, "--print-config").stdout
        needed = sum(seconds(re.search(f'^{key} = "(.*)"$', printed, re.MULTILINE)[1])
                     for key in ("drain-timeout", "cancel-grace", "pool-timeout"))
        report.equal(f"{folder}: TimeoutStopSec= is what {configuration} needs", limit, needed + MARGIN_SECONDS)


def seconds(span):
    return int(re.search(r"μs: (\d+)", run("systemd-analyze", "timespan", span).stdout)[1]) / 1e6


def enable_starts_at_boot(report, _):
    systemctl("enable", SERVICE)
    links = ["multi-user.target.wants/" + SERVICE, "sockets.target.wants/" + SOCKET_UNIT]
    missing = [link for link in links if not os.path.islink("/etc/systemd/system/" + link)]
    report.equal("enabling the service enables its socket too", missing, [])
    systemctl("disable", SERVICE)
    left = [link for link in links if os.path.islink("/etc/systemd/system/" + link)]
    report.equal("and disabling it leaves nothing enabled", left, [])


GROUPS = [
    files_are_clean, exposure_is_low, what_is_open_is_explained, stop_takes_what_is_configured, enable_starts_at_boot,
]
