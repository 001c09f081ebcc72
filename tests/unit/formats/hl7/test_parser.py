"""One message taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.formats.faults import Reason, ValueFault
from throughline.formats.hl7.parser import DEFAULT_SEPARATORS, Separators, escape, parse, unescape

MESSAGE = "\r".join(
    (
        r"MSH|^~\&|SENDER|General^111^NPI|||202603010910||ADT^A04^ADT_A01|M1|P|2.5.1",
        "EVN||202603010905",
        "PID|1||P1^^^General&111&NPI^MR~P2|||||F||2106-3^White~2028-9^Asian",
        'PV1|1|E|""',
        r"OBX|1|TX|8661-1^Complaint||took \T\ mixed^5 pills~then fell||||||F",
        "OBX|2|NM|21612-7^Age||34",
    )
)


def test_positions_are_those_that_hl7_writes() -> None:
    message = parse(MESSAGE)
    assert message.names == ["MSH", "EVN", "PID", "PV1", "OBX", "OBX"]
    assert message.header.text(1) == "|"
    assert message.header.text(9, 2) == "A04"
    pid = message.segment("PID")
    assert (pid.text(3), pid.text(3, 4), pid.text(3, 4, 2), pid.text(3, 5)) == ("P1", "General", "111", "MR")
    assert pid.texts(3) == ["P1", "P2"]
    assert pid.texts(10, 2) == ["White", "Asian"]
    assert [segment.text(5) for segment in message.segments("OBX")][1] == "34"


def test_what_is_not_there_is_empty() -> None:
    pid = parse(MESSAGE).segment("PID")
    assert (pid.text(8, 2), pid.text(3, 9), pid.text(3, 4, 9), pid.text(99), pid.text(1, 1, 2)) == ("",) * 5
    assert parse(MESSAGE).segment("ZZZ").text(1) == ""
    assert parse(MESSAGE).segments("ZZZ") == []


def test_two_double_quotes_mean_no_value() -> None:
    assert parse(MESSAGE).segment("PV1").text(3) == ""


def test_free_text_keeps_what_looks_like_a_component() -> None:
    assert parse(MESSAGE).segment("OBX").whole(5) == "took & mixed^5 pills\nthen fell"


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n"])
def test_segments_may_end_in_any_way(ending: str) -> None:
    assert parse(MESSAGE.replace("\r", ending) + ending).lines == parse(MESSAGE).lines


def test_separators_are_the_messages_own() -> None:
    message = parse("MSH#*!/@#A#B\rPID#1##P1*x*y@z!P2#a/S/b/R/")
    assert message.separators == Separators("#", "*", "!", "/", "@")
    pid = message.segment("PID")
    assert (pid.text(3, 3, 2), pid.texts(3), pid.text(4)) == ("z", ["P1", "P2"], "a*b!")


def test_a_fifth_separator_of_later_versions_is_no_fault() -> None:
    assert parse(r"MSH|^~\&#|A|B").header.text(3) == "A"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "MSH"),
        ("PID|1", "MSH"),
        ("MSH", "MSH-2"),
        ("MSH|^~", "MSH-2"),
        (r"MSH|^^\&|A", "MSH-2"),
        (r"MSH|^~\&", None),
        ("MSHA^~\\&AxA", "MSH-2"),
        (r"MSH ^~\& A", "MSH-2"),
    ],
)
def test_separators_that_cannot_be_meant_are_refused(text: str, field: str | None) -> None:
    if field is None:
        assert parse(text).names == ["MSH"]
        return
    with pytest.raises(ValueFault) as fault:
        parse(text)
    assert (fault.value.field, fault.value.reason) == (field, Reason.DAMAGED)


def test_a_line_that_is_no_segment_is_named() -> None:
    with pytest.raises(ValueFault) as fault:
        parse(MESSAGE + "\rand a second line of the complaint")
    assert fault.value.value == "and a second line of the complaint"
    assert "line 7" in fault.value.expected


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"\F\\S\\T\\R\\E\ ", "|^&~\\ "),
        (r"a\.br\b\.ce\c", "a\nb\nc"),
        (r"\H\loud\N\ \.in+4\x\.sp\y", "loud xy"),
        (r"caf\XC3A9\, \XE9\, \X0D\ ", "café, é, \r "),
        (r"C:\temp and \Q\ and \X1\ and \Xzz\ ", r"C:\temp and \Q\ and \X1\ and \Xzz\ "),
        ("ends with \\", "ends with \\"),
    ],
)
def test_escapes_are_resolved_and_what_is_none_stays(written: str, meant: str) -> None:
    assert unescape(written) == meant


_MARKS = st.permutations("|^~\\&#*!/@$%").map(lambda marks: Separators(*marks[:5]))


@given(st.text(), _MARKS)
def test_escaping_can_be_undone(text: str, separators: Separators) -> None:
    written = escape(text, separators)
    assert unescape(written, separators) == text
    assert not set(written) & ({*separators} - {separators.escape} | {"\r", "\n"})


@given(st.lists(st.text(min_size=1).filter(lambda text: text != '""'), min_size=1, max_size=6))
def test_whatever_is_written_into_components_is_read_from_them(values: list[str]) -> None:
    line = "PID|" + "^".join(map(escape, values))
    pid = parse("MSH|^~\\&|A\r" + line).segment("PID")
    assert [pid.text(1, position) for position in range(1, len(values) + 1)] == values


def test_a_long_text_full_of_escapes_takes_no_longer_than_its_length() -> None:
    """Would take minutes if every escape were looked for from the beginning."""
    assert len(unescape("\\" * 1_000_000)) == 1_000_000
    assert unescape(r"\T\ ".strip() * 200_000, DEFAULT_SEPARATORS) == "&" * 200_000
    assert unescape("\\X" + "41" * 500_000) == "\\X" + "41" * 500_000
