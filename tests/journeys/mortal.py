"""Runs `throughline` commands in forked processes and kills them after so many seconds, as a power cut would.

Reads one JSON line for each, `{"arguments": [...], "kill_after": 0.05 or null}`, and answers with one, `{"code": 0,
"seconds": 0.12}`; the code of a killed process is -9.
"""

import json
import os
import signal
import sys
import time

import django

django.setup()  # what each process would do first, done once

from throughline.cli.commands import throughline  # noqa: E402
from throughline.formats.registry import known_formats  # noqa: E402

known_formats()
list(throughline.commands.values())  # each is loaded when it is looked up


def run(arguments: list[str], kill_after: float | None) -> dict[str, float]:
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)  # what the command says must not mix with our answers
        throughline(arguments)
    ended, status = os.waitpid(child, 0 if kill_after is None else os.WNOHANG)
    while not ended and time.perf_counter() < started + kill_after:
        time.sleep(0.001)
        ended, status = os.waitpid(child, os.WNOHANG)
    if not ended:
        os.kill(child, signal.SIGKILL)
        _child, status = os.waitpid(child, 0)
    return {"code": os.waitstatus_to_exitcode(status), "seconds": time.perf_counter() - started}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(run(**json.loads(line))), flush=True)  # noqa: T201  that is how it answers
