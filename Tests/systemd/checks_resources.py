"""What the programs of jobs may use, and what becomes of the daemon when they take all of it."""
from machine import echo, end_of, ended, get, is_echo, main_pid, show, start, submit, wait_for

COMMANDS = r"""
[commands.hog]
argv = ["/usr/bin/tail", "/dev/zero"]
[commands.hold]
argv = ["/bin/sleep", "60"]
[commands.look]
argv = ["/bin/cat", "/proc/self/net/dev"]
"""
MEMORY_MAX = 64 << 20
# With the daemon's own threads it leaves room for a few programs.
TASKS_MAX = 12


def memory_ends(report, _):
    pid = start(f"MemoryMax={MEMORY_MAX}\nMemorySwapMax=0", COMMANDS)
    other = submit("hold")
    report.equal("when memory ends, systemd does not stop all of the service", show("OOMPolicy"), "continue")
    record = ended(submit("hog"))
    report.equal("a program that takes all memory is killed, and its job has failed",
                 (record["state"], record["failure"]["kind"], record["result"]["signal"]),
                 ("failed", "Signalled", "SIGKILL"))
    report.equal("the daemon lives", (main_pid(), show("ActiveState"), show("NRestarts")), (pid, "active", "0"))
    report.equal("the other programs, too", get(other)["state"], "running")
    report.check("and it takes work", is_echo(echo()))


def tasks_end(report, _):
    pid = start(f"TasksMax={TASKS_MAX}\nWatchdogSec=2s", COMMANDS)
    holding = [submit("hold") for _ in range(TASKS_MAX)]
    failed = wait_for(lambda: [job for job in holding if get(job)["state"] == "failed"], 15)
    report.check("with TasksMax= reached, programs fail", failed, [get(job)["state"] for job in holding])
    report.equal("and say why", {end_of(job) for job in failed}, {("failed", "OutOfResources")})
    running = [job for job in holding if get(job)["state"] == "running"]
    report.check("others run", running)
    report.check("the daemon answers, and records", is_echo(echo()) and end_of(submit("echo"))[0] == "succeeded")
    report.equal("and lives", (main_pid(), show("NRestarts")), (pid, "0"))


def no_network(report, _):
    start(toml=COMMANDS)
    report.equal("the network is private", show("PrivateNetwork"), "yes")
    record = ended(submit("look"))
    names = [line.split(":")[0].strip() for line in record["result"]["stdout"].splitlines()[2:]]
    report.equal("a program runs, and sees no other interface than its own loopback", names, ["lo"])


GROUPS = [memory_ends, tasks_end, no_network]
