"""What of a message becomes an event, by the format's own mapping."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from throughline.formats.event import Event
from throughline.formats.faults import Reason, Rejected
from throughline.formats.hl7.visits import ELEMENTS
from throughline.formats.registry import find_format, known_formats

Read = Callable[..., list[Event | Rejected]]
Write = Callable[..., str]

SAMPLE = Path(__file__).parents[3] / "samples" / "ed_visits.hl7"


@pytest.fixture
def visit(read: Read) -> Callable[..., Event]:
    def one(content: str, **settings: object) -> Event:
        (event,) = read(content, **settings)
        assert isinstance(event, Event), event
        return event

    return one


@pytest.fixture
def rejected(read: Read) -> Callable[..., Rejected]:
    def one(content: str | bytes) -> Rejected:
        (outcome,) = read(content)
        assert isinstance(outcome, Rejected), outcome
        return outcome

    return one


def test_the_sample_tells_of_two_visits_and_a_test(read: Read) -> None:
    """Three messages about one visit; one about another, which is then cancelled; and one that is only a test."""
    test, overdose, cancelled = read(SAMPLE)
    assert isinstance(test, Rejected)
    assert (test.row, test.field, test.reason) == (6, "MSH-11", Reason.TEST_DATA)
    assert overdose == Event(
        record_id="1000000001/V-1",
        occurred_at=datetime(2026, 3, 2, 4, 5, tzinfo=UTC),
        place="60601",
        place_method="code",
        outcome="nonfatal",
        age=34,
        age_group="30-39",
        sex="female",
        race="white",
        ethnicity="not_hispanic",
        measure="visit",
        codes=(
            "patient_class=E",
            "facility_type=261QE0002X",
            "diagnosis=T40.1X1A",
            "diagnosis=F11.20",
        ),
        texts=(
            "chief_complaint=Found down& blue, Narcan given",
            "diagnosis_text=Poisoning by heroin, accidental, initial encounter",
            "diagnosis_text=Opioid dependence, uncomplicated",
        ),
        row=3,
    )
    assert isinstance(cancelled, Event)
    assert (cancelled.record_id, cancelled.deleted, cancelled.age) == ("1000000001/V-2", True, 64)
    assert cancelled.occurred_at == datetime(2026, 3, 2, 7, 55, tzinfo=UTC), "the message says its own offset"


def test_the_format_is_known_by_content() -> None:
    assert find_format(SAMPLE) is known_formats()["hl7v2"]


@pytest.mark.parametrize(
    ("facility", "visit_number", "record_id"),
    [
        ("General^111^NPI", "V1", "111/V1"),
        ("General", "V1", "General/V1"),
        ("General^111^NPI", "", "111/P1@2026-03-01T09:00"),
        ("General^111^NPI", "V1^^^Other&222", "111/V1"),
    ],
)
def test_a_visit_is_known_by_its_facility_and_number(
    visit: Callable[..., Event], write: Write, facility: str, visit_number: str, record_id: str
) -> None:
    assert visit(write(facility=facility, visit=visit_number)).record_id == record_id


def test_the_facility_is_whoever_numbers_the_visit_or_sends_where_nobody_is_said_to_treat(
    visit: Callable[..., Event], write: Write
) -> None:
    assert visit(write(visit="V1^^^Other&222", facility="")).record_id == "222/V1"
    only_sender = write(facility="").replace(r"MSH|^~\&||", r"MSH|^~\&||Sender^333")
    assert visit(only_sender).record_id == "333/V1"


@pytest.mark.parametrize(("facility", "number"), [("", "V1"), ("General^111^NPI", '""')])
def test_without_facility_or_key_a_visit_is_set_aside(
    rejected: Callable[..., Rejected], write: Write, facility: str, number: str
) -> None:
    message = write(facility=facility, visit=number).replace("|P1^^^", "|^^^")
    assert (rejected(message).field, rejected(message).reason) == ("visit", Reason.MISSING)


def test_what_is_set_aside_by_the_mapping_keeps_its_values(
    rejected: Callable[..., Rejected], write: Write
) -> None:
    """So that it can be read again under a better mapping."""
    outcome = rejected(write(begun="20261301"))
    assert (outcome.field, outcome.reason) == ("visit_at, recorded_on", Reason.BAD_DATE)
    assert outcome.value == "2026-13-01"
    assert outcome.raw["visit"] == "111/V1"


@pytest.mark.parametrize(
    ("written", "at", "quality"),
    [
        ("202603010900", datetime(2026, 3, 1, 14, 0, tzinfo=UTC), "minute"),
        ("20260301090012.5-0800", datetime(2026, 3, 1, 17, 0, 12, tzinfo=UTC), "minute"),
        ("2026030109", datetime(2026, 3, 1, 14, 0, tzinfo=UTC), "minute"),
        ("20260301", datetime(2026, 3, 1, 5, 0, tzinfo=UTC), "day"),
        ("", datetime(2026, 3, 1, 5, 0, tzinfo=UTC), "day"),
    ],
)
def test_a_visit_begins_as_it_says_or_else_on_the_day_of_the_event(
    visit: Callable[..., Event], write: Write, written: str, at: datetime, quality: str
) -> None:
    event = visit(write(begun=written))
    assert (event.occurred_at, event.time_quality) == (at, quality)


def test_the_mapping_says_the_zone_of_times_without_one(visit: Callable[..., Event], write: Write) -> None:
    rule = {"columns": ["visit_at"], "time_zone": "America/Chicago"}
    assert visit(write(), occurred_at=rule).occurred_at == datetime(2026, 3, 1, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("observation", "age"),
    [
        ("34|a^year^UCUM", 34),
        ("6|mo^month^UCUM", 0),
        ("30|mo", 2),
        ("36|mo", 3),
        ("60|wk", 1),
        ("400|d", 1),
        ("5|h", 0),
        ("34|", None),
        ("34|stone", None),
        ("unknown|a", None),
        ("340|a", None),
        ("nan|a", None),
    ],
)
def test_ages_are_reported_with_a_unit(
    visit: Callable[..., Event], write: Write, observation: str, age: int | None
) -> None:
    assert visit(write(more=(f"OBX|1|NM|21612-7^Age^LN||{observation}|||||F",))).age == age


@pytest.mark.parametrize(
    ("born", "age"), [("19900301", 36), ("19900302", 35), ("1990", None), ("20270101", None), ("", None)]
)
def test_else_the_birth_date_gives_the_age(
    visit: Callable[..., Event], write: Write, born: str, age: int | None
) -> None:
    assert visit(write(person=f"||||{born}")).age == age


@pytest.mark.parametrize(
    ("disposition", "person", "outcome"),
    [
        ("", "", "unknown"),
        ("01", "", "nonfatal"),
        ("1", "", "nonfatal"),
        ("09", "", "nonfatal"),
        ("20", "", "fatal"),
        ("41", "", "fatal"),
        ("77", "", "unknown"),
        ("", "|" * 26 + "20260301", "fatal"),
        ("09", "|" * 27 + "Y", "fatal"),
        ("", "|" * 27 + "N", "unknown"),
    ],
)
def test_the_outcome_is_the_status_at_discharge_or_that_the_patient_died(
    visit: Callable[..., Event], write: Write, disposition: str, person: str, outcome: str
) -> None:
    assert visit(write("A03", disposition=disposition, person=person)).outcome == outcome


def test_person_and_place(visit: Callable[..., Event], write: Write) -> None:
    person = (
        "||||" + "|M||2054-5^Black^CDCREC~2106-3^White^CDCREC|^^Harbor^17^60602-1234" + "|" * 11 + "2135-2"
    )
    event = visit(write(person=person))
    assert (event.sex, event.race, event.ethnicity, event.place) == ("male", "multiple", "hispanic", "60602")


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("^^^^60602^^^^17031", "60602"),
        ("^^^^99999^^^^17031", "17031"),
        ("^^^^^^^^17031", "17031"),
        ("^^^^99999^^^^99999", None),
        ("", None),
    ],
)
def test_the_place_is_where_the_patient_lives_as_finely_as_places_are_known(
    visit: Callable[..., Event], write: Write, address: str, place: str | None
) -> None:
    assert visit(write(person=f"||||||||{address}")).place == place


def test_the_facilitys_place_by_mapping(visit: Callable[..., Event], write: Write) -> None:
    """Where the patient lives isn't where it happened; an agency may prefer the hospital's place."""
    place = {"code": {"columns": ["facility"]}}
    assert visit(write(facility="General^60601^NPI"), place=place).place == "60601"


def test_texts_and_codes_stand_behind_their_names(visit: Callable[..., Event], write: Write) -> None:
    event = visit(
        write(
            more=(
                "PV2|||R404^Somnolence^I10C^^^^^^sleepy",
                r"DG1|1||T40.411A^Poisoning by fentanyl^I10C^387713003^^SCT",
                "DG1|2|||Accidental overdose",
                "OBX|1|CWE|8661-1^Chief complaint^LN||OD^Overdose^L^^^^^^OD? narcan x2||||||F",
                r"OBX|2|TX|54094-8^Triage notes^LN||found in car\.br\no pulse~CPR||||||F",
                "OBX|3|CWE|44833-2^Impression^LN||^Opioid toxicity||||||P",
                "OBX|4|TX|8661-1^Chief complaint^LN||entered for the wrong patient||||||W",
            )
        )
    )
    assert event.codes == (
        "diagnosis=T40.411A",
        "diagnosis=387713003",
        "chief_complaint_code=R404",
        "chief_complaint_code=OD",
        "patient_class=E",
    )
    assert event.texts == (
        "chief_complaint=OD? narcan x2",
        "admit_reason=sleepy",
        "diagnosis_text=Poisoning by fentanyl",
        "diagnosis_text=Accidental overdose",
        "triage_notes=found in car no pulse CPR",
        "clinical_impression=Opioid toxicity",
    )


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        (("ADT^A04", "ORU^R01"), "MSH-9", Reason.OTHER_KIND),
        (("ADT^A04", "ADT^A40"), "MSH-9", Reason.OTHER_KIND),
        (("|M1|", "||"), "MSH-10", Reason.MISSING),
        (("|M1|P|", "|M1|T|"), "MSH-11", Reason.TEST_DATA),
        (("\rPID|", "\rPIX|"), "PID", Reason.DAMAGED),
        (("\rPV1|", "\rPID|"), "PID", Reason.DAMAGED),
        (("\rEVN|", "\rNTE|"), "EVN", Reason.DAMAGED),
        (("\rPV1|", "\rQQQ|1\rPV1|"), "QQQ", Reason.DAMAGED),
        (("\rPV1|", "\rand then\rPV1|"), "", Reason.DAMAGED),
        (("General^111", "Gen\x00eral^111"), "", Reason.CONTROL_CHARACTER),
        (("|^~\\&|", "|^^\\&|"), "MSH-2", Reason.DAMAGED),
    ],
)
def test_a_message_is_received_whole_or_set_aside_whole(
    rejected: Callable[..., Rejected], write: Write, change: tuple[str, str], field: str, reason: Reason
) -> None:
    message = write().replace(*change)
    outcome = rejected(message)
    assert (outcome.field, outcome.reason, outcome.row) == (field, reason, 1)
    assert outcome.raw == {"(message)": message}


def test_segments_of_a_senders_own_are_no_fault(visit: Callable[..., Event], write: Write) -> None:
    assert visit(write(more=("ZZ1|anything",))).record_id == "111/V1"


def test_the_trigger_may_stand_in_the_event_only(visit: Callable[..., Event], write: Write) -> None:
    old = write("A11").replace("ADT^A11^ADT_A01", "ADT").replace("EVN|", "EVN|A11")
    assert visit(old).deleted


@pytest.mark.parametrize(
    ("named", "encoding"),
    [("UNICODE UTF-8", "utf-8"), ("8859/1", "latin-1"), ("8859/15", "iso8859-15"), ("", "utf-8")],
)
def test_a_message_names_its_encoding(read: Read, write: Write, named: str, encoding: str) -> None:
    message = write(header_end="|" * 6 + named, more=("DG1|1|||Überdosis",))
    (event,) = read(message.encode(encoding))
    assert isinstance(event, Event)
    assert event.texts == ("diagnosis_text=Überdosis",)


def test_the_mapping_names_the_encoding_of_messages_that_do_not(read: Read, write: Write) -> None:
    message = write(more=("DG1|1|||“Überdosis”",)).encode("windows-1252")
    (event,) = read(message, file={"encoding": "windows-1252"})
    assert isinstance(event, Event)
    assert event.texts == ("diagnosis_text=“Überdosis”",)


def test_bytes_of_another_encoding_are_refused_with_segment_and_byte(
    rejected: Callable[..., Rejected], write: Write
) -> None:
    outcome = rejected(write(more=("DG1|1|||Überdosis",)).encode("latin-1"))
    assert outcome.reason == Reason.BAD_ENCODING
    assert outcome.value == "byte 9 of segment 5 is 0xdc"
    assert outcome.expected == "text in utf-8; MSH-18 or the mapping can name another"
    assert "\\xdcberdosis" in outcome.raw["(message)"]
    unknown = rejected(write(header_end="|" * 6 + "ISO IR87"))
    assert (unknown.field, unknown.value, unknown.reason) == ("MSH-18", "ISO IR87", Reason.BAD_ENCODING)


def test_one_bad_message_spoils_no_other(read: Read, write: Write) -> None:
    messages = [write(visit="V1"), write(visit="V2").replace("PV1|", "PX1|"), write(visit="V3")]
    outcomes = read("\r".join(messages))
    assert [type(outcome).__name__ for outcome in outcomes] == ["Rejected", "Event", "Event"]


def test_the_guide_tells_of_every_element() -> None:
    guide = (Path(__file__).parents[4] / "docs" / "guides" / "hl7.md").read_text(encoding="utf-8")
    assert [name for name in ELEMENTS if f"`{name}`" not in guide] == []
