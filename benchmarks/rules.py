"""How many reads the sharing rules decide in a second, against a plain loop in the same run."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from random import Random
from time import process_time

from throughline.policy.sharing import Grant, Purpose, Request, Terms, decide

AGREEMENTS, FEEDS, ORGANIZATIONS, FIELDS = 60, 12, 25, 22
NEEDED = 5_000
FIRST_DAY = date(2026, 1, 1)
CLAUSES = {"purposes": "The data serve to watch for overdoses.", "fields": "Only what is listed is shared."}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=20_000)
    count = parser.parse_args().decisions
    random = Random(7)
    terms = [agreement(random, number) for number in range(AGREEMENTS * FEEDS)]
    requests = [request(random) for _ in range(count)]
    granted = sum(isinstance(decide(asked, terms), Grant) for asked in requests[:2_000])
    print(f"{AGREEMENTS} agreements with {FEEDS} feeds each, {granted / 2_000:.0%} of the requests granted")
    plain = per_second(is_allowed, requests, terms)
    every = per_second(decide, requests, terms)
    print(f"plain loop, no reasons: {plain:9,.0f} decisions a second")
    for asked, speed in (("all terms", every), ("a feed's terms", by_feed(requests, terms))):
        print(
            f"decide, over {asked:<14}: {speed:9,.0f} decisions a second, {speed / plain:.2f} of the plain loop"
        )
    print(f"needed: {NEEDED:,}: {'met' if every >= NEEDED else 'MISSED'}")


def by_feed(requests: Sequence[Request], terms: Sequence[Terms]) -> float:
    """As the installation asks: the database hands over the agreements of one feed."""
    of_feed = {feed: [agreed for agreed in terms if agreed.feed == feed] for feed in feeds()}
    return per_second(lambda asked, _: decide(asked, of_feed[asked.feed]), requests, terms)


def is_allowed(asked: Request, terms: Sequence[Terms]) -> bool:
    """The bare rule: no reasons, no choice among agreements, no grant."""
    is_allowed = False
    for agreed in terms:
        if agreed.feed != asked.feed or not agreed.starts_on <= asked.on <= (agreed.ends_on or date.max):
            continue
        if asked.purpose in agreed.forbidden_purposes:
            return False
        if (asked.through or asked.recipient) not in agreed.recipients:
            continue
        if asked.through and asked.recipient not in agreed.onward_recipients:
            continue
        is_allowed |= asked.purpose in agreed.purposes and asked.fields <= agreed.fields
    return is_allowed


def per_second(
    answer: Callable[[Request, Sequence[Terms]], object],
    requests: Sequence[Request],
    terms: Sequence[Terms],
) -> float:
    """Decisions in a CPU second; the best of three runs, since others use the machine."""
    return len(requests) / min(_run(answer, requests, terms) for _ in range(3))


def _run(
    answer: Callable[[Request, Sequence[Terms]], object],
    requests: Sequence[Request],
    terms: Sequence[Terms],
) -> float:
    begun = process_time()
    for asked in requests:
        answer(asked, terms)
    return process_time() - begun


def agreement(random: Random, number: int) -> Terms:
    """One agreement's terms about one of its feeds; a fifth end before the year does."""
    starts_on = FIRST_DAY + timedelta(days=random.randrange(120))
    return Terms(
        agreement=str(number // FEEDS),
        title="",
        feed=f"feed {number % FEEDS}",
        provider=f"provider {number % FEEDS}",
        recipients=frozenset(random.sample(list(organizations()), random.randint(1, 6))),
        purposes=frozenset(random.sample(list(Purpose), random.randint(1, 4))),
        fields=frozenset(random.sample(list(fields()), random.randint(4, FIELDS))),
        minimum_cell=random.choice((5, 10, 11)),
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=120) if random.random() < 0.2 else None,
        forbidden_purposes=frozenset({random.choice(list(Purpose))} if random.random() < 0.01 else ()),
        onward_recipients=frozenset(random.sample(list(organizations()), 2)),
        precision={"occurred_at": "day"},
        rows={"measure": frozenset({"overdose"})} if random.random() < 0.5 else {},
        clauses=CLAUSES,
    )


def request(random: Random) -> Request:
    return Request(
        feed=random.choice(list(feeds())),
        recipient=random.choice(list(organizations())),
        purpose=random.choice(list(Purpose)),
        fields=frozenset(random.sample(list(fields()), random.randint(1, 6))),
        on=FIRST_DAY + timedelta(days=random.randrange(365)),
        precision={"occurred_at": "day"},
        through=random.choice(list(organizations())) if random.random() < 0.1 else "",
    )


def feeds() -> Iterator[str]:
    return (f"feed {number}" for number in range(FEEDS))


def organizations() -> Iterator[str]:
    return (f"organization {number}" for number in range(ORGANIZATIONS))


def fields() -> Iterator[str]:
    return (f"field {number}" if number else "occurred_at" for number in range(FIELDS))


if __name__ == "__main__":
    main()
