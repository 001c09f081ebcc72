"""All commands in one group; each is loaded when it is called, and Django only with those that need it."""

import os
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click
import django
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from throughline.cli.faults import Fault


class Entry(NamedTuple):
    """Where a command is, and what it does; said here too, so that help needs nothing loaded."""

    module: str
    help: str
    needs_installation: bool = True


ENTRIES = {
    "acknowledge": Entry("answer", "Take a signal on: its clock stops, a response begins."),
    "add-feed": Entry("setting_up", "Set up a feed, with its mapping where you have one."),
    "attack": Entry(
        "protecting",
        "Try to work out what published tables withhold, as an outsider could.",
        needs_installation=False,
    ),
    "close": Entry("answer", "Close a signal with a verdict."),
    "commit": Entry("answer", "Make a commitment: who will do what by when."),
    "demo": Entry(
        "demo", "Make a simulated city, run the intake and detection over its files, and serve it."
    ),
    "detect": Entry("evidence", "Look for spikes and hotspots; each finding raises a signal, once."),
    "done": Entry("answer", "Close a commitment as done, with its proof."),
    "draft-agreement": Entry(
        "setting_up",
        "Draft an agreement from a JSON file; it shares nothing before every party has signed.",
    ),
    "encode": Entry(
        "linking",
        "Encode a list of people, so that it can be linked by those who may not read it.",
        needs_installation=False,
    ),
    "exchange-key": Entry(
        "exchanging",
        "Print the public key by which neighbours know this installation; it is made the first time.",
    ),
    "explain-access": Entry(
        "explain", "Say what somebody could read of a feed, under which agreement, and what forbids the rest."
    ),
    "import-places": Entry(
        "setting_up",
        "Bring places in from a CSV or XLSX table, from boundaries, or both: all of them or none.",
    ),
    "import-roster": Entry(
        "setting_up", "Bring in people, organizations, groups and seats from a CSV or XLSX table."
    ),
    "init": Entry(
        "setting_up",
        "Prepare the database, and seat you in the backbone with every role until others take over.",
    ),
    "ledger-proof": Entry(
        "ledger", "Print a proof as JSON, to be checked without us by docs/explanation/check_ledger.py."
    ),
    "ledger-roots": Entry(
        "ledger", "Print the daily roots of the ledger as JSON; note one where nobody here can write."
    ),
    "link": Entry(
        "linking", "Find the records of one person, in one file or between two.", needs_installation=False
    ),
    "link-encodings": Entry(
        "linking", "Find the records of one person in two lists of encodings.", needs_installation=False
    ),
    "listen-hl7": Entry(
        "listening",
        "Receive HL7 v2 messages over MLLP until stopped; each is acknowledged when it is safely on disk.",
    ),
    "make-linkage-key": Entry(
        "linking",
        "Make the secret key under which the parties of an agreement encode.",
        needs_installation=False,
    ),
    "measure": Entry("answer", "Measure whether the answer to a signal worked."),
    "move": Entry("answer", "Say what help went where."),
    "plan": Entry("answer", "Say what will be done about a signal."),
    "plan-release": Entry(
        "protecting",
        "Compare designs of a table before it is published, and propose one of which little is withheld.",
        needs_installation=False,
    ),
    "protect": Entry(
        "protecting",
        "Withhold small counts of a table, and enough others that nobody can work them out.",
        needs_installation=False,
    ),
    "publish": Entry("answer", "Publish a measured effect: frozen, suppressed files for everyone."),
    "read": Entry(
        "read", "Show what would be received of a file, and store nothing.", needs_installation=False
    ),
    "receive": Entry("evidence", "Receive files of a feed, each whole or not at all."),
    "receive-counts": Entry(
        "exchanging",
        "Keep a neighbour's document, if it is signed, for us, under an agreement in force, and new.",
    ),
    "register-neighbour": Entry(
        "exchanging", "Know another installation by who runs it and by its public key."
    ),
    "save-mapping": Entry("setting_up", "Add a version of a feed's mapping."),
    "scan": Entry("scan", "Look for clusters of cases in space and time.", needs_installation=False),
    "send-counts": Entry(
        "exchanging",
        "Make a signed document with counts of whole months for a neighbour, small counts withheld.",
    ),
    "serve": Entry(
        "running",
        "Serve the site; put a proxy that speaks TLS before it, and run `throughline worker` beside it.",
    ),
    "sign-agreement": Entry("setting_up", "Sign an agreement for one of its parties."),
    "signals": Entry("evidence", "List the signals that wait for an answer."),
    "upgrade": Entry(
        "running", "Bring the database to this version; run it after each upgrade, while the site is stopped."
    ),
    "verify": Entry(
        "ledger",
        "Prove that no entry of the ledger and no published file was altered, removed or put in; else name it.",
    ),
    "worker": Entry(
        "running", "Receive handed-over files, look at what is new, and notice silence, until stopped."
    ),
}


class Commands(Mapping[str, click.Command]):
    """The commands by name; looking one up loads it."""

    def __getitem__(self, name: str) -> click.Command:
        entry = ENTRIES[name]
        if entry.needs_installation:
            _set_up_django()
        module = import_module(f"throughline.cli.{entry.module}")
        return next(command for command in module.COMMANDS if command.name == name)

    def __iter__(self) -> Iterator[str]:
        return iter(ENTRIES)

    def __len__(self) -> int:
        return len(ENTRIES)


class Door(click.Group):
    """Tells a fault in one clear line and ends with 2; a trace is for faults of the program only."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in ENTRIES.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as fault:
            words = _in_words(fault)
            if words is None:
                raise
            raise Fault(words) from fault


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughline.config.settings")
    if apps.ready:
        return
    try:
        django.setup()
    except ImproperlyConfigured as fault:
        raise Fault(str(fault)) from fault


def _in_words(fault: Exception) -> str | None:
    """Faults that mean something once Django is there; without it there are none."""
    if not apps.ready:
        return None
    from throughline.cli.door import in_words

    return in_words(fault)


@click.group(cls=Door, commands=Commands())
@click.version_option(package_name="throughline")
def throughline() -> None:
    """From a signal to a finished, measured answer."""
