"""Writes the answer to a message: received (AA, CA), wrong in itself (AE, CE), or of a kind not received (AR, CR)."""

from datetime import datetime

from throughline.formats.faults import Reason, ValueFault
from throughline.formats.hl7.parser import Message, Segment, escape, parse
from throughline.formats.hl7.structure import trigger_of

APPLICATION = "THROUGHLINE"
_PHIN_PROFILE = "PH_SS"
_LONGEST_TEXT = 250

# Table 0357, by what is wrong; all but the last two are the sender's to mend, and are worth no second try as they are.
_CONDITIONS = {
    Reason.DAMAGED: "100^Segment sequence error",
    Reason.MISSING: "101^Required field missing",
    Reason.BAD_ENCODING: "102^Data type error",
    Reason.CONTROL_CHARACTER: "102^Data type error",
    Reason.OTHER_KIND: "201^Unsupported event code",
}
_INTERNAL = "207^Application internal error"


def acknowledgment(
    data: bytes, *, at: datetime, control_id: str, fault: ValueFault | None = None, stored: bool = True
) -> bytes | None:
    """The answer to a message as it came; None where its sender wants none (MSH-15, MSH-16), and to
    an answer.

    `fault` is what `open_message` raised. `stored=False` says that the message is right but couldn't be kept, and
    should be sent again. `control_id` names the answer. A message whose header can't be read is answered too.

    In the original mode (MSH-15 and MSH-16 empty) every message is answered, with AA, AE or AR. A sender that fills
    MSH-15 wants to know that the message is safe: CA, CE or CR, or AA, AE or AR under the PHIN profiles, whose own
    samples say so. One that fills MSH-16 only gets AA, AE or AR. No second answer follows later.
    """
    message = _readable_part(data)
    header = message.header
    problem = _problem(fault, stored=stored)
    wanted = header.text(15) or header.text(16) or "AL"
    if header.text(9) == "ACK" or not _is_wanted(wanted, good=not problem):
        return None
    code = _family(header) + _letter(fault, stored=stored)
    segments = [_header(message, at, control_id), _verdict(header, code, problem)]
    if problem:
        segments.append(_error(header, fault, problem))
    return ("\r".join(segments) + "\r").encode(errors="surrogateescape")


def _readable_part(data: bytes) -> Message:
    """The header, and the rest if it can be parsed; of what isn't HL7 at all, an empty header."""
    text = data.decode(errors="surrogateescape")
    for part in (text, text.split("\r")[0].split("\n")[0]):
        try:
            return parse(part)
        except ValueFault:
            continue
    return parse(r"MSH|^~\&")


def _is_wanted(condition: str, *, good: bool) -> bool:
    """Table 0155: always, never, errors only, successes only."""
    return {"NE": False, "ER": not good, "SU": good}.get(condition, True)


def _family(header: Segment) -> str:
    is_phin = any(profile.startswith(_PHIN_PROFILE) for profile in header.texts(21))
    return "C" if header.text(15) and not is_phin else "A"


def _letter(fault: ValueFault | None, *, stored: bool) -> str:
    if fault is None and stored:
        return "A"
    return "R" if fault is None or fault.reason == Reason.OTHER_KIND else "E"


def _problem(fault: ValueFault | None, *, stored: bool) -> str:
    if fault is not None:
        return str(fault).lstrip(": ")[:_LONGEST_TEXT]
    return "" if stored else "The message could not be stored. Send it again."


def _header(message: Message, at: datetime, control_id: str) -> str:
    """Whoever was addressed answers to whoever sent; in the separators of the message."""
    asked = message.header
    kind = asked.separators.component.join(("ACK", trigger_of(message), "ACK"))
    fields = [asked.field(5) or APPLICATION, asked.field(6), asked.field(3), asked.field(4)]
    fields += [
        f"{at:%Y%m%d%H%M%S%z}",
        "",
        kind,
        control_id,
        asked.field(11) or "P",
        asked.field(12) or "2.5.1",
    ]
    fields += ["", "", "NE", "", "", "UNICODE UTF-8"]
    return asked.separators.field.join(["MSH", asked.field(2), *fields])


def _verdict(header: Segment, code: str, problem: str) -> str:
    fields = ["MSA", code, header.field(10)]
    return header.separators.field.join([*fields, escape(problem, header.separators)] if problem else fields)


def _error(header: Segment, fault: ValueFault | None, problem: str) -> str:
    """ERR of v2.5: where (ERR-2), which condition (ERR-3), how grave (ERR-4), and in words (ERR-8)."""
    marks = header.separators
    condition = (
        _CONDITIONS.get(fault.reason, "100^Segment sequence error") if fault else _INTERNAL
    ) + "^HL70357"
    where = marks.component.join((fault.field.replace("-", "-1-") if fault else "").split("-"))
    fields = [
        "ERR",
        "",
        where,
        condition.replace("^", marks.component),
        "E",
        "",
        "",
        "",
        escape(problem, marks),
    ]
    return marks.field.join(fields)
