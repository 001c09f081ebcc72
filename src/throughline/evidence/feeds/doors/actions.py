"""Gives programs a token of a feed, and takes it back."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from throughline.evidence.feeds.doors.tokens import hash_of, new_secret
from throughline.evidence.feeds.models import Feed, FeedToken
from throughline.ledger.actions import record
from throughline.members.accounts.models import Person


@transaction.atomic
def make_token(*, feed: Feed, name: str, by: Person, at: datetime, expires_on: date | None = None) -> str:
    """The secret of a new token, to be shown once: it can't be found out again. Names of tokens in use differ."""
    if feed.tokens.unrevoked().filter(name=name).exists():
        raise ValidationError(
            _("There is a token “%(name)s” already. Revoke it, or choose another name.") % {"name": name}
        )
    secret = new_secret()
    token = feed.tokens.create(
        name=name, sha256=hash_of(secret), made_at=at, made_by=by, expires_on=expires_on
    )
    detail = {"feed": feed.key, "name": name, "expires_on": expires_on and expires_on.isoformat()}
    record("make_token", by=by, at=at, subject=token, detail=detail)
    return secret


@transaction.atomic
def revoke_token(*, token: FeedToken, by: Person, at: datetime) -> None:
    """The program that holds it is turned away from now on; what it sent before stays. A second call does nothing."""
    working = FeedToken.objects.filter(pk=token.pk, revoked_at=None)
    if working.update(revoked_at=at, revoked_by=by) == 1:
        record(
            "revoke_token", by=by, at=at, subject=token, detail={"feed": token.feed.key, "name": token.name}
        )
