#!/usr/bin/env python3
"""Runs the project's tests and counts them.

    check.py [--build-dir DIR] [SUITE ...]

Suites: lit (test/), unit (GoogleTest programs under unittests/), python
(python/tests). Without a name all of them run. Everything that failed or was
skipped is listed with its reason; the last line is
`N passed, N failed, N skipped` over all suites, and the exit status is 1 if a
test failed or none ran.
"""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(SOURCE, "test"))
from machine import FEATURES  # noqa: E402

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
UNIT_TEST_LIMIT_S = 1800
LIT_OUTCOMES = {
    "PASS": PASSED,
    "FLAKYPASS": PASSED,
    "XFAIL": PASSED,
    "UNSUPPORTED": SKIPPED,
    "SKIPPED": SKIPPED,
    "EXCLUDED": SKIPPED,
}
# How lit introduces the features that skipped a test, and how we do.
LIT_SKIPS = {
    "unavailable features:": "needs",
    "following features and/or targets:": "not for",
}


class Result:
    """One test: its name, outcome, and why it failed or was skipped."""

    def __init__(self, name, outcome, reason=""):
        self.name, self.outcome, self.reason = name, outcome, reason


def run_lit(args):
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "lit.json")
        command = [
            args.config["python"],
            os.path.join(args.build_dir, args.config["llvm_bin"], "lit"),
            "-sv",
            "--no-progress-bar",
            f"-j{args.jobs}",
            "--output",
            report,
            os.path.join(args.build_dir, "test"),
        ] + (["--filter", args.filter] if args.filter else [])
        status = subprocess.run(command, stdout=sys.stderr).returncode
        if not os.path.exists(report):
            return [Result("lit", FAILED, f"no report, exit status {status}")]
        with open(report) as file:
            tests = json.load(file)["tests"]
    results = []
    for test in tests:
        outcome = LIT_OUTCOMES.get(test["code"], FAILED)
        results.append(Result(test["name"], outcome, lit_reason(test)))
    return results


def lit_reason(test):
    """What lit says of a test that did not pass, in one line."""
    output = test["output"].strip()
    for phrase, verb in LIT_SKIPS.items():
        if phrase in output:
            names = [name.strip() for name in output.split(phrase, 1)[1].split(",")]
            return f"{verb} " + ", ".join(FEATURES.get(name, name) for name in names)
    return test["code"].lower()


def run_unit(args):
    programs = [
        os.path.join(args.build_dir, "unittests", name)
        for name in args.config["unit_tests"].split()
    ]
    if not programs:
        return [Result("unittests", SKIPPED, "GoogleTest was not found (libgtest-dev)")]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        runs = pool.map(lambda program: run_unit_program(program, args), programs)
        return [result for results in runs for result in results]


