"""What can be done to people's entries on the roster and to their log-ins."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from throughline.ledger.actions import record
from throughline.members.accounts.models import Person
from throughline.members.organizations.models import Organization

CHANGEABLE = ("full_name", "email", "phone", "organization", "language", "is_active")
OWN_ORGANIZATION = gettext_lazy("Somebody else has to move you to another organization.")


@transaction.atomic
def add_person(
    *,
    full_name: str,
    email: str | None = None,
    phone: str = "",
    organization: Organization | None = None,
    language: str = "en",
    by: object,
    at: datetime,
) -> Person:
    """Put someone on the roster, without a log-in. Raises ValidationError for a bad or taken e-mail address."""
    person = Person(
        full_name=full_name, email=email, phone=phone, organization=organization, language=language
    )
    person.set_unusable_password()
    _save(person)
    record("add_person", by=by, at=at, subject=person)
    return person


@transaction.atomic
def change_person(
    person: Person,
    *,
    full_name: str,
    email: str | None,
    phone: str,
    organization: Organization | None,
    language: str,
    is_active: bool,
    by: object,
    at: datetime,
) -> Person:
    """Raises ValidationError as `add_person` does, and for one's own organization: it decides whose records one sees.

    Someone who is not active can't sign in.
    """
    if person == by and organization != person.organization:
        raise ValidationError({"organization": OWN_ORGANIZATION})
    before = Person.objects.get(pk=person.pk)
    person.full_name, person.email, person.phone = full_name, email, phone
    person.organization, person.language, person.is_active = organization, language, is_active
    _save(person)
    changed = [name for name in CHANGEABLE if getattr(person, name) != getattr(before, name)]
    record("change_person", by=by, at=at, subject=person, detail={"changed": changed})
    return person


@transaction.atomic
def set_password(person: Person, *, password: str, by: object, at: datetime) -> None:
    """Let the person sign in with it. Raises ValidationError for a weak password."""
    validate_password(password, person)
    person.set_password(password)
    person.save(update_fields=["password"])
    record("set_password", by=by, at=at, subject=person)


@transaction.atomic
def invite_person(person: Person, *, link: str, by: object, at: datetime) -> None:
    """Send the link under which the person chooses a password, once all this is stored.

    Raises ValidationError for someone without an e-mail address or who isn't active.
    """
    if not (person.email and person.is_active):
        raise ValidationError(_("An invitation needs an e-mail address of someone who takes part."))
    record("invite_person", by=by, at=at, subject=person)
    transaction.on_commit(lambda: _send_invitation(person, link))


def _save(person: Person) -> None:
    person.email = person.email.strip().lower() if person.email else None
    person.full_clean(exclude=["password"])
    person.save()


def _send_invitation(person: Person, link: str) -> None:
    with translation.override(person.language):
        subject = _("Your log-in to %s") % settings.INSTALLATION_NAME
        text = _(
            "Dear %(name)s,\n\nchoose a password here, then sign in with this e-mail address:\n%(link)s\n"
        )
        send_mail(subject, text % {"name": person.full_name, "link": link}, None, [person.email])
