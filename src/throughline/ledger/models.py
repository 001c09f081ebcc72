"""The chain of entries, and its head."""

import hashlib
import json
from datetime import UTC
from typing import Any

from django.db import models

GENESIS = "0" * 64


class Entry(models.Model):
    """One act or read. Names its subject by text, not by foreign key, so that it outlives what it records."""

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
        """SHA-256 over every other column, in canonical JSON (sorted keys, UTC instants)."""
        content: dict[str, Any] = {
            "sequence": self.sequence,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": self.actor,
            "verb": self.verb,
            "subject": self.subject,
            "detail": self.detail,
            "previous_hash": self.previous_hash,
        }
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


class Head(models.Model):
    """The one row that says how long the chain is: writers queue on its lock, and a cut-off tail shows."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="ledger_has_one_head")]

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash[:12]}"
