"""Times a list of kernel files, each checked first, in workers of their own.

A worker takes one kernel file after the other; when one makes it hang or fail,
it is ended and the next kernel gets a new worker. So a broken schedule costs
its time limit and nothing else.
"""

import json
import os
import queue
import subprocess
import sys
import threading

CHECK_LENGTHS = ((512, 512), (1000, 1000), (129, 700))


class Worker:
    """A process that runs `h100.py sweep-worker`."""

    def __init__(self, arguments):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "h100.py")
        self.process = subprocess.Popen(
            [sys.executable, script, "sweep-worker"] + arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.answers = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        # Starting up is not the first kernel's time.
        self.ready = self.answer(120) is not None

    def _read(self):
        for line in self.process.stdout:
            if line.startswith("{"):
                self.answers.put(line)
        self.answers.put(None)

    def answer(self, seconds):
        """The next answer, or None if there is none in time."""
        try:
            line = self.answers.get(timeout=seconds)
        except queue.Empty:
            return None
        return json.loads(line) if line else None

    def run(self, entry, seconds):
        self.process.stdin.write(json.dumps(entry) + "\n")
        self.process.stdin.flush()
        return self.answer(seconds)

    def end(self):
        self.process.kill()
        self.process.wait()


def worker_main(runtime, options):
    """Reads specs from standard input, answers each with a line of JSON."""
    import torch

    import bench
    import checking
    import clock
    import problems
    import specs

    counter = clock.CycleCounter(runtime)
    print("{}", flush=True)
    for line in sys.stdin:
        entry = json.loads(line)
        spec = specs.Spec(**{**entry, "mask": tuple(entry["mask"])})
        answer = {"name": spec.name, "cases": {}}
        try:
            kernel = runtime.load(os.path.join(options.kernels, spec.name + ".sak"))
            for query_length, key_length in CHECK_LENGTHS:
                shape = problems.Shape(1, 2, 1, query_length, key_length)
                outcome = checking.run_and_judge(kernel, spec, shape)
                if outcome.problem:
                    raise ValueError(f"{shape.text()}: {outcome.problem}")
            for length in options.lengths:
                case = bench.Case(
                    spec.head_dim, 1024 * length, spec.mask, "bhsd", options.spread
                )
                problem = problems.Problem(spec, case.shape())
                call = kernel.bind(problem.values(kernel))
                stream = torch.cuda.current_stream().cuda_stream
                contestant = bench.Contestant(
                    spec.name, lambda call=call: call(stream), case.flops
                )
                contestant.calibrate()
                contestant.launches = max(1, contestant.launches // 3)
                for _ in range(options.rounds):
                    contestant.measure(counter)
                answer["cases"][case.name] = [
                    sorted(contestant.rates)[options.rounds // 2],
                    max(contestant.utilisations),
                ]
        except Exception as error:  # pylint: disable=broad-except
            # A failed launch leaves the context unusable: say so and end.
            answer["problem"] = str(error).splitlines()[0]
            print(json.dumps(answer), flush=True)
            return 1
        print(json.dumps(answer), flush=True)
    return 0


def main(options, entries, worker_arguments):
    """Runs every kernel; prints failures, then a table for each case."""
    worker, results, failures = None, [], 0
    for entry in entries:
        if worker is None:
            worker = Worker(worker_arguments)
        if not worker.ready:
            print("a worker does not start", flush=True)
            worker.end()
            return 1
        answer = worker.run(entry, options.timeout)
        if answer is None or "problem" in answer:
            worker.end()
            worker = None
            failures += 1
            problem = answer["problem"] if answer else "no answer in time, or a crash"
            print(f"FAILED {entry['name']}: {problem}", flush=True)
            continue
        results.append((entry, answer))
        print(json.dumps(answer), flush=True)
    if worker:
        worker.end()
    print_tables(results)
    return 1 if failures and not results else 0


def print_tables(results):
    cases = sorted({case for _, answer in results for case in answer["cases"]})
    for case in cases:
        print(f"\n| {case} | TFLOP/s | utilisation | schedule |\n| --- | --- | --- | --- |")
        rows = [
            (answer["cases"][case], entry)
            for entry, answer in results
            if case in answer["cases"]
        ]
        # By utilisation: the power state of the moment does not move it.
        for (rate, usage), entry in sorted(rows, key=lambda row: -row[0][1]):
            schedule = entry["schedule"] or entry["options"] or "default"
            print(f"| {entry['name']} | {rate:.0f} | {100 * usage:.1f}% | {schedule} |")
