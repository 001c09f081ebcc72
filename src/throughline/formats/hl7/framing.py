"""Marks where a message begins and ends on a connection (MLLP, HL7 v2 transport specification, release 1)."""

START = b"\x0b"
END = b"\x1c"
"""Behind it the standard wants one CR; some senders leave it out."""
_BETWEEN = b"\r\n"


class FramingFault(Exception):
    """Bytes that stand where a message should begin."""


def framed(message: bytes) -> bytes:
    return START + message + END + b"\r"


def unframed(block: bytes) -> bytes:
    """The message in a block that was read up to its end mark, which may be left out.

    Raises FramingFault where the block doesn't begin with the start mark; line ends before it are forgiven.
    """
    block = block.lstrip(_BETWEEN)
    if not block.startswith(START):
        raise FramingFault(f"A message begins with the byte 0x0b; this one with {block[:20]!r}.")
    return block[1:].removesuffix(END)


def whole_frames(data: bytes) -> int:
    """How many of the first bytes are whole frames, as `framed` writes them; what follows was cut off."""
    return data.rfind(END + b"\r") + 2 if END + b"\r" in data else 0
