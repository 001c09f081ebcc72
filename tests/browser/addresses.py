"""The pages of an installation, each with the rows that show most on it.

Asked in a process of its own, because browser tests and benchmarks speak to a running site, not to a test database.
"""

from collections.abc import Iterator

from django.db.models import Count, Model, QuerySet
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from throughline.action.response.models import Response
from throughline.decisions.commitments.models import Commitment
from throughline.evidence.agreements.models import Agreement, Destruction
from throughline.evidence.consents.models import Emergency, PatientConsent
from throughline.evidence.exchange.models import Neighbour
from throughline.evidence.feeds.doors.reports.table import takes_reports
from throughline.evidence.feeds.models import Delivery, Door, Feed, Intake
from throughline.ledger.models import Entry as LedgerEntry
from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group, Seat
from throughline.members.organizations.models import Organization
from throughline.members.places.models import Place
from throughline.results.evaluation.models import Effect
from throughline.results.publications.models import Publication
from throughline.signals.models import Signal

OF_OTHERS = ("account/", "language/")
FROM_OTHERS = [
    "account_change_password", "account_email", "account_logout", "mfa_index", "mfa_activate_totp",
    "mfa_list_webauthn", "mfa_add_webauthn",
]  # fmt: skip
# Addresses that only take a POST, or answer with a file or a redirection.
NO_PAGES = {
    "agreement_amend", "agreement_comment", "agreement_offer", "agreement_review", "agreement_sign",
    "agreement_terminate",
    "agreement_pdf", "agreement_text_file", "comment_answer", "api_deliveries", "api_delivery", "api_reports",
    "definition_feed", "delivery_again", "destroy", "destruction_certificate",
    "commitment_drop", "commitment_move", "commitment_prove", "feed_part2", "feed_promise",
    "intake_discard", "intake_retry", "ledger_entry_proof", "mapping_draft_discard",
    "mapping_draft_receive", "mapping_draft_save", "mapping_propose", "person_invite",
    "proof_file", "public_file", "public_missing", "public_roots",
    "public_uses_table", "replay",
    "response_close", "response_move", "response_open", "response_plan", "roster_confirm", "roster_template",
    "sent_document", "signal_assign", "token_revoke", "upload", "vocabulary_adopt", "vocabulary_file",
}  # fmt: skip


def asked() -> dict[str, list[str]]:
    """Pages that answer a question, with one asked."""
    feed, reader = Feed.objects.first(), Organization.objects.filter(is_backbone=True).first()
    if feed is None or reader is None:
        return {}
    query = f"feed={feed.key}&organization={reader.pk}&purpose=surveillance"
    return {"access": [f"{reverse('access')}?{query}"]}


