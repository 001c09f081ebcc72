"""Whatever one thing is done to one past row, at any place, `verify` says so and names its number."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from throughline.ledger.actions import close_day, record
from throughline.ledger.models import GENESIS, DailyRoot, Entry, Head
from throughline.ledger.queries import verify

NINE = datetime(2026, 3, 7, 9, tzinfo=UTC)
LENGTH = 9
COLUMNS = ["sequence", "at", "actor", "verb", "subject", "detail", "previous_hash", "hash"]
IN_ONE_DATABASE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
places = st.integers(1, LENGTH)


@pytest.fixture
def ledger(db: None) -> None:
    """Eight acts, and the root of their day."""
    for n in range(LENGTH - 1):
        record(
            "noted", by=f"person:{n}", at=NINE + timedelta(minutes=n), subject=f"line:{n}", detail={"n": n}
        )
    close_day(on=NINE.date(), by="system:test", at=NINE + timedelta(days=2))


def sql(text: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)


class Tampering:
    """What someone with access to the database may do; each is undone after its example."""

    def __enter__(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()

    def __exit__(self, *error: Any) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)


def shift(start: int, by: int) -> None:
    """Renumber all entries from `start` on, in two steps, as numbers are unique."""
    sql("UPDATE ledger_entry SET sequence = -sequence - %s WHERE sequence >= %s", by, start)
    sql("UPDATE ledger_entry SET sequence = -sequence WHERE sequence < 0")
    sql("UPDATE ledger_head SET sequence = sequence + %s", by)


def store(entry: Entry) -> None:
    entry.hash = entry.computed_hash()
    entry.save()


@pytest.mark.usefixtures("ledger")
class TestAnyPlace:
    @IN_ONE_DATABASE
    @given(
        places,
        st.sampled_from(["actor", "verb", "subject", "previous_hash", "hash"]),
        st.text("abc:1 é", min_size=1, max_size=12),
    )
    def test_an_altered_word(self, place, column, text):
        with Tampering():
            sql(f"UPDATE ledger_entry SET {column} = %s WHERE sequence = %s", text, place)  # noqa: S608
            assert verify().broken_at == place

    @IN_ONE_DATABASE
    @given(places, st.integers(1, 10**9))
    def test_an_altered_instant(self, place, seconds):
        with Tampering():
            at = Entry.objects.get(sequence=place).at + timedelta(seconds=seconds)
            sql("UPDATE ledger_entry SET at = %s WHERE sequence = %s", at, place)
            assert verify().broken_at == place

    @IN_ONE_DATABASE
    @given(places, st.sampled_from(['{"n": 99}', "{}", "[]", "null", '{"n": "1"}', '"n"']))
    def test_an_altered_detail(self, place, detail):
        with Tampering():
            sql("UPDATE ledger_entry SET detail = %s WHERE sequence = %s", detail, place)
            assert verify().broken_at == place

    @IN_ONE_DATABASE
    @given(places, st.booleans(), st.booleans())
    def test_a_rewritten_row_whose_hash_fits(self, place, relinks, keeps_actor):
        """With or without a link of its own to what came before."""
        with Tampering():
            entry = Entry.objects.get(sequence=place)
            entry.actor = entry.actor if keeps_actor and relinks else "nobody"
            entry.previous_hash = "f" * 64 if relinks else entry.previous_hash
            sql(
                "UPDATE ledger_entry SET actor = %s, previous_hash = %s, hash = %s WHERE sequence = %s",
                entry.actor, entry.previous_hash, entry.computed_hash(), place,
            )  # fmt: skip
            assert verify().broken_at == place

    @IN_ONE_DATABASE
    @given(places, st.booleans())
    def test_a_deleted_row(self, place, closes_the_gap):
        with Tampering():
            sql("DELETE FROM ledger_entry WHERE sequence = %s", place)
            if closes_the_gap and place < LENGTH:
                shift(place + 1, -1)
            assert verify().broken_at == place

    @IN_ONE_DATABASE
    @given(places, places)
    def test_rows_that_changed_places(self, one, other):
        first, second = sorted((one, other))
        with Tampering():
            for old, new in [(first, 99), (second, first), (99, second)]:
                sql("UPDATE ledger_entry SET sequence = %s WHERE sequence = %s", new, old)
            assert verify().broken_at == (first if first < second else None)

    @IN_ONE_DATABASE
    @given(places, st.sampled_from(["fits", "of nothing", "of itself"]))
    @example(1, "fits")
    def test_a_row_put_in_before_another(self, place, link):
        with Tampering():
            before = Entry.objects.filter(sequence=place - 1).first()
            shift(place, 1)
            previous = (before.hash if before else GENESIS) if link == "fits" else "e" * 64
            put_in = Entry(sequence=place, at=NINE, actor="nobody", verb="v", previous_hash=previous)
            store(put_in)
            if link == "of itself":
                sql("UPDATE ledger_entry SET hash = %s WHERE sequence = %s", "d" * 64, place)
            assert verify().broken_at == place

    @IN_ONE_DATABASE
    @given(places, st.sampled_from(["at", "detail"]), st.sampled_from(["not this", "", '{"n": NaN}']))
    def test_a_value_that_can_not_be_read(self, place, column, value):
        """SQLite takes anything anywhere; a value that Django can't read is no reason to fall over."""
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL refuses such values by itself")
        with Tampering():
            sql("PRAGMA ignore_check_constraints = ON")
            sql(f"UPDATE ledger_entry SET {column} = %s WHERE sequence = %s", value, place)  # noqa: S608
            assert verify().broken_at == place
        sql("PRAGMA ignore_check_constraints = OFF")


