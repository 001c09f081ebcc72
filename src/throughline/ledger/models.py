"""The chain of entries, and its head."""

import hashlib
import json
from datetime import UTC
from decimal import Decimal
from typing import Any, NoReturn

from django.db import models

GENESIS = "0" * 64


class AppendOnly(Exception):
    """Someone tried to change or delete a row of the ledger."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__("Entries of the ledger are never changed or deleted; append another with `record`.")


def refuse(*args: object, **kwargs: object) -> NoReturn:
    raise AppendOnly


class KeptQuerySet(models.QuerySet["Kept"]):
    update = delete = bulk_create = bulk_update = refuse


class Kept(models.Model):
    """A row that is written once."""

    objects = KeptQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *, force_insert: bool = True, using: str | None = None, **kwargs: Any) -> None:
        """Insert a new row; raises AppendOnly for one that is stored already."""
        if not self._state.adding:
            raise AppendOnly
        super().save(force_insert=True, using=using)

    delete = refuse


class Entry(Kept):
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

    class Meta:
        ordering = ["sequence"]
        indexes = [models.Index(fields=["subject"]), models.Index(fields=["verb", "at"])]

    def __str__(self) -> str:
        return f"{self.sequence} {self.verb} {self.subject}"

    def computed_hash(self) -> str:
        """Hexadecimal SHA-256 (FIPS 180-4) of the canonical text."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def canonical(self) -> str:
        """Every column but the hash as one JSON object, whose UTF-8 bytes are hashed.

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
        return canonical_json(content)


def canonical_json(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


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


class DailyRoot(Kept):
    """The root of the Merkle tree over the first `size` entries: all up to the last one dated on this day.

    Published, so that whoever noted one can have it proved that nothing before it was changed since.
    """

    on = models.DateField(primary_key=True)
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)

    class Meta:
        ordering = ["on"]
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gt=0), name="daily_root_covers_entries")
        ]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d}"
