"""The ledger: what can't be done to it, and how `verify` finds what was done to it behind its back."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from factories import make_person

from throughline.ledger.actions import record, record_read
from throughline.ledger.models import GENESIS, AppendOnly, DailyRoot, Entry, Head
from throughline.ledger.queries import entries_about, verify

NINE = datetime(2026, 3, 7, 9, tzinfo=UTC)


def append(entries: int = 5) -> None:
    for n in range(entries):
        record(
            "noted", by="system:test", at=NINE + timedelta(minutes=n), subject=f"line:{n}", detail={"n": n}
        )


def tamper(sql: str, *values: object) -> None:
    """Change rows as someone with access to the database would, past the application."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def rewrite(sequence: int, **changes: Any) -> None:
    """Change an entry and give it the hash that fits."""
    entry = Entry.objects.get(sequence=sequence)
    for name, value in changes.items():
        setattr(entry, name, value)
    tamper(
        "UPDATE ledger_entry SET actor = %s, hash = %s WHERE sequence = %s",
        entry.actor, entry.computed_hash(), sequence,
    )  # fmt: skip


@pytest.fixture
def database_of_threads(tmp_path: Path) -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Runs a call on a connection of its thread. SQLite's database of tests is in memory, where threads lock
    each other out, so there the threads share a file, as processes do in an installation.
    """

    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            connection.close()

    def create_tables() -> None:
        with connection.schema_editor() as editor:
            editor.create_model(Entry)
            editor.create_model(Head)
            editor.create_model(DailyRoot)

    if connection.vendor != "sqlite":
        yield run
        return
    in_memory = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = str(tmp_path / "ledger.sqlite3")
    with ThreadPoolExecutor() as pool:
        pool.submit(run, create_tables).result()
    yield run
    connection.settings_dict["NAME"] = in_memory


@pytest.mark.django_db
class TestRecord:
    def test_each_entry_carries_the_hash_of_the_one_before(self):
        append(3)
        first, second, third = Entry.objects.all()
        assert [first.sequence, second.sequence, third.sequence] == [1, 2, 3]
        assert (first.previous_hash, second.previous_hash, third.previous_hash) == (
            GENESIS, first.hash, second.hash,
        )  # fmt: skip

    def test_the_hash_is_what_the_docstring_says(self):
        """Worked example, so that another program can check the chain."""
        entry = Entry(sequence=1, at=NINE, actor="é", verb="v", detail={"b": 2.0, "a": []}, previous_hash="0")
        text = (
            '{"actor":"é","at":"2026-03-07T09:00:00.000000+00:00","detail":{"a":[],"b":2},'
            '"previous_hash":"0","sequence":1,"subject":"","verb":"v"}'
        )
        assert entry.computed_hash() == hashlib.sha256(text.encode()).hexdigest()

    def test_people_and_rows_are_named_by_kind_and_number(self):
        person = make_person()
        entry = record("greeted", by=person, at=NINE, subject=person)
        assert (entry.actor, entry.subject) == (f"person:{person.pk}", f"person:{person.pk}")
        assert entries_about(person) == [entry]

    def test_an_act_that_fails_leaves_no_entry(self):
        with pytest.raises(RuntimeError), transaction.atomic():
            append(1)
            raise RuntimeError
        assert not Entry.objects.exists()
        assert verify().intact

    @pytest.mark.parametrize(
        "detail",
        [{"rate": 2.0}, {"rate": 1e23}, {"rate": -0.0}, {"rate": 0.1}, {2: "b", 10: "a"}, {"t": (1, 2)}],
    )
    def test_the_hash_holds_however_the_database_spells_the_detail(self, detail):
        record("measured", by="system:test", at=NINE, detail=detail)
        assert verify().intact

    def test_a_detail_that_is_no_json_is_refused(self):
        with pytest.raises(ValueError, match="Out of range float"):
            record("measured", by="system:test", at=NINE, detail={"rate": float("nan")})


@pytest.mark.django_db(transaction=True)
class TestReadsAreKept:
    def test_a_read_stays_when_the_request_fails_after_it(self):
        record_read("read_feed", by="system:test", at=NINE)
        with pytest.raises(RuntimeError), transaction.atomic():
            raise RuntimeError
        assert Entry.objects.count() == 1

    def test_the_same_request_has_the_same_fingerprint_whoever_makes_it(self):
        asked = {"purpose": "quality", "fields": ["age"]}
        prints = [
            record_read("read_feed", by=by, at=NINE, subject=feed, detail=detail).detail["fingerprint"]
            for by, feed, detail in [
                ("person:1", "feed:ems", asked), ("person:2", "feed:ems", asked),
                ("person:1", "feed:ed", asked), ("person:1", "feed:ems", asked | {"purpose": "research"}),
            ]
        ]  # fmt: skip
        text = '{"asked":{"fields":["age"],"purpose":"quality"},"subject":"feed:ems","verb":"read_feed"}'
        assert prints[0] == prints[1] == hashlib.sha256(text.encode()).hexdigest()
        assert len(set(prints)) == 3

    def test_a_read_can_not_be_recorded_inside_a_transaction_that_may_fail(self):
        with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
            record_read("read_feed", by="system:test", at=NINE)

    def test_two_writers_at_once_queue_up(self, database_of_threads):
        """Fifty entries each from two threads make one chain of a hundred."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(database_of_threads, [partial(append, 50)] * 2))
            verification = pool.submit(database_of_threads, verify).result()
        assert (verification.entries, verification.fault) == (100, "")


