"""What a sender of messages may do, and when messages are handed over."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """Times are in seconds.

    A connection takes at most three times `message_bytes` of memory. It may be silent for `silence`; a message that
    has begun must end, and an answer must be taken, within `patience`.
    """

    connections: int = 100
    message_bytes: int = 1_000_000
    silence: float = 24 * 3600
    patience: float = 30
    messages_per_file: int = 1000
    seconds_per_file: float = 60
    encoding: str = "utf-8"
