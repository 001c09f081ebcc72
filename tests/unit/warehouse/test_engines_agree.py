"""Definitions that nobody wrote, on events that nobody sent: Python, DuckDB and Spark say the same of each."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from throughline.definitions import Definition, parse_definition
from throughline.definitions.context import known_rules
from throughline.definitions.folding import LONGEST_TEXT
from throughline.formats.event import Event
from throughline.warehouse import Warehouse, open_events
from throughline.warehouse.spark import open_events_on_spark

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = {"start": date(2026, 3, 1), "end": date(2026, 3, 1), "time_zone": "UTC"}
DELIVERIES = {"ems": ["d1"]}

ELEMENTS = ("diagnosis", "eSituation.11", "texts' \\ $1")
ODD_CODES = [
    "T40.1X1A",
    "t40.1x1a",
    "t401",
    "T40.",
    "[a]",
    "a|b",
    "x'y",
    "\\d",
    "$1",
    "=",
    "T40\u200b.1",
    "ß",
    "İ",
]
ODD_WORDS = [
    *("od", "OD’d", "heroin", "denies", "hx of", "but", "mother", "no", "woke up", ",", ".", ";", "'", '"'),
    *("ß", "ẞ", "SS", "İ", "ı", "K", "ſ", "ΑΣ", "he\u0301roin", "hero\u200bin", "h\u00adx", "\ufeffod", "ﬁ"),
    *("\n", "\r\n", "\t", "\x00", "\x0b", "\x85", "\u2028", "\u00a0", "\u3000", "٣", "3", "🚑", "\U000e0041"),
    *("$1", "\\1", "\\", "{0}", "=", "%", "_"),
]
PATTERNS = [
    *("T40", r"^T40\.1", "1A$", r"\d", r"\w\b", r"^.$", r"\\", r"\|", "[^a-z]", "x'y", r"\$1", "^$", "="),
    *(r"\bod\b", "od$", "^od", r"h.x", r"\d\b", r"[\w'] [\w']", "heroin.{0,20}$", "'", r"\s\s", "ss|i"),
]


def written(words: list[str]) -> st.SearchStrategy[str]:
    """Odd words and any characters that UTF-8 can hold, with and without blanks between them."""
    word = st.sampled_from(words) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
    return st.builds(str.join, st.sampled_from(["", " "]), st.lists(word, max_size=8))


def long(text: str) -> st.SearchStrategy[str]:
    """The text so far back that it ends about where the looking ends, behind letters or what folds to a blank."""
    fill = st.sampled_from(["x", " ", "é", "🚑", "a "])
    length = st.sampled_from([2_000, 10_000, LONGEST_TEXT]).flatmap(
        lambda most: st.integers(most - 9, most + 3)
    )
    return st.builds(lambda one, size: (one * size)[: max(size - len(text), 0)] + text, fill, length)


def entries(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...] | None]:
    entry = st.builds("{}={}".format, st.sampled_from([*ELEMENTS, "other", ""]), values)
    return st.none() | st.lists(entry | values, max_size=3).map(tuple)


TEXTS = written(ODD_WORDS)
FACTS = st.fixed_dictionaries(
    {
        "codes": entries(st.sampled_from(ODD_CODES) | written(ODD_CODES)),
        "texts": entries(TEXTS | TEXTS.flatmap(long)),
        "substances": st.sampled_from([None, (), ("heroin",), ("alcohol", "heroin")]),
        "naloxone": st.sampled_from([None, True, False]),
        "outcome": st.sampled_from(["fatal", "unknown"]),
        "measure": st.sampled_from(["overdose", "naloxone_kits"]),
    }
)


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


ASKED = {"list": some(ODD_CODES[:10]), "prefixes": some(ODD_CODES[:10]), "pattern": st.sampled_from(PATTERNS)}
TESTS = st.one_of(
    *(
        st.fixed_dictionaries(
            {"codes": some([*ELEMENTS]), key: values, "dots": st.sampled_from(["keep", "drop"])},
            optional={"case": st.just("keep")},
        )
        for key, values in ASKED.items()
    ),
    st.fixed_dictionaries(
        {"texts": some([*ELEMENTS]), "patterns": some(PATTERNS)},
        optional={
            "terms": some(["od", "hero", "x'y", "a|b"]),
            "words": some(["od'd", "no", "3"]),
            "without": some([*known_rules()]),
            "mask": some(["hero", r"\bno\b", "'", r"[^a-z]{2}"]),
        },
    ),
    st.fixed_dictionaries({"field": st.just("naloxone"), "is": some(["yes", "no"])}),
    st.fixed_dictionaries({"field": st.just("substances"), "is": some(["heroin", "alcohol"])}),
)
CRITERIA = st.fixed_dictionaries(
    {"all": st.lists(TESTS, min_size=1, max_size=2)}, optional={"none": st.lists(TESTS, max_size=1)}
)
DEFINITIONS = st.fixed_dictionaries(
    {"id": st.just("drawn"), "name": st.just("Drawn"), "any": st.lists(CRITERIA, min_size=1, max_size=2)},
    optional={"measures": st.just(["overdose"])},
).map(parse_definition)


def delivered(root, events: list[Event]) -> Warehouse:
    warehouse = Warehouse(root)
    with warehouse.stage("ems", "d1", received_at=AT, usable_at=AT, mapping_version=1) as stage:
        for event in events:
            stage.add(event)
        stage.finish()
    return warehouse


def records(counted: dict[tuple[str], int]) -> set[str]:
    return {record for (record,) in counted}


def met(definition: Definition, events: list[Event]) -> set[str]:
    return {event.record_id for event in events if definition.matches(event)}


def drawn_events(facts: list[dict[str, object]]) -> list[Event]:
    return [Event(str(number), AT, row=number, **each) for number, each in enumerate(facts)]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(facts=st.lists(FACTS, min_size=1, max_size=25), definition=DEFINITIONS)
def test_duckdb_finds_the_records_that_python_finds(facts, definition, grant, tmp_path_factory):
    events = drawn_events(facts)
    warehouse = delivered(tmp_path_factory.mktemp("warehouse"), events)
    with open_events(warehouse, grant(), DELIVERIES) as reader:
        assert records(reader.counts_by("record_id", **DAY, definition=definition)) == met(definition, events)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(facts=st.lists(FACTS, min_size=1, max_size=25), definition=DEFINITIONS)
def test_spark_finds_the_records_that_python_finds(facts, definition, grant, tmp_path_factory, spark_session):
    events = drawn_events(facts)
    warehouse = delivered(tmp_path_factory.mktemp("warehouse"), events)
    reader = open_events_on_spark(spark_session, str(warehouse.root), grant(), DELIVERIES)
    assert records(reader.counts_by("record_id", **DAY, definition=definition)) == met(definition, events)


@pytest.mark.parametrize("behind", [0, 1])
@pytest.mark.parametrize("fill", ["x ", "é", "🚑"])
def test_texts_are_searched_as_far_everywhere(behind, fill, grant, tmp_path, spark_session):
    """A word that ends with the last character looked at is found, one that ends behind it is not."""
    definition = parse_definition(
        {"id": "far", "name": "Far", "any": [{"all": [{"texts": ["note"], "patterns": ["heroin"]}]}]}
    )
    text = (fill * LONGEST_TEXT)[: LONGEST_TEXT + behind - len("heroin")] + "heroin"
    events = [Event("1", AT, row=1, texts=(f"note={text}",))]
    warehouse = delivered(tmp_path, events)
    expected = {"1"} if behind == 0 else set()
    assert met(definition, events) == expected
    with open_events(warehouse, grant(), DELIVERIES) as here:
        assert here.count(definition=definition) == len(expected)
    there = open_events_on_spark(spark_session, str(warehouse.root), grant(), DELIVERIES)
    assert there.count(definition=definition) == len(expected)
