"""Where replicates are computed: in this process, in several, or on a cluster, always with the same numbers.

A runner takes a task and the ranges of replicate numbers to compute, and yields the task's answer for each range,
in order, as far as somebody asks. It decides where and when, never what: every number has its own random stream.
"""

import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from itertools import islice
from multiprocessing import get_context
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

Floats = NDArray[np.float64]
Task = Callable[[range], Floats]
Runner = Callable[[Task, Sequence[range]], Iterator[Floats]]

_ALLOWED_THREADS: ContextVar[int | None] = ContextVar("allowed threads", default=None)


class RunFailed(RuntimeError):
    """Replicates could not be computed by a worker; the message says which ones and why."""


def kernel_threads() -> int:
    """Threads that the kernel may use here: as many as it was limited to, else one per usable processor."""
    return _ALLOWED_THREADS.get() or _usable_processors()


@contextmanager
def limited_to(threads: int) -> Iterator[None]:
    """Within, `kernel_threads()` is `threads`."""
    _check_positive("threads", threads)
    before = _ALLOWED_THREADS.set(threads)
    try:
        yield
    finally:
        _ALLOWED_THREADS.reset(before)


def threads(count: int | None = None) -> Runner:
    """One part after the other in this process; the kernel spreads each over `count` threads.

    Without `count`, over one thread per processor that this process may use.
    """
    if count is not None:
        _check_positive("count", count)

    def run(task: Task, parts: Sequence[range]) -> Iterator[Floats]:
        for part in parts:
            yield _compute(task, part, count or kernel_threads())

    return run


def processes(workers: int) -> Runner:
    """Parts side by side in `workers` new processes of one thread each.

    The task travels once to each worker. At most two parts per worker are under way; when nobody asks for more,
    those that have not begun never do. A script that calls this needs `if __name__ == "__main__":`. RunFailed says
    what went wrong in a worker.
    """
    _check_positive("workers", workers)

    def run(task: Task, parts: Sequence[range]) -> Iterator[Floats]:
        with ProcessPoolExecutor(workers, get_context("spawn"), _receive, (task,)) as pool:
            try:
                yield from _side_by_side(pool, parts, at_once=2 * workers)
            except BrokenProcessPool as error:
                raise RunFailed(
                    "A worker ended without an answer: it had too little memory, could not load the task, or the "
                    'calling script lacks `if __name__ == "__main__":`.'
                ) from error
            finally:
                pool.shutdown(cancel_futures=True)

    return run


def spark(session: "SparkSession", at_once: int = 64) -> Runner:
    """Parts as the partitions of a job on a cluster, through Spark Connect; one thread per part.

    The parts go in jobs of `at_once`, best a multiple of the cluster's processors: the next job begins only when
    somebody asks for more. The task travels with each job, in one message of 128 MB at most. The workers need this
    package in the same version. RunFailed says what went wrong in a worker or on the way.
    """
    _check_positive("at_once", at_once)

    def run(task: Task, parts: Sequence[range]) -> Iterator[Floats]:
        for first in range(0, len(parts), at_once):
            yield from _as_one_job(session, task, parts[first : first + at_once])

    return run


def _usable_processors() -> int:
    if hasattr(os, "sched_getaffinity"):  # Linux only; a container may use fewer processors than there are
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _check_positive(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name} must be 1 or more, got {value}.")


def _compute(task: Task, part: range, count: int) -> Floats:
    with limited_to(count):
        return task(part)


_received: list[Task] = []  # by a worker process, once


def _receive(task: Task) -> None:
    _received.append(task)


def _compute_received(part: range) -> Floats:
    return _compute(_received[0], part, 1)


def _side_by_side(pool: ProcessPoolExecutor, parts: Sequence[range], at_once: int) -> Iterator[Floats]:
    waiting = iter(parts)
    begun: deque[tuple[range, Future[Floats]]] = deque()
    while True:
        begun.extend(
            (part, pool.submit(_compute_received, part)) for part in islice(waiting, at_once - len(begun))
        )
        if not begun:
            return
        yield _answer(*begun.popleft())


def _answer(part: range, future: Future[Floats]) -> Floats:
    try:
        return future.result()
    except BrokenProcessPool:
        raise  # it says nothing of this part
    except Exception as error:
        raise RunFailed(f"{_called(part)} failed: {_plainly(error)}") from error


def _as_one_job(session: "SparkSession", task: Task, parts: Sequence[range]) -> Iterator[Floats]:
    """One row per partition; rows come back in any order."""
    try:
        answers = session.range(0, len(parts), numPartitions=len(parts)).mapInArrow(
            partial(_compute_rows, task, parts), "part long, maxima array<double>, failure string"
        )
        rows = sorted(answers.collect(), key=lambda row: int(row.part))
    except Exception as error:
        all_parts = range(parts[0].start, parts[-1].stop)
        raise RunFailed(f"{_called(all_parts)} failed on the cluster: {_last_words(error)}") from error
    for row in rows:
        if row.failure is not None:
            raise RunFailed(f"{_called(parts[row.part])} failed: {row.failure}")
        yield np.array(row.maxima, np.float64)


def _compute_rows(
    task: Task, parts: Sequence[range], batches: "Iterator[pa.RecordBatch]"
) -> "Iterator[pa.RecordBatch]":
    import pyarrow as pa  # only a cluster's worker needs it

    for number in (number for batch in batches for number in batch.column(0).to_pylist()):
        maxima, failure = _attempt(task, parts[number])
        row = {
            "part": pa.array([number], pa.int64()),
            "maxima": pa.array([maxima], pa.list_(pa.float64())),
            "failure": pa.array([failure], pa.string()),
        }
        yield pa.RecordBatch.from_pydict(row)


def _attempt(task: Task, part: range) -> tuple[Floats | None, str | None]:
    """A failure is an answer like any other: a cluster would try again what must fail again."""
    try:
        return _compute(task, part, 1), None
    except Exception as error:
        return None, _plainly(error)


def _called(part: range) -> str:
    return f"Replicates {part[0]} to {part[-1]}"


def _plainly(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _last_words(error: Exception) -> str:
    """The line in which a cluster says what happened: above it stands a Python trace, below it a Java one."""
    report = re.split(r"SQLSTATE:|(?:Driver|JVM) stacktrace:", str(error))[0]
    lines = [line.strip() for line in report.splitlines() if any(map(str.isalpha, line))]
    return lines[-1] if lines else type(error).__name__
