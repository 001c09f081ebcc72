"""The chain of entries, and its head."""

import hashlib
import json
from datetime import UTC
from decimal import Decimal
from typing import Any, NoReturn

from django.db import models

GENESIS = "0" * 64


class AppendOnly(Exception):
    """Someone tried to change or delete an entry of the ledger."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__("Entries of the ledger are never changed or deleted; append another with `record`.")


def refuse(*args: object, **kwargs: object) -> NoReturn:
    raise AppendOnly


class EntryQuerySet(models.QuerySet["Entry"]):
    update = delete = bulk_create = bulk_update = refuse


class Entry(models.Model):
    """One act or read. Names its subject by text, not by foreign key, so that it outlives what it records.

    Each entry carries the hash of the one before it, so that changing any entry breaks every later one. The
    chain shows changes made behind the application's back, in the database. Whoever can write the database
    could also compute the whole chain anew: note the head's `sequence:hash` elsewhere from time to time, and
    `verify` against it.
    """

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=100)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=100, blank=True)
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["sequence"]
        indexes = [models.Index(fields=["subject"]), models.Index(fields=["verb", "at"])]

    def __str__(self) -> str:
        return f"{self.sequence} {self.verb} {self.subject}"

    def save(self, *, force_insert: bool = True, using: str | None = None, **kwargs: Any) -> None:
        """Insert a new entry; raises AppendOnly for one that is stored already."""
        if not self._state.adding:
            raise AppendOnly
        super().save(force_insert=True, using=using)

    delete = refuse

    def computed_hash(self) -> str:
        """Hexadecimal SHA-256 (FIPS 180-4) of the UTF-8 bytes of every other column as one JSON object.

        Keys are sorted, nothing stands between tokens, text is not escaped to ASCII, whole numbers have no
        decimal point, `at` is in UTC with microseconds and `+00:00`. `previous_hash` of the first entry is 64
        zeros.
        """
        content: dict[str, Any] = {
            "sequence": self.sequence,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": self.actor,
            "verb": self.verb,
            "subject": self.subject,
            "detail": _as_stored(self.detail),
            "previous_hash": self.previous_hash,
        }
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


def _as_stored(detail: dict[str, Any]) -> dict[str, Any]:
    """The detail as any database gives it back: PostgreSQL keeps a number's value, not its spelling."""
    return json.loads(json.dumps(detail, allow_nan=False), parse_float=_number)


def _number(text: str) -> int | float:
    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() else float(text)


class Head(models.Model):
    """The one row that says how long the chain is: writers queue on its lock, and a cut-off tail shows."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="ledger_has_one_head")]

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"
