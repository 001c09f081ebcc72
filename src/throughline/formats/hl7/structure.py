"""Decides whether a message is one that is received: decoded, whole, and of a kind that tells of a visit."""

import re
from collections import Counter

from throughline.formats.faults import Reason, ValueFault
from throughline.formats.hl7.parser import Message, parse

TRIGGERS = frozenset({"A01", "A03", "A04", "A08", "A11", "A13", "A23"})
"""Admitted, discharged, registered, updated; admission cancelled, discharge cancelled, visit deleted (table 0003)."""

_ONCE = ("MSH", "EVN", "PID", "PV1")
_SEGMENT = re.compile(
    "MSH|SFT|UAC|EVN|PID|PD1|ARV|ROL|PRT|NK1|PV1|PV2|DB1|OBX|AL1|IAM|DG1|DRG|PR1|GT1|IN[123]|ACC|UB[12]|PDA|NTE|"
    "MRG|OH[1234]|Z[A-Z0-9]{2}"
)
"""What ADT_A01 and ADT_A03 may hold, HL7 v2.3 to v2.9; what begins with Z is the sender's own."""

_CONTROLS = bytes(code for code in range(32) if code not in b"\t\r\n")
_ENCODINGS = {"": None, "ASCII": "utf-8", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8"} | {
    f"8859/{part}": f"iso8859-{part}" for part in (*range(1, 12), 13, 14, 15, 16)
}
"""Table 0211, as far as its encodings keep the separators of ASCII. What is ASCII is UTF-8 too."""


def open_message(data: bytes, encoding: str = "utf-8") -> Message:
    """Decode, parse and check one message. `encoding` is that of messages that name none in MSH-18.

    Raises ValueFault: nothing of a message with a fault is received, and nothing that it says is passed over.
    """
    data = data.replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    if len(data.translate(None, _CONTROLS)) != len(data):
        raise ValueFault(
            "",
            data.decode(errors="backslashreplace"),
            Reason.CONTROL_CHARACTER,
            "text without control characters",
        )
    message = parse(decode(data, encoding))
    check(message)
    return message


def decode(data: bytes, encoding: str) -> str:
    """The text of a message, in the encoding that MSH-18 names; raises ValueFault with segment and byte."""
    named = _named_encoding(data)
    try:
        return data.decode(named or encoding)
    except UnicodeDecodeError as fault:
        before = data[: fault.start].split(b"\r")
        found = f"byte {len(before[-1]) + 1} of segment {len(before)} is 0x{data[fault.start]:02x}"
        expected = (
            f"text in {(named or encoding).removesuffix('-sig')}; MSH-18 or the mapping can name another"
        )
        raise ValueFault("", found, Reason.BAD_ENCODING, expected) from None


def _named_encoding(data: bytes) -> str | None:
    fields = data.split(b"\r", 1)[0].split(data[3:4] or b"|", 18)
    name = fields[17].decode("latin-1").strip().upper() if len(fields) > 17 else ""
    try:
        return _ENCODINGS[name.split("~")[0]]
    except KeyError:
        raise ValueFault("MSH-18", name, Reason.BAD_ENCODING, f"one of {', '.join(_ENCODINGS)[2:]}") from None


def check(message: Message) -> None:
    """Raise ValueFault unless this is a whole ADT message of a trigger that is received."""
    header = message.header
    kind, trigger = header.text(9), trigger_of(message)
    if kind != "ADT" or trigger not in TRIGGERS:
        expected = f"ADT^ and one of {', '.join(sorted(TRIGGERS))}"
        raise ValueFault("MSH-9", f"{kind}^{trigger}", Reason.OTHER_KIND, expected)
    if not header.text(10):
        raise ValueFault("MSH-10", "", Reason.MISSING, "the message's own identifier")
    counts = Counter(message.names)
    for name in _ONCE:
        if counts[name] != 1:
            raise ValueFault(name, f"{counts[name]} segments", Reason.DAMAGED, f"{name} once in a message")
    if stray := [name for name in counts if not _SEGMENT.fullmatch(name)]:
        expected = "segments of ADT_A01 and ADT_A03, and those that begin with Z"
        raise ValueFault(stray[0], stray[0], Reason.DAMAGED, expected)


def trigger_of(message: Message) -> str:
    """MSH-9.2; senders of older versions write it in EVN-1 only."""
    return message.header.text(9, 2) or message.segment("EVN").text(1)
