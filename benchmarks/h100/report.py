"""What a run of the GPU tests prints, and its end if a kernel hangs."""

import os
import threading
import time

# Far more than any test of one kernel takes.
HANG_SECONDS = 60


class Watchdog:
    """Ends the program, with the name of what it was at, if a kernel hangs.

    A kernel that waits for ever holds the thread that waits for it, so only
    another thread can still say which kernel that is.
    """

    def __init__(self):
        self.what, self.since = "", time.time()
        threading.Thread(target=self._watch, daemon=True).start()

    def begin(self, what):
        # In this order: the other thread must not see it with an old time.
        self.since = time.time()
        self.what = what

    def end(self):
        self.what = ""

    def _watch(self):
        while True:
            time.sleep(1)
            if self.what and time.time() - self.since > HANG_SECONDS:
                print(f"{self.what}: no end after {HANG_SECONDS} s", flush=True)
                os._exit(3)


class Table:
    """Prints one line a test group, and counts."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def row(self, name, cases, problems_found, seconds, note=""):
        failed = len(problems_found)
        self.passed += cases - failed
        self.failed += failed
        state = "ok" if not failed else f"{failed} FAILED"
        print(f"| {name} | {cases} | {state} | {seconds:.1f} s | {note} |", flush=True)
        for problem in problems_found[:10]:
            print(f"|   {problem} | | | | |", flush=True)

    def skip(self, name, reason):
        self.skipped += 1
        print(f"| {name} | 0 | skipped | | {reason} |", flush=True)
