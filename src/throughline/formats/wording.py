"""Marks texts for translation in packages that may not import Django; pages translate them when they are shown."""


def gettext_noop(text: str) -> str:
    """Return `text` unchanged. `makemessages` finds the texts by this function's name."""
    return text
