"""Commands that keep an installation running."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen
from threading import Event

import click
from django.conf import settings
from django.core.management import call_command

from throughline.config.schedule import work

WSGI = "throughline.config.wsgi:application"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--workers", type=click.IntRange(1), default=2, show_default=True, help="Processes that answer."
)
def serve(port: int, host: str, workers: int) -> None:
    """Serve the site; put a proxy that speaks TLS before it, and run `throughline worker` beside it."""
    prepare_static_files()
    share_secret_key()
    os.execv(sys.executable, server_command(host=host, port=port, workers=workers))  # noqa: S606


@click.command()
def upgrade() -> None:
    """Bring the database to this version; run it after each upgrade, while the site is stopped."""
    call_command("migrate", verbosity=0)
    click.echo("The database is up to date.")


@click.command()
def worker() -> None:
    """Receive handed-over files, look at what is new, and notice silence, until stopped."""
    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    work(stop)


def prepare_static_files() -> None:
    call_command("collectstatic", interactive=False, verbosity=0)


def share_secret_key() -> None:
    """One key for all processes: each would make up its own where none is set, and not know the others' sessions."""
    os.environ.setdefault("THROUGHLINE_SECRET_KEY", settings.SECRET_KEY)


def server_command(*, host: str, port: int, workers: int) -> list[str]:
    """gunicorn with threads: pages wait for the database, not for the processor."""
    options = [
        "--bind",
        f"{host}:{port}",
        "--workers",
        str(workers),
        "--threads",
        "4",
        "--log-level",
        "warning",
    ]
    return [sys.executable, "-m", "gunicorn", WSGI, *options]


@contextmanager
def running(*commands: list[str]) -> Iterator[list[Popen[bytes]]]:
    """Child processes that end with the block, also where this process is asked to end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    processes = [Popen(command) for command in commands]
    try:
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


COMMANDS = [serve, worker, upgrade]
