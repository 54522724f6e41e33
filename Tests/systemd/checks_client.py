"""The command-line client, against the system's daemon."""
import json

from machine import CLIENT, SOCKET_UNIT, main_pid, run, systemctl


def client(report, _):
    if "health" not in run(CLIENT, "--help", check=False).stdout:
        return report.figure("corund-ctl", "has no commands yet, not checked")
    systemctl("start", SOCKET_UNIT)
    result = run(CLIENT, "run", "echo", json.dumps({"value": 1}), check=False)
    report.check("corund-ctl starts the daemon by its socket, and prints the result",
                 result.returncode == 0 and json.loads(result.stdout) == {"value": 1}, result)
    report.equal("health is good", run(CLIENT, "health", check=False).returncode, 0)
    report.equal("a job that fails is status 1", run(CLIENT, "run", "fail", check=False).returncode, 1)
    report.check("the daemon runs on", main_pid() > 0)
    systemctl("stop", SOCKET_UNIT, "corund.service")
    report.equal("with no socket there is status 69", run(CLIENT, "health", check=False).returncode, 69)


GROUPS = [client]
