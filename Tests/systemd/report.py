"""What the checks found, a line for each."""
import traceback


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, promise, holds, got=None):
        """Counts a promise; `got` is shown when it does not hold."""
        if holds:
            self.passed += 1
            print(f"ok      {promise}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED  {promise}" + ("" if got is None else f": {got!r}"), flush=True)

    def equal(self, promise, got, expected):
        self.check(promise, got == expected, {"got": got, "expected": expected})

    def figure(self, what, value):
        """Something measured, which is not judged."""
        print(f"figure  {what}: {value}", flush=True)

    def crashed(self, group):
        """A group of checks that did not reach its end has failed, whatever it had checked."""
        self.check(f"{group}: runs to its end", False, traceback.format_exc(limit=-3).strip())

    def summary(self):
        return f"{self.passed} passed, {self.failed} failed"
