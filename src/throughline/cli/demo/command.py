"""The command: builds the city where there is none yet, and serves it."""

import json
import shutil
import sys
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import click
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from throughline.city.build import build_city
from throughline.cli.demo.founding import found_city
from throughline.cli.demo.life import live_through
from throughline.cli.demo.logins import PASSWORD, Login, open_logins
from throughline.cli.demo.neighbours import tell_neighbour
from throughline.cli.door import Day, Fault
from throughline.cli.running import prepare_static_files, running, server_command, share_secret_key
from throughline.ledger.actions import close_day
from throughline.results.publications.accounting import account_for_uses

BEGUN, READY = "demo-begun", "demo-ready.json"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, envvar="PORT", show_default=True)
@click.option("--no-serve", is_flag=True, help="Make the city and stop.")
@click.option("--seed", type=int, default=7, show_default=True)
@click.option("--scale", type=float, default=1.0, show_default=True, help="1 is a city of 400,000 people.")
@click.option("--months", type=click.IntRange(4), default=12, show_default=True, help="Months of events.")
@click.option("--until", type=Day(), help="The last day of events; two days ago, unless told.")
def demo(*, port: int, no_serve: bool, seed: int, scale: float, months: int, until: date | None) -> None:
    """Make a simulated city, run the intake and detection over its files, and serve it."""
    if not settings.SIMULATED:
        raise Fault("The demo only runs where THROUGHLINE_SIMULATED=yes is set, apart from real data.")
    home = Path(settings.HOME)
    if not (home / READY).exists():
        # The city lives on through the evening after its last day, which must not lie ahead.
        last = until or timezone.localdate() - timedelta(days=2)
        _build(home, seed=seed, scale=scale, months=months, until=last)
    call_command("migrate", verbosity=0)  # the city may be older than the program
    logins = [Login(**login) for login in json.loads((home / READY).read_text())]
    prepare_static_files()
    _show(logins, port)
    if not no_serve:
        _serve(port)


def _build(home: Path, *, seed: int, scale: float, months: int, until: date) -> None:
    """Everything that the demo shows; begun anew where an earlier attempt was cut off."""
    _clear(home)
    click.echo("Writing the files of a simulated city ...")
    files = build_city(home / "city", seed=seed, until=until, months=months, scale=scale)
    click.echo(
        f"Bringing in {files.counts.people} people, {files.counts.places} places, {files.counts.feeds} feeds ..."
    )
    found_city(files)
    with click.progressbar(
        length=1000, label=f"Living through {months} months, {files.counts.files} files"
    ) as bar:
        for share in live_through(files):
            bar.update(int(1000 * share) - bar.pos)
    tell_neighbour(until=until)
    _account()
    logins = open_logins()
    (home / READY).write_text(json.dumps([asdict(login) for login in logins], indent=2))


def _account() -> None:
    """What the worker does after each midnight, so that the digits and the public list of uses are there at once."""
    at = timezone.now()
    close_day(on=timezone.localdate(at) - timedelta(days=1), by="system:demo", at=at)
    account_for_uses(at=at)


def _clear(home: Path) -> None:
    """Empty a home that a demo began, and no other."""
    begun = home / BEGUN
    database_in_use = Path(connection.settings_dict["NAME"]).exists() or connection.vendor != "sqlite"
    if database_in_use and not begun.exists():
        raise Fault(f"{home} holds an installation that is no demo. Set THROUGHLINE_HOME to another folder.")
    home.mkdir(parents=True, exist_ok=True)
    begun.touch()
    for name in ("city", "warehouse", "publications", "inbox"):
        shutil.rmtree(home / name, ignore_errors=True)
    (home / "exchange-key.pem").unlink(missing_ok=True)
    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)


def _show(logins: list[Login], port: int) -> None:
    click.echo(f"\nThe simulated city is ready: http://localhost:{port}/")
    click.echo(f"Sign in with the password {PASSWORD} as one of:")
    for login in logins:
        click.echo(f"  {login.role:<18} {login.email:<48} {login.name}")


def _serve(port: int) -> None:
    share_secret_key()
    server = server_command(host="127.0.0.1", port=port, workers=2)
    worker = [sys.executable, "-m", "throughline.cli", "worker"]
    with running(server, worker) as (serving, _working):
        try:
            serving.wait()
        except KeyboardInterrupt:
            click.echo("Stopped.")