def remake_chain(since: int) -> None:
    """Compute every hash anew, and the head, as whoever can write the database can."""
    last_hash = Entry.objects.get(sequence=since - 1).hash if since > 1 else GENESIS
    for entry in Entry.objects.filter(sequence__gte=since):
        entry.previous_hash = last_hash
        last_hash = entry.computed_hash()
        sql(
            "UPDATE ledger_entry SET previous_hash = %s, hash = %s WHERE sequence = %s",
            entry.previous_hash, last_hash, entry.sequence,
        )  # fmt: skip
    Head.objects.update(hash=last_hash)


@pytest.mark.usefixtures("ledger")
class TestDailyRoots:
    def test_they_are_whole(self):
        assert (verify().entries, verify().intact) == (LENGTH, True)

    @pytest.mark.parametrize(
        ("change", "place", "fault"),
        [
            ("UPDATE ledger_dailyroot SET root = 'f'", LENGTH, "was altered"),
            ("UPDATE ledger_dailyroot SET size = 5", LENGTH, "was altered"),
            ("DELETE FROM ledger_dailyroot", LENGTH, "is missing"),
            ("UPDATE ledger_dailyroot SET \"on\" = '2026-03-06'", LENGTH, "is missing"),
            ("INSERT INTO ledger_dailyroot VALUES ('2026-03-05', 4, 'f')", 4, "was put in"),
        ],
    )
    def test_what_is_done_to_a_root_shows_in_the_chain(self, change, place, fault):
        sql(change)
        assert verify().broken_at == place
        assert verify().fault.startswith("the root that ")
        assert verify().fault.endswith(fault)

    @IN_ONE_DATABASE
    @given(st.integers(1, LENGTH - 1))
    def test_a_chain_made_anew_does_not_fit_the_root(self, place):
        with Tampering():
            sql("UPDATE ledger_entry SET actor = 'nobody' WHERE sequence = %s", place)
            remake_chain(place)
            assert verify().broken_at == DailyRoot.objects.get().size
            assert "was rewritten since dailyroot:2026-03-07 was kept" in verify().fault
