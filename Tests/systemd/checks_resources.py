"""What the programs of jobs may use, and what becomes of the daemon when they take all of it."""
from machine import echo, end_of, ended, get, is_echo, main_pid, show, start, submit, wait_for

COMMANDS = r"""
[commands.hog]
argv = ["/usr/bin/tail", "/dev/zero"]
[commands.hold]
argv = ["/bin/sleep", "60"]
[commands.nibble]
argv = ["/usr/bin/python3", "-c", "taken = bytes(range(256)) * (8 << 12); import time; time.sleep(1)"]
[commands.score]
argv = ["/bin/sh", "-c", "sleep 0.5; cat /proc/self/oom_score_adj"]
[commands.look]
argv = ["/bin/cat", "/proc/self/net/dev"]
"""
MEMORY_MAX = 64 << 20
# Programs of some 16 MiB.
NIBBLES = 12
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


def memory_ends_by_little_and_little(report, _):
    """None of the programs is as large as the daemon."""
    pid = start(f"MemoryMax={MEMORY_MAX}\nMemorySwapMax=0", COMMANDS)
    with open(f"/proc/{pid}/oom_score_adj") as file:
        own = int(file.read())
    score = int(ended(submit("score"))["result"]["stdout"])
    report.equal("where memory ends programs go before the daemon", score, own + 500)
    ends = [end_of(job) for job in [submit("nibble") for _ in range(NIBBLES)]]
    report.equal("many small programs take all memory: some of them are killed, others succeed", set(ends),
                 {("failed", "Signalled"), ("succeeded", None)})
    report.equal("and the daemon lives", (main_pid(), show("NRestarts")), (pid, "0"))


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


GROUPS = [memory_ends, memory_ends_by_little_and_little, tasks_end, no_network]
