"""The unit files themselves."""
import os
import re

from machine import SERVICE, SOCKET_UNIT, UNIT_DIRECTORY, USER_UNIT_DIRECTORY, run, systemctl

HIGHEST_EXPOSURE = 1.5


def files_are_clean(report, installation):
    for manager, folder in (("--system", UNIT_DIRECTORY), ("--user", USER_UNIT_DIRECTORY)):
        result = run("env", "XDG_RUNTIME_DIR=/run", "systemd-analyze", manager, "verify", "--man=no",
                     "--recursive-errors=yes", *installation.units(folder), check=False)
        output = result.stdout + result.stderr
        report.check(f"systemd-analyze {manager} verify has nothing to say", result.returncode == 0 and not output,
                     output)


def exposure_is_low(report, _):
    threshold = str(round(HIGHEST_EXPOSURE * 10))
    for unit in (SERVICE, "corund@.service", "corund-submit@.service"):
        result = run("systemd-analyze", "security", "--offline=true", f"--threshold={threshold}", "--no-pager",
                     f"{UNIT_DIRECTORY}/{unit}", check=False)
        report.check(f"{unit}: security exposure is at most {HIGHEST_EXPOSURE}", result.returncode == 0,
                     result.stdout[-300:])
        report.figure(f"{unit}: security exposure", re.findall(r"\d\.\d", result.stdout.splitlines()[-1])[0])


def enable_starts_at_boot(report, _):
    systemctl("enable", SERVICE)
    links = ["multi-user.target.wants/" + SERVICE, "sockets.target.wants/" + SOCKET_UNIT]
    missing = [link for link in links if not os.path.islink("/etc/systemd/system/" + link)]
    report.equal("enabling the service enables its socket too", missing, [])
    systemctl("disable", SERVICE)
    left = [link for link in links if os.path.islink("/etc/systemd/system/" + link)]
    report.equal("and disabling it leaves nothing enabled", left, [])


GROUPS = [files_are_clean, exposure_is_low, enable_starts_at_boot]
