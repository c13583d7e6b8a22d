"""Whole processes measured from outside: wall seconds, CPU seconds and peak memory of the process tree."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process."""

    wall_s: float
    cpu_s: float
    peak_mb: float  # resident, summed over the process and its children at the same moment


def run(command: Sequence[str], *, env: dict[str, str] | None = None) -> Run:
    """Run a command to its end.

    Raises:
        RuntimeError: the command failed; holds the end of what it printed.
    """
    with tempfile.TemporaryFile("w+") as log:
        start = time.perf_counter()
        process = subprocess.Popen(list(command), stdout=log, stderr=subprocess.STDOUT, env=os.environ | (env or {}))
        peak = 0.0
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            peak = max(peak, _tree_mb(process.pid))
            time.sleep(POLL_SECONDS)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            raise RuntimeError(f"{' '.join(command)} exited with {process.returncode}:\n{log.read()[-2000:]}")
    return Run(wall, usage.ru_utime + usage.ru_stime, peak)  # its ru_maxrss begins at the size of this process


def median_runs(jobs: dict[str, Callable[[], Run]], *, rounds: int) -> tuple[dict[str, Run], dict[str, str]]:
    """Run all jobs in turn, one warm-up round and then `rounds` counted ones.

    Taking turns spreads the drift of a shared machine evenly over the jobs. Returns the medians per job, and for jobs
    that failed the last line of what they said.
    """
    results: dict[str, list[Run]] = {name: [] for name in jobs}
    failed: dict[str, str] = {}
    for counted in [False] + [True] * rounds:
        for name in [name for name in jobs if name not in failed]:
            try:
                result = jobs[name]()
            except RuntimeError as error:
                failed[name] = str(error).strip().splitlines()[-1]
                continue
            if counted:
                results[name].append(result)
    medians = {
        name: Run(
            *(statistics.median(values) for values in zip(*((r.wall_s, r.cpu_s, r.peak_mb) for r in runs), strict=True))
        )
        for name, runs in results.items()
        if name not in failed
    }
    return medians, failed


def _tree_mb(root: int) -> float:
    """Resident memory of a process and its descendants, MB (Linux; 0 elsewhere)."""
    total, todo = 0.0, [root]
    while todo:
        pid = todo.pop()
        base = Path(f"/proc/{pid}")
        try:
            total += int((base / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
            for task in (base / "task").iterdir():
                todo += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, ValueError):
            continue  # it ended between two looks
    return total
