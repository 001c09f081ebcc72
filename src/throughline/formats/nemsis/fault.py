"""Says where in an EMS file a rule of the standard is broken, so that the agency's software can be put right."""

from throughline.formats.faults import shown


class RecordFault(Exception):
    """A patient care report that breaks a rule: line, element, what was found there, what was expected."""

    def __init__(self, line: int, element: str, found: str, expected: str) -> None:
        super().__init__(f"line {line}, element {element}: {shown(found)}. Expected {expected}.")
        self.line = line
        self.element = element
        self.found = found
        self.expected = expected
