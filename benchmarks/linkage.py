"""Two lists of simulated people linked by encodings: blocks and popcounts against a plain comparison of all pairs.

The plain one keeps the bits as whole numbers of Python and compares each record with each; it is given a slice, as all
pairs would take it days. `linkage.py 20000` for smaller lists.
"""

import sys
from time import process_time

import numpy as np

from throughline.city.registers import write_two_registers
from throughline.science.linkage.dice import link_encodings
from throughline.science.linkage.encoding import Encodings, encodable, encode

SLICE, LEAST, MOST_SECONDS = 1_000, 0.72, 30


def plain(a: Encodings, b: Encodings) -> list[tuple[int, int]]:
    mine, theirs = ([int.from_bytes(row.tobytes(), "little") for row in side.bits] for side in (a, b))
    return [
        (row, other)
        for row, one in enumerate(mine)
        for other, two in enumerate(theirs)
        if 2 * (one & two).bit_count() >= LEAST * (one.bit_count() + two.bit_count())
    ]


def first(encodings: Encodings) -> Encodings:
    return Encodings(encodings.bits[:SLICE], encodings.keys[:SLICE])


def main(people: int) -> None:
    shared = people // 2
    one, other = write_two_registers(people, shared, np.random.default_rng(20260301))
    began = process_time()
    a, b = (encode(encodable(register.columns), bytes(32)) for register in (one, other))
    encoded = process_time()
    pairs = {(row, match) for row, match, _ in link_encodings(a, b, least=LEAST)}
    linked = process_time()
    plain(first(a), first(b))
    each = (process_time() - linked) / SLICE**2
    true = {(row, row) for row in range(shared)}
    right = len(pairs & true)
    print(
        f"{people:,} x {people:,}: {encoded - began:.1f} s to encode both, {linked - encoded:.2f} s to link"
    )
    print(f"  precision {right / len(pairs):.3f}, recall {right / len(true):.3f}", end=", ")
    print(f"F1 {2 * right / (len(pairs) + len(true)):.3f}")
    print(f"  plain, all pairs: {each * people**2:,.0f} s (from {SLICE:,} x {SLICE:,})", end=", ")
    print(f"{each * people**2 / (linked - encoded):,.0f} times as long")
    assert linked - encoded < MOST_SECONDS
    assert 2 * right / (len(pairs) + len(true)) >= 0.93


main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
