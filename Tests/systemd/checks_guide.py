"""The operator's guide, from its first command to its last, on a machine without corund."""
import os
import re
import shutil
import subprocess

import guide
from checks_package import accounts_put_back, services_allowed
from machine import ROOT, run, systemctl, write

FOLDER = ROOT + "/docs/operators"
USER = "ada"


def pages():
    with open(FOLDER + "/README.md") as index:
        return re.findall(r"\]\(([a-z-]+\.md)\)", index.read())


def as_a_reader_does(report, package):
    home = f"/home/{USER}"
    run("useradd", "--create-home", "--home-dir", home, USER)
    shutil.copy(package, "/root")
    written = ["/root/" + os.path.basename(package), "/root/variables"]
    try:
        with services_allowed(), accounts_put_back():
            texts = {page: read(page) for page in pages()}
            for page, text in texts.items():
                follow(report, page, guide.steps(text), home, written)
            everything = guide.shown(step for text in texts.values() for step in guide.steps(text))
            for page, text in texts.items():
                for command in sorted(guide.mentioned(text)):
                    report.check(f"{page}: {command} is run somewhere", command in everything)
    finally:
        run("dpkg", "--purge", "corund", check=False)
        for path in written + ["/etc/corund"]:
            shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else remove(path)
        run("userdel", "--remove", USER, check=False)
        systemctl("daemon-reload")


def read(page):
    with open(f"{FOLDER}/{page}") as file:
        return file.read()


def remove(path):
    if os.path.exists(path):
        os.remove(path)


def follow(report, page, steps, home, written):
    for step in steps:
        if isinstance(step, guide.File):
            written.append(step.path)
            write(step.path, step.content)
            continue
        status, printed = perform(step, home)
        report.check(f"{page}: {step.prompt} {step.text}", status == 0 and guide.prints(step.output, printed),
                     {"status": status, "printed": printed, "expected": step.output})


def perform(command, home):
    # What a reader keeps in `id` is there for the commands after it.
    script = f'. ./variables 2>/dev/null; {{ {command.text}\n}}; status=$?; declare -p id 2>/dev/null >variables; exit $status'
    shell = ["bash", "-c", script]
    user = [] if command.prompt == "#" else ["runuser", "--user", USER, "--"]
    # A stranger's language and tokens of this machine would be in the way.
    environment = {"PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    result = subprocess.run(user + shell, cwd=home if user else "/root", env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, timeout=120)
    return result.returncode, result.stdout


GROUPS = [as_a_reader_does]
