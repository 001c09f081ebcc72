"""What all commands share: who acts, when, and how faults are told."""

from datetime import date, datetime
from typing import Any, TypeVar

import click
from django.core.exceptions import ValidationError
from django.db import OperationalError, ProgrammingError
from django.db.models import Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from throughline.cli.faults import Fault
from throughline.evidence.surveillance.queries import NoSource
from throughline.formats.faults import UnreadableFile
from throughline.members.accounts.models import Person
from throughline.policy.sharing import Refused

Row = TypeVar("Row", bound=Model)


def in_words(fault: Exception) -> str | None:
    """What is wrong with what was given, in one line; None where the program itself is at fault."""
    match fault:
        case ValidationError():
            return " ".join(fault.messages)
        case UnreadableFile() | Refused() | NoSource():
            return str(fault)
        case OperationalError() | ProgrammingError():
            return f"The database: {fault}. A new installation begins with `throughline init`."
    return None


def find(model: type[Row], **key: Any) -> Row:
    """The row with this key; a fault names the key where there is none."""
    row = model._default_manager.filter(**key).first()
    if row is None:
        raise Fault(f"There is no {model._meta.verbose_name} {', '.join(map(str, key.values()))!r}.")
    return row


class PersonType(click.ParamType):
    name = "e-mail"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Person:
        person = Person.objects.filter(email__iexact=value).first()
        if person is None:
            self.fail(f"nobody on the roster has the e-mail address {value!r}", param, ctx)
        return person


class Instant(click.ParamType):
    """An instant, or a day, which means its noon; in the installation's time zone unless it says another."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = parse_datetime(value if len(value) > 10 else f"{value}T12:00")
        except ValueError:
            moment = None
        if moment is None:
            self.fail(f"{value!r} is no instant; expected 2026-03-07 or 2026-03-07T09:30", param, ctx)
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


class Day(click.ParamType):
    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; expected a day such as 2026-03-07", param, ctx)


BY = click.option(
    "--by", type=PersonType(), required=True, help="Who does it: an e-mail address on the roster."
)
AT = click.option(
    "--at",
    type=Instant(),
    default=timezone.now,
    help="When it happened, where history is brought in; now, unless told.",
)
COMMAND_LINE = "system:command-line"
