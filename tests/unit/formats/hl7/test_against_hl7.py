"""Our parser finds what the `hl7` package finds."""

from pathlib import Path

import hl7
import pytest

from throughline.formats.hl7.parser import parse

SAMPLE = Path(__file__).parents[3] / "samples" / "ed_visits.hl7"
FOLDER = Path(__file__).parents[4] / "../shared/data/hl7v2"


def _messages() -> list[str]:
    own = SAMPLE.read_text().replace("\n", "\r").split("\rBTS")[0].split("MSH|")[1:]
    public = [path.read_text() for path in sorted(FOLDER.glob("*.hl7"))]
    return [f"MSH|{message}".strip("\r") for message in own] + [message.strip() for message in public]


@pytest.mark.parametrize("text", _messages())
def test_every_field_of_every_segment_is_the_same(text: str) -> None:
    ours, theirs = parse(text), hl7.parse(text.replace("\n", "\r"))
    assert ours.names == [str(segment[0]) for segment in theirs]
    for segment, their_segment in zip(ours, theirs, strict=True):
        assert len(segment) == len(their_segment) - 1
        for position in range(1, len(segment) + 1):
            assert segment.field(position) == str(their_segment[position]), (segment.name, position)
