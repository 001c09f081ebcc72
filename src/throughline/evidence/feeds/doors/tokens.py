"""Tells an agency's programs apart by what only they know; of that, only a hash is kept."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db.models import Q

from throughline.evidence.feeds.models import FeedToken
from throughline.ledger.actions import name_of

_PREFIX = "tl_"  # by which scanners for leaked secrets can know one
_MINUTE = timedelta(minutes=1)


def new_secret() -> str:
    """256 random bits (RFC 4086), which nobody can guess: their plain SHA-256 may be kept without salt."""
    return _PREFIX + secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def token_in(authorization: str, feed_key: str) -> FeedToken | None:
    """The token of the feed, not revoked, that a header "Bearer <secret>" (RFC 6750) shows; found in constant time."""
    scheme, _space, secret = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    shown = hash_of(secret.strip())
    unrevoked = FeedToken.objects.unrevoked().filter(feed__key=feed_key).select_related("feed")
    return next((token for token in unrevoked if secrets.compare_digest(token.sha256, shown)), None)


def note_use(token: FeedToken, *, at: datetime) -> None:
    """To the minute: a program that asks every second must not keep the database busy."""
    unnoted = Q(last_used_at=None) | Q(last_used_at__lt=at - _MINUTE)
    FeedToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=at)


def sends_too_much(token: FeedToken, *, at: datetime) -> bool:
    lately = token.feed.intakes.filter(handed_over_as=name_of(token), handed_over_at__gt=at - _MINUTE)
    return lately.count() >= settings.API_FILES_PER_MINUTE