def rows() -> dict[str, list[list[object]]]:
    """The arguments of addresses that need some; a list may be empty where the installation has no such row."""
    busiest = Person.objects.annotate(promises=Count("commitments")).order_by("-promises")[:1]
    fed = Feed.objects.annotate(files=Count("deliveries")).order_by("-files")[:1]
    unfinished = Response.objects.exclude(moved_at=None).filter(effects=None)[:1]
    watched = Place.objects.annotate(raised=Count("signals")).order_by("-raised")[:1]
    published = Publication.objects.order_by("-published_at")[:1]
    return {
        "agreement": _keys(Agreement.objects.all()[:2]),
        "agreement_revise": _keys(Agreement.objects.all()[:1]),
        "agreement_text": [[row.pk, row.version.number] for row in Agreement.objects.all()[:1] if row.version],
        "commitment": _keys(Commitment.objects.open()[:1], Commitment.objects.filter(outcome="done")[:1]),
        "consent_revoke": _keys(PatientConsent.objects.all()[:1]),
        "counts": [["overdoses"]],
        "definition": [["ems-opioid-overdose-anchored"], ["ed-opioid-overdose-text"]],
        "definition_change": [["ems-opioid-overdose-anchored"]],
        "delivery": _keys(Delivery.objects.order_by("-quarantined")[:1], Delivery.objects.order_by("quarantined")[:1]),
        "destruction": _keys(Destruction.objects.all()[:1]),
        "effect": _keys(Effect.objects.all()[:1], Effect.objects.exclude(finding="cannot_tell")[:1]),
        "effect_new": _keys(unfinished),
        "emergency_review": _keys(Emergency.objects.all()[:1]),
        "feed": _keys(fed, by="key"),
        "feed_clocks": _keys(fed, by="key"),
        "group": _keys(Group.objects.annotate(promises=Count("commitments")).order_by("-promises")[:1]),
        "intake": _keys(Intake.objects.exclude(refusal="")[:1]),
        "mapping": _keys(fed, by="key"),
        "mapping_draft": [],  # `Demo.proposed_mapping`: each is its owner's alone, for a few hours
        "counts_send": _keys(Neighbour.objects.all()[:1]),
        "neighbour": _keys(Neighbour.objects.all()[:1]),
        "own_report": [[row.feed.key, row.pk] for row in _reports()[:1]],  # `prepare`: its reporter's alone
        "ledger_entry": _keys(*(LedgerEntry.objects.order_by(end)[:1] for end in ("sequence", "-sequence"))),
        "organization": _keys(Organization.objects.annotate(feeding=Count("feeds")).order_by("-feeding")[:1]),
        "organization_edit": _keys(Organization.objects.all()[:1]),
        "person": _keys(busiest),
        "person_edit": _keys(busiest),
        "place": _keys(watched, Place.objects.filter(parent=None)[:1], by="code"),
        "public_page": _keys(published, by="slug"),
        "public_version": [[one.slug, one.version] for one in published],
        "publication": _keys(published),
        "publication_new": _keys(Effect.objects.all()[:1]),
        "quality": _keys(fed, by="key"),
        "quality_letter": _keys(fed, by="key"),
        "quarantine": _keys(Delivery.objects.filter(quarantined__gt=0).order_by("-quarantined")[:1]),
        "report": [[feed.key] for feed in Feed.objects.all() if takes_reports(feed)][:1],
        "record": [[row.feed.key, row.pk, 2] for row in Delivery.objects.filter(accepted__gt=0)[:1]],
        "seat_fill": _keys(Seat.objects.filter(holder=None)[:1]),
        "seat_new": _keys(Group.objects.all()[:1]),
        "signal": _keys(*(some[:1] for some in _signals())),
        "tokens": _keys(fed, by="key"),
        "vocabulary": [["icd10_underlying_drug_poisoning"], ["icd10cm_opioid_poisoning"]],
        "vocabulary_change": [["icd10_underlying_drug_poisoning"]],
        "withdraw": _keys(Delivery.objects.filter(withdrawn_at=None)[:1]),
    }  # fmt: skip


def _reports() -> QuerySet[Intake]:
    received = Intake.objects.filter(door=Door.FORM).exclude(delivery=None)
    return received.select_related("feed").order_by("-handed_over_at")


def _signals() -> list[QuerySet[Signal]]:
    """New, being answered, answered, and one of each kind."""
    every, new = Signal.objects.order_by("pk"), Signal.objects.unacknowledged()
    kinds = every.values_list("kind", flat=True).order_by("kind").distinct()
    answered = every.open().exclude(response=None)
    return [new.filter(kind="spike"), new.filter(kind="hotspot"), answered, every.exclude(verdict=""),
            *(every.filter(kind=kind) for kind in kinds)]  # fmt: skip


def _keys(*choices: QuerySet[Model], by: str = "pk") -> list[list[object]]:
    return [[key] for key in dict.fromkeys(getattr(row, by) for choice in choices for row in choice)]


def names(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if route.startswith(OF_OTHERS):
            continue
        if isinstance(pattern, URLPattern):
            yield str(pattern.name)
        else:
            yield from names(pattern, route)


def pages() -> dict[str, list[str]]:
    """The addresses of each page by its name. NoReverseMatch for a page that `rows` has not heard of."""
    wanted = [name for name in names(get_resolver()) if name not in NO_PAGES]
    known, questions = rows(), asked()
    found = {}
    for name in [*wanted, *FROM_OTHERS]:
        arguments = known.get(name, [[]])
        found[name] = [reverse(name, args=args) for args in arguments] + questions.get(name, [])
    return found