def run_unit_program(program, args):
    name = os.path.basename(program)
    started = time.time()
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.xml")
        command = [program, "--gtest_brief=1", f"--gtest_output=xml:{report}"]
        if args.filter:
            command.append(f"--gtest_filter=*{args.filter}*")
        try:
            run = subprocess.run(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=UNIT_TEST_LIMIT_S,
                cwd=folder,
                env=dict(os.environ, SIGMOID_ATTN_CACHE_DIR=os.path.join(folder, "cache")),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return [Result(name, FAILED, str(error))]
        results = read_gtest_report(name, report)
    failed = any(result.outcome == FAILED for result in results)
    if run.returncode and not failed:
        results.append(Result(name, FAILED, f"ended with status {run.returncode}"))
        failed = True
    if failed:
        sys.stderr.write(run.stdout.decode(errors="replace"))
    seconds = time.time() - started
    print(f"{name}: {len(results)} tests, {seconds:.1f} s", file=sys.stderr)
    return results


def read_gtest_report(program, report):
    """Results from a GoogleTest XML file; [] if the program left none."""
    if not os.path.exists(report):
        return []
    results = []
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = f"{program}: {case.get('classname')}.{case.get('name')}"
        failures = case.findall("failure")
        skips = case.findall("skipped")
        if case.get("status") == "notrun":
            # Not selected by the filter, or disabled in the source.
            if case.get("name").startswith("DISABLED_"):
                results.append(Result(name, SKIPPED, "disabled"))
        elif failures:
            results.append(Result(name, FAILED, first_line(failures[0].get("message"))))
        elif skips or case.get("result") == "skipped":
            message = skips[0].get("message") if skips else ""
            results.append(Result(name, SKIPPED, skip_message(message)))
        else:
            results.append(Result(name, PASSED))
    return results


def first_line(text):
    lines = (text or "").strip().splitlines()
    return lines[0] if lines else ""


def skip_message(text):
    """The words of GTEST_SKIP, which follow a line with its place in the code."""
    lines = [line for line in (text or "").strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "skipped"


UNITTEST_RUNNER = """
import json, sys, unittest
tests = unittest.defaultTestLoader.discover(sys.argv[1])
class Recorder(unittest.TextTestResult):
    rows = []
    def addSuccess(self, test):
        super().addSuccess(test); self.rows.append([test.id(), "passed", ""])
    def addFailure(self, test, error):
        super().addFailure(test, error); self.rows.append([test.id(), "failed", str(error[1])])
    addError = addFailure
    def addSkip(self, test, reason):
        super().addSkip(test, reason); self.rows.append([test.id(), "skipped", reason])
unittest.TextTestRunner(resultclass=Recorder).run(tests)
json.dump(Recorder.rows, open(sys.argv[2], "w"))
"""


def run_python(args):
    tests = os.path.join(SOURCE, "python", "tests")
    if not os.path.isdir(tests):
        return []
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        environment = dict(
            os.environ,
            SIGMOID_ATTN_BUILD_DIR=args.build_dir,
            SIGMOID_ATTN_CACHE_DIR=os.path.join(folder, "cache"),
        )
        if args.config.get("preload"):
            environment["LD_PRELOAD"] = args.config["preload"]
            # What Python leaks at exit is its own business.
            environment["ASAN_OPTIONS"] = "detect_leaks=0"
        run = subprocess.run(
            [args.config["python"], "-c", UNITTEST_RUNNER, tests, report],
            env=environment,
        )
        if not os.path.exists(report):
            return [Result("python/tests", FAILED, f"exit status {run.returncode}")]
        with open(report) as file:
            return [Result(*row) for row in json.load(file)]


def print_skipped(results):
    """Skipped tests, grouped by the reason they share."""
    by_reason = {}
    for result in results:
        if result.outcome == SKIPPED:
            by_reason.setdefault(result.reason, []).append(result.name)
    for reason, names in sorted(by_reason.items()):
        print(f"skipped, {reason}:")
        for name in names:
            print(f"  {name}")


def print_failed(results):
    for result in results:
        if result.outcome == FAILED:
            print(f"failed: {result.name}" + (f": {result.reason}" if result.reason else ""))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suites", nargs="*", choices=[[], *SUITES], metavar="SUITE")
    parser.add_argument("--build-dir", default=os.path.join(SOURCE, "build"))
    parser.add_argument("--filter", help="run only the tests whose name matches")
    parser.add_argument("--jobs", "-j", type=int, default=os.cpu_count())
    return parser.parse_args()


SUITES = {"lit": run_lit, "unit": run_unit, "python": run_python}


def main():
    args = parse_arguments()
    args.build_dir = os.path.abspath(args.build_dir)
    # Written by the configuration of the build, or by the bundle.
    with open(os.path.join(args.build_dir, "check.json")) as file:
        args.config = json.load(file)
    results = []
    for name in args.suites or SUITES:
        print(f"== {name}", file=sys.stderr, flush=True)
        results += SUITES[name](args)
    sys.stderr.flush()
    print_skipped(results)
    print_failed(results)
    counts = Counter(result.outcome for result in results)
    print(f"{counts[PASSED]} passed, {counts[FAILED]} failed, {counts[SKIPPED]} skipped")
    return 1 if counts[FAILED] or not counts[PASSED] else 0


if __name__ == "__main__":
    sys.exit(main())
