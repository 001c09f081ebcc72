"""How fast HL7 v2 messages are parsed, against the `hl7` package, and how fast a file of them becomes events.

The bar: 100,000 messages/s of one processor, and 100 times what the package does in the same run. `hl7` takes every
field apart at once, ours when it is asked for; so both are also timed with every field of every segment read.
"""

import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

sys.path.pop(0)  # this file's folder, where `hl7` would be this file

import hl7

from throughline.formats.event import Event
from throughline.formats.gazetteer import Gazetteer, Place
from throughline.formats.hl7 import MAPPING, read
from throughline.formats.hl7.parser import Message, parse
from throughline.formats.mapping import parse_mapping

MESSAGES = 20_000
SHARE_FOR_PEER = 20  # the package is given one in twenty
ROUNDS = 5
RECEIVED_AT = datetime(2026, 6, 1, tzinfo=UTC)
COMPLAINTS = ("found down, narcan given", "chest pain", "fever and cough", "fell from ladder", "heroin od")
DIAGNOSES = ("T401X1A^Poisoning by heroin^I10C", "R079^Chest pain^I10C", "J111^Influenza^I10C")


def message(number: int, draw: random.Random) -> str:
    """Twelve segments as the PHIN guide has them; every third message updates an earlier visit."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=draw.randrange(200_000))
    visit = number - number % 3
    facility = f"Harbor General^{1_000_000_000 + draw.randrange(5)}^NPI"
    authority = facility.replace("^", "&")
    person = f"{draw.choice('FM')}||{draw.choice(('2106-3^White^CDCREC', '2054-5^Black^CDCREC'))}"
    lines = [
        rf"MSH|^~\&||{facility}|||{at:%Y%m%d%H%M}||ADT^A04^ADT_A01|M{number}|P|2.5.1|||AL||||||PH_SS-Ack",
        f"EVN||{at:%Y%m%d%H%M}|||||{facility}",
        f"PID|1||{visit}^^^{authority}^MR||^^^^^^~^^^^^^S|||{person}|^^Harbor^17^606{draw.randrange(10):02}^USA^^^17031"
        + "|||||||||||2186-5^Not Hispanic or Latino^CDCREC",
        f"PV1|1|E|||||||||||||||||{visit}^^^{authority}^VN" + "|" * 25 + f"{at:%Y%m%d%H%M}",
        "PV2|||^Admit reason",
        "OBX|1|CWE|SS003^Facility/Visit Type^PHINQUESTION||261QE0002X^Emergency Care^HCPTNUCC||||||F",
        f"OBX|2|NM|21612-7^Age at Time Patient Reported^LN||{draw.randrange(1, 95)}|a^year^UCUM|||||F",
        f"OBX|3|TX|8661-1^Chief complaint:Find:Pt:Patient:Nom:Reported^LN||{draw.choice(COMPLAINTS)}||||||F",
        "OBX|4|NM|8302-2^Height^LN||67|[in_us]^inch^UCUM|||||F",
        "OBX|5|NM|3141-9^Weight^LN||155|[lb_av]^pound^UCUM|||||F",
        f"DG1|1||{draw.choice(DIAGNOSES)}|||W",
        f"DG1|2||{draw.choice(DIAGNOSES)}|||W",
    ]
    return "\r".join(lines)


def every_field(parsed: Message) -> int:
    return sum(len(segment) for segment in parsed)


def every_field_of_peer(parsed: hl7.Message) -> int:
    return sum(len(segment) - 1 for segment in parsed)


def per_second(work: Callable[[str], object], messages: Sequence[str]) -> float:
    def once() -> float:
        started = process_time()
        for text in messages:
            work(text)
        return process_time() - started

    return len(messages) / min(once() for _ in range(ROUNDS))


def events_per_second(messages: Sequence[str]) -> tuple[float, int]:
    """From a file to events: decoding, checks, mapping and merging."""
    gazetteer = Gazetteer(Place(f"606{n:02}", 41.0, -87.0) for n in range(10))
    mapping = parse_mapping(MAPPING)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "messages.hl7"
        path.write_text("\r".join(messages), newline="")
        started = process_time()
        visits = list(read(path, mapping, gazetteer, received_at=RECEIVED_AT))
        taken = process_time() - started
    assert all(isinstance(visit, Event) for visit in visits)
    return len(messages) / taken, len(visits)


def main() -> None:
    draw = random.Random(1)
    messages = [message(number, draw) for number in range(MESSAGES)]
    few = messages[::SHARE_FOR_PEER]
    assert every_field(parse(few[0])) == every_field_of_peer(hl7.parse(few[0]))
    ours, peer = per_second(parse, messages), per_second(hl7.parse, few)
    ours_all = per_second(lambda text: every_field(parse(text)), messages)
    peer_all = per_second(lambda text: every_field_of_peer(hl7.parse(text)), few)
    print(f"Messages of {few[0].count(chr(13)) + 1} segments and {len(few[0]):,} characters")
    print(f"parse, fields when asked for: {ours:>10,.0f}/s; hl7 {peer:>7,.0f}/s; ratio {ours / peer:.0f}")
    print(
        f"parse and read every field:   {ours_all:>10,.0f}/s; hl7 {peer_all:>7,.0f}/s; ratio {ours_all / peer_all:.0f}"
    )
    rate, visits = events_per_second(messages)
    print(f"file to events:               {rate:>10,.0f}/s; {MESSAGES:,} messages of {visits:,} visits")


if __name__ == "__main__":
    main()
