"""Runs commands in forked processes and kills them after so many seconds, as a power cut would.

Besides those of `throughline`: `upload FILE`, `send FILE SECRET`, `token FILE`, and `work`, one round of the worker.

Reads one JSON line for each, `{"arguments": [...], "kill_after": 0.05 or null}`, and answers with one, `{"code": 0,
"seconds": 0.12}`; the code of a killed process is -9.
"""

import json
import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import click
import django

django.setup()  # what each process would do first, done once

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from throughline.cli.commands import throughline  # noqa: E402
from throughline.evidence.feeds.actions import receive_next  # noqa: E402
from throughline.evidence.feeds.doors.actions import make_token  # noqa: E402
from throughline.evidence.feeds.doors.folder import collect_drops  # noqa: E402
from throughline.evidence.feeds.inbox import sweep_inbox  # noqa: E402
from throughline.evidence.feeds.models import Feed  # noqa: E402
from throughline.formats.registry import known_formats  # noqa: E402
from throughline.members.accounts.models import Person  # noqa: E402

known_formats()
list(throughline.commands.values())  # each is loaded when it is looked up
Client().get("/", headers={"host": "localhost"})  # addresses and middleware are loaded by the first request

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@click.group()
def doors() -> None:
    """What happens in the processes of the site and of the worker."""


@doors.command()
@click.argument("file", type=click.Path(path_type=Path))
def upload(file: Path) -> None:
    browser = Client(headers={"host": "localhost"})
    browser.force_login(Person.objects.get(), backend=BACKEND)
    posted = SimpleUploadedFile(file.name, file.read_bytes())
    answer = browser.post("/feeds/ems/upload/", {"file": posted})
    sys.exit(answer.status_code != 302)


@doors.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("secret")
def send(file: Path, secret: str) -> None:
    headers = {"host": "localhost", "authorization": f"Bearer {secret}", "x-file-name": file.name}
    answer = Client().post(
        "/api/feeds/ems/deliveries", file.read_bytes(), content_type="text/csv", headers=headers
    )
    sys.exit(answer.status_code != 202)


@doors.command()
@click.argument("file", type=click.Path(path_type=Path))
def token(file: Path) -> None:
    """Write a new token's secret into the file."""
    feed, person = Feed.objects.get(), Person.objects.get()
    file.write_text(make_token(feed=feed, name="CAD", by=person, at=timezone.now()))


@doors.command()
def work() -> None:
    """One round of the worker, and what it does within an hour."""
    at = timezone.now()
    collect_drops(at=at)
    while receive_next(at=at):
        pass
    collect_drops(at=at)
    sweep_inbox(at=at + timedelta(minutes=2))


def run(arguments: list[str], kill_after: float | None) -> dict[str, float]:
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)  # what the command says must not mix with our answers
        (doors if arguments[0] in doors.commands else throughline)(arguments)
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
