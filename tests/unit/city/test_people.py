"""The roster seats 300 leaders of all sectors, and nothing in it could reach a real person."""

import csv
import re
from collections import Counter

import pytest

from throughline.city.feeds.catalogue import FEEDS
from throughline.city.organizations import BACKBONE
from throughline.formats.event import EVENT_FIELDS
from throughline.policy.sharing import Purpose

ROLES = {
    "member", "chair", "commissioner", "responder", "data_steward", "analyst", "project_manager",
    "privacy_officer", "administrator",
}  # fmt: skip
SECTORS = {
    "public_health", "ems", "hospital", "coroner", "treatment", "harm_reduction", "recovery", "pharmacy",
    "jail", "courts", "police", "school", "employer", "faith", "housing", "social_services", "payer",
    "government", "academia", "residents", "other",
}  # fmt: skip


def _rows(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def roster(city) -> list[dict[str, str]]:
    return _rows(city.files.roster)


def test_there_are_300_leaders_of_45_organizations_in_every_sector(roster):
    assert len({row["email"] for row in roster}) == len({row["full_name"] for row in roster}) == 300
    assert len({row["organization"] for row in roster}) == 45
    assert {row["sector"] for row in roster} == SECTORS


def test_every_role_is_held(roster):
    assert {row["role"] for row in roster} == ROLES


def test_seven_strategy_groups_a_backbone_and_agency_desks(roster):
    groups = {row["group"]: row["group_kind"] for row in roster}
    assert Counter(groups.values()) == {"strategy": 7, "backbone": 1, "agency": 10}
    for group in (name for name, kind in groups.items() if kind == "strategy"):
        assert sum(row["role"] == "chair" for row in roster if row["group"] == group) == 1


def test_no_seat_stands_twice(roster, city):
    seats = [(row["group"], row["seat"]) for row in (*roster, *_rows(city.files.vacancies))]
    assert len(seats) == len(set(seats))


def test_deputies_are_other_people_of_the_same_group(roster):
    group_of = {row["email"]: row["group"] for row in roster}
    for row in roster:
        if row["deputy"]:
            assert row["deputy"] != row["email"]
            assert group_of[row["deputy"]] == row["group"]


def test_the_backbone_and_the_chairs_have_deputies_and_some_others_lack_one(roster):
    lacking = [row for row in roster if not row["deputy"]]
    assert not any(row["group_kind"] == "backbone" or row["role"] == "chair" for row in lacking)
    assert 50 < len(lacking) < 150


def test_some_seats_are_vacant(city):
    assert 2 <= len(_rows(city.files.vacancies)) <= 10


def test_addresses_and_numbers_belong_to_nobody(roster):
    """RFC 2606 keeps .example free; the North American Numbering Plan keeps 555-0100 to 555-0199 free."""
    for row in roster:
        assert re.fullmatch(r"[a-z]+\.[a-z]+@[a-z0-9-]+\.example", row["email"])
        assert re.fullmatch(r"\d{3}-555-01\d\d", row["phone"])
    assert len({row["phone"] for row in roster}) == 300


def test_no_mail_address_stands_in_any_delivered_file(town):
    for path in (town.files.folder / "deliveries").rglob("*.csv"):
        assert b"@" not in path.read_bytes()


def test_every_feed_has_a_steward_of_its_provider(city, roster):
    by_email = {row["email"]: row for row in roster}
    for feed in city.read("feeds.json"):
        steward = by_email[feed["steward_email"]]
        assert (steward["organization"], steward["role"]) == (feed["provider"], "data_steward")


def test_eight_agreements_name_known_organizations_purposes_and_fields(city, roster):
    agreements = city.read("agreements.json")
    organizations = {row["organization"] for row in roster}
    assert len({it["provider"] for it in agreements}) == 8
    for agreement in agreements:
        assert {agreement["provider"], *agreement["recipients"]} <= organizations
        assert BACKBONE in agreement["recipients"]
        assert {Purpose(purpose) for purpose in agreement["purposes"]}
        assert set(agreement["fields"]) <= EVENT_FIELDS.keys()
        assert agreement["starts_on"] < city.truth["first_day"]
        assert agreement["ends_on"] > city.truth["last_day"]


def test_every_party_to_an_agreement_has_a_privacy_officer_who_can_sign(city, roster):
    signing = {row["organization"] for row in roster if row["role"] == "privacy_officer"}
    for agreement in city.read("agreements.json"):
        assert {agreement["provider"], *agreement["recipients"]} <= signing


def test_exactly_one_delivering_agency_refuses_surveillance(city):
    delivering = {feed.key for feed in FEEDS}
    refusing = [
        it["feed"]
        for it in city.read("agreements.json")
        if it["feed"] in delivering and "surveillance" not in it["purposes"]
    ]
    assert refusing == ["jail-screening"]
