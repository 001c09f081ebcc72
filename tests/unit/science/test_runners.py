"""Replicates are the same numbers in this process, in several, and on a cluster."""

import os
import re
from functools import partial
from unittest.mock import Mock

import numpy as np
import pytest
from draws import Unloadable, count_threads, draw, draw_and_log, draw_but_fail, end_the_process

from throughline.science.scan import prospective_scan
from throughline.science.scan.runners import (
    RunFailed,
    kernel_threads,
    limited_to,
    processes,
    spark,
    threads,
)

PARTS = [range(5), range(5, 6), range(6, 20), range(20, 22), range(22, 30), range(30, 31)]
SINGLES = [range(number, number + 1) for number in range(40)]


@pytest.fixture(params=["threads", "processes", "spark"])
def run(request):
    match request.param:
        case "threads":
            return threads()
        case "processes":
            return processes(2)
        case "spark":
            return spark(request.getfixturevalue("spark_session"), at_once=4)


def test_every_runner_yields_one_array_per_part_in_order(run):
    answers = list(run(partial(draw, 7), PARTS))
    assert [answer.shape for answer in answers] == [(len(part),) for part in PARTS]
    np.testing.assert_array_equal(np.concatenate(answers), draw(7, range(31)))


def test_the_partition_makes_no_difference(run):
    coarse = np.concatenate(list(run(partial(draw, 7), [range(31)])))
    np.testing.assert_array_equal(coarse, draw(7, range(31)))


def test_a_scan_has_the_same_maxima_and_p_values_wherever_it_runs(run):
    random = np.random.default_rng(3)
    study = {
        "place": np.append(random.integers(0, 30, 200), [4] * 8),
        "interval": np.append(random.integers(0, 60, 200), [58, 59] * 4),
        "intervals": 60,
        "maximum_length": 7,
        "latitude": 41.6 + random.random(30),
        "longitude": -88.2 + random.random(30),
        "replicates": 99,
        "seed": 12,
    }
    here = prospective_scan(**study)
    there = prospective_scan(**study, run=run, replicates_per_task=15)
    np.testing.assert_array_equal(there.simulated_maxima, here.simulated_maxima)
    assert there.clusters == here.clusters
    assert here.clusters[0].p_value < 0.1


def test_no_parts_are_no_work(run):
    assert list(run(partial(draw, 7), [])) == []


def test_who_stops_asking_spares_the_rest(run, tmp_path):
    answers = run(partial(draw_and_log, tmp_path), SINGLES)
    first = [next(answers), next(answers)]
    answers.close()
    np.testing.assert_array_equal(np.concatenate(first), draw(1, range(2)))
    assert 2 <= len(list(tmp_path.iterdir())) <= 10


def test_in_this_process_nothing_is_computed_ahead(tmp_path):
    answers = threads()(partial(draw_and_log, tmp_path), SINGLES)
    assert list(tmp_path.iterdir()) == []
    next(answers)
    assert [path.name for path in tmp_path.iterdir()] == ["0"]


@pytest.mark.parametrize("run", ["processes", "spark"], indirect=True)
def test_what_fails_in_a_worker_is_told_in_one_sentence(run):
    with pytest.raises(RunFailed) as told:
        list(run(partial(draw_but_fail, 7), PARTS))
    assert str(told.value) == (
        "Replicates 6 to 19 failed: ZeroDivisionError: nothing is expected in replicate 7"
    )


def test_answers_before_a_failure_are_not_lost(run):
    answers = run(partial(draw_but_fail, 7), PARTS)
    np.testing.assert_array_equal(np.concatenate([next(answers), next(answers)]), draw(1, range(6)))
    with pytest.raises((RunFailed, ZeroDivisionError)):
        next(answers)


def test_a_worker_that_dies_is_told():
    with pytest.raises(RunFailed, match=r"^A worker ended without an answer: it had too little memory"):
        list(processes(1)(end_the_process, PARTS))


@pytest.mark.parametrize("run", ["processes", "spark"], indirect=True)
def test_a_task_that_workers_can_not_load_is_told(run):
    with pytest.raises(RunFailed) as told:
        list(run(Unloadable(), PARTS))
    assert re.fullmatch(
        r"A worker ended without an answer: .* could not load the task, .*"
        r"|Replicates 0 to 21 failed on the cluster: ModuleNotFoundError: .*of_tomorrow'",
        str(told.value),
    )


REPORTS = {
    "Apache Spark": """
An exception was thrown from the Python worker. Please see the stack trace below.
Traceback (most recent call last):
  File "<frozen importlib._bootstrap>", line 1140, in _find_and_load_unlocked
ModuleNotFoundError: No module named 'throughline'
 SQLSTATE: 38000

Driver stacktrace:

JVM stacktrace:
org.apache.spark.SparkException
	at org.apache.spark.errors.SparkCoreErrors$.jobAborted(SparkCoreErrors.scala:1)
""",
    "the channel": """<_MultiThreadedRendezvous of RPC that terminated with:
	status = StatusCode.UNAVAILABLE
	details = "the server is gone"
>""",
}


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (REPORTS["Apache Spark"], "ModuleNotFoundError: No module named 'throughline'"),
        (REPORTS["the channel"], 'details = "the server is gone"'),
        ("", "ConnectionError"),
    ],
)
def test_of_a_long_report_the_line_that_matters_is_told(report, words):
    session = Mock(**{"range.side_effect": ConnectionError(report)})
    with pytest.raises(RunFailed) as told:
        list(spark(session)(partial(draw, 7), PARTS))
    assert str(told.value) == f"Replicates 0 to 30 failed on the cluster: {words}"


def test_each_worker_has_one_thread_and_this_process_as_many_as_told(run):
    told = {float(count) for answer in run(count_threads, PARTS) for count in answer}
    assert told == ({float(kernel_threads())} if run.__qualname__.startswith("threads") else {1.0})
    assert set(next(threads(3)(count_threads, PARTS))) == {3.0}


def test_the_kernel_uses_every_processor_unless_limited():
    everywhere = kernel_threads()
    assert 1 <= everywhere <= os.cpu_count()
    with limited_to(5):
        assert kernel_threads() == 5
        with limited_to(1):
            assert kernel_threads() == 1
        assert kernel_threads() == 5
    assert kernel_threads() == everywhere


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: threads(0), "count must be 1 or more, got 0."),
        (lambda: processes(0), "workers must be 1 or more, got 0."),
        (lambda: spark(None, at_once=0), "at_once must be 1 or more, got 0."),
    ],
)
def test_a_runner_needs_at_least_one_of_what_it_runs_on(make, sentence):
    with pytest.raises(ValueError, match="must be 1 or more") as told:
        make()
    assert str(told.value) == sentence
