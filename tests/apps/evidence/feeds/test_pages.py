"""Pages of feeds: an agency's files are the business of its own people and of the backbone."""

from collections.abc import Callable

import pytest
from apps.evidence.conftest import AT, HEADER
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from factories import make_organization, person_with

from throughline.evidence.feeds.actions import receive_next
from throughline.evidence.feeds.models import Feed, Intake
from throughline.members.organizations.models import Organization

PATIENT = "Jane Example, born 1980"


def upload(client: Client, feed: Feed, content: str = HEADER) -> int:
    file = SimpleUploadedFile("march.csv", content.encode())
    return client.post(f"/feeds/{feed.key}/upload/", {"file": file}).status_code


@pytest.fixture
def steward(client_for: Callable[..., Client], ems: Organization) -> Client:
    return client_for(person_with(role="data_steward", organization=ems))


@pytest.fixture
def stranger(client_for: Callable[..., Client], feed: Feed) -> Client:
    """The data steward of another agency."""
    return client_for(person_with(role="data_steward", organization=make_organization()))


@pytest.fixture
def refused(steward: Client, feed: Feed) -> Intake:
    """A file whose header is missing: the sentence of its refusal quotes its first row."""
    assert upload(steward, feed, f"{PATIENT},W1\n") == 302
    receive_next(at=AT)
    intake = Intake.objects.get()
    assert PATIENT in intake.refusal
    return intake


class TestWhoMayDeliver:
    def test_the_providers_own_people(self, steward: Client, feed: Feed) -> None:
        assert upload(steward, feed) == 302

    def test_people_of_the_backbone(
        self, client_for: Callable[..., Client], feed: Feed, backbone: Organization
    ) -> None:
        assert upload(client_for(person_with(role="project_manager", organization=backbone)), feed) == 302

    def test_nobody_of_another_agency(self, stranger: Client, feed: Feed) -> None:
        assert upload(stranger, feed) == 403
        assert not Intake.objects.exists()

    @pytest.mark.parametrize("act", ["", "again/", "discard/"])
    def test_another_agencys_file_is_neither_seen_nor_touched(
        self, stranger: Client, refused: Intake, act: str
    ) -> None:
        address = f"/feeds/files/{refused.pk}/{act}"
        assert (stranger.post(address) if act else stranger.get(address)).status_code == 403
        assert refused.file.exists()


class TestRefusedFiles:
    def test_the_refusal_is_shown_to_those_who_may_deliver(
        self, steward: Client, feed: Feed, refused: Intake
    ) -> None:
        assert PATIENT in steward.get(f"/feeds/{feed.key}/").content.decode()

    def test_the_refusal_can_quote_a_row_so_others_do_not_see_it(
        self, stranger: Client, feed: Feed, refused: Intake
    ) -> None:
        page = stranger.get(f"/feeds/{feed.key}/")
        assert page.status_code == 200
        assert PATIENT not in page.content.decode()

    def test_a_discarded_file_is_listed_no_more_and_can_not_be_tried_again(
        self, steward: Client, feed: Feed, refused: Intake
    ) -> None:
        steward.post(f"/feeds/files/{refused.pk}/discard/")
        assert "march.csv" not in steward.get(f"/feeds/{feed.key}/").content.decode()
        again = steward.post(f"/feeds/files/{refused.pk}/again/", follow=True)
        assert "Hand it over again" in again.content.decode()

    def test_a_file_that_still_waits_can_not_be_discarded(self, steward: Client, feed: Feed) -> None:
        upload(steward, feed)
        waiting = Intake.objects.get()
        assert steward.post(f"/feeds/files/{waiting.pk}/discard/").status_code == 302
        assert waiting.file.exists()
