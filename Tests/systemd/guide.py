"""Reads the operator's guide: the commands that it shows, and the files that it has one write.

A block ```console has commands behind the prompts # (root) and $ (a user), each followed by what it prints, in which …
stands for anything, and a line … for any lines. A command without output may print what it likes. A block of another
language is a file if the paragraph before it ends with `/its/path`:
"""
import collections
import re

Command = collections.namedtuple("Command", "prompt text output")
File = collections.namedtuple("File", "path content")

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"`(/[^`]+)`:\n\n\Z")
INLINE = re.compile(r"`([^`\n]+)`")
PROGRAMS = ("corund-ctl", "corund", "systemctl", "journalctl")


def steps(page):
    """What a reader does, in order."""
    found = []
    for block in BLOCK.finditer(page):
        language, content = block.groups()
        path = PATH.search(page[:block.start()])
        if language == "console":
            found += commands(content)
        elif path:
            found.append(File(path[1], content))
    return found


def commands(session):
    found = []
    for line in session.splitlines():
        if line[:2] in ("# ", "$ "):
            found.append(Command(line[0], line[2:], []))
        else:
            found[-1].output.append(line)
    return found


def prints(expected, got):
    """Whether a command has printed what the guide shows."""
    if not expected:
        return True
    pattern = "".join("(?:.*\n)*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + "\n"
                      for line in expected)
    return re.fullmatch(pattern, got) is not None


def mentioned(page):
    """Commands of ours in the running text and in tables, by their first two words."""
    text = BLOCK.sub("", page)
    spans = (span.split() for span in INLINE.findall(text))
    return {" ".join(words[:2]) for words in spans if len(words) > 1 and words[0] in PROGRAMS}


def shown(steps_of_all_pages):
    """The text of all commands that are run."""
    return "\n".join(step.text for step in steps_of_all_pages if isinstance(step, Command))