@pytest.mark.django_db
class TestEntriesStay:
    """Nothing in the application can change or delete an entry."""

    @pytest.mark.parametrize(
        "attempt",
        [
            lambda entry: entry.save(),
            lambda entry: entry.delete(),
            lambda entry: Entry.objects.update(actor="nobody"),
            lambda entry: Entry.objects.filter(sequence=1).update(actor="nobody"),
            lambda entry: Entry.objects.all().delete(),
            lambda entry: Entry.objects.bulk_update([entry], ["actor"]),
            lambda entry: Entry.objects.bulk_create([entry]),
            lambda entry: Entry.objects.update_or_create(sequence=1, defaults={"actor": "nobody"}),
        ],
    )
    def test_refused(self, attempt):
        append(1)
        with pytest.raises(AppendOnly, match="append another"):
            attempt(Entry.objects.get())
        assert verify().intact

    def test_a_new_entry_never_overwrites_an_old_one(self):
        append(1)
        with pytest.raises(IntegrityError), transaction.atomic():
            Entry(sequence=1, at=NINE, actor="nobody", verb="v", hash="h").save()


@pytest.mark.django_db
class TestVerify:
    def test_an_empty_ledger_is_whole(self):
        assert (verify().entries, verify().intact) == (0, True)

    def test_an_untouched_chain_is_whole_and_names_its_head(self):
        append(5)
        assert verify().sentence == f"The ledger is whole: 5 entries, head 5:{Head.objects.get().hash}."

    @pytest.mark.parametrize("sequence", [1, 3, 5])
    @pytest.mark.parametrize(
        "change",
        [
            "actor = 'nobody'", "verb = 'x'", "subject = 'line:9'", "detail = '{\"n\": 9}'",
            "at = '2026-03-07 10:00:00+00:00'", f"previous_hash = '{'f' * 64}'", f"hash = '{'f' * 64}'",
        ],
    )  # fmt: skip
    def test_an_altered_column_is_located(self, sequence, change):
        append(5)
        tamper("UPDATE ledger_entry SET " + change + " WHERE sequence = %s", sequence)  # noqa: S608
        assert verify().sentence == f"The ledger is broken at entry {sequence}: it was altered."
        assert verify().entries == sequence - 1

    @pytest.mark.parametrize("sequence", [1, 3, 5])
    def test_an_entry_rewritten_with_a_fitting_hash_is_located(self, sequence):
        append(5)
        rewrite(sequence, actor="nobody")
        assert verify().sentence == f"The ledger is broken at entry {sequence}: it was rewritten."

    @pytest.mark.parametrize("sequence", [1, 3])
    def test_a_deleted_entry_is_located(self, sequence):
        append(5)
        tamper("DELETE FROM ledger_entry WHERE sequence = %s", sequence)
        assert verify().sentence == f"The ledger is broken at entry {sequence}: it is missing."

    def test_a_cut_off_tail_is_located(self):
        append(5)
        tamper("DELETE FROM ledger_entry WHERE sequence > 3")
        assert verify().broken_at == 4
        assert verify().fault == "it and all later ones up to 5 are missing"

    def test_entries_that_changed_places_are_located(self):
        append(5)
        for old, new in [(2, 99), (4, 2), (99, 4)]:
            tamper("UPDATE ledger_entry SET sequence = %s WHERE sequence = %s", new, old)
        assert verify().broken_at == 2

    @pytest.mark.parametrize(
        ("sequence", "fault"),
        [(0, "it was put in before the first one"), (6, "it was put in past the end of the chain")],
    )
    def test_an_inserted_entry_is_located(self, sequence, fault):
        append(5)
        last = Entry.objects.get(sequence=5)
        put_in = Entry(
            sequence=sequence,
            at=NINE,
            actor="nobody",
            verb="v",
            previous_hash=last.hash if sequence else GENESIS,
        )
        put_in.hash = put_in.computed_hash()
        put_in.save()
        assert (verify().broken_at, verify().fault) == (sequence, fault)

    def test_an_entry_squeezed_in_between_breaks_the_ones_that_made_room(self):
        append(3)
        tamper("UPDATE ledger_entry SET sequence = 4 WHERE sequence = 3")
        squeezed = Entry(
            sequence=3, at=NINE, actor="nobody", verb="v", previous_hash=Entry.objects.get(sequence=2).hash
        )
        squeezed.hash = squeezed.computed_hash()
        squeezed.save()
        tamper("UPDATE ledger_head SET sequence = 4")
        assert verify().sentence == "The ledger is broken at entry 3: it was put in."

    def test_a_lost_head_is_noticed(self):
        append(2)
        tamper("DELETE FROM ledger_head")
        assert verify().broken_at == 1

    def test_a_chain_made_anew_shows_against_a_head_noted_before(self):
        append(3)
        noted = verify().head
        assert verify(noted_head=noted).intact
        tamper("DELETE FROM ledger_entry")
        tamper("DELETE FROM ledger_head")
        for n in range(4):
            record("invented", by="system:test", at=NINE, subject=f"line:{n}")
        assert verify().intact
        assert verify(noted_head=noted).broken_at == 3

    def test_a_noted_head_still_holds_after_more_entries(self):
        append(3)
        noted = verify().head
        append(2)
        assert verify(noted_head=noted).intact

    def test_a_noted_head_shows_that_a_tail_and_its_head_were_cut_off(self):
        append(1)
        kept = Head.objects.get()
        append(2)
        noted = verify().head
        tamper("DELETE FROM ledger_entry WHERE sequence > 1")
        kept.save()
        assert verify().intact
        assert verify(noted_head=noted).broken_at == 2

    def test_a_text_that_is_no_head_is_refused(self):
        with pytest.raises(ValueError, match="expected `number:hash`"):
            verify(noted_head="yesterday")
