"""Finds the resources of a bundle, and reads FHIR's own types out of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from throughline.formats.faults import Reason
from throughline.formats.fhir.node import Node

SEPARATOR = "|"
"""Stands between the values of an element that repeats."""

_TAKEN_BACK = frozenset({"entered-in-error", "cancelled"})


class Resources:
    """The resources of a bundle by their type, and its observations by the codes of what was observed.

    Observations that were taken back are left out.
    """

    def __init__(self, bundle: Node) -> None:
        self._by_type: dict[str, list[Node]] = defaultdict(list)
        self._observations: dict[str, list[Node]] = defaultdict(list)
        for entry in bundle / "entry":
            resource = entry / "resource"
            kind = (resource / "resourceType").text
            if not kind:
                (resource / "resourceType").refuse("a type of resource", Reason.MISSING)
            if kind != "Observation":
                self._by_type[kind].append(resource)
            elif not is_taken_back(resource):
                self._add_observation(resource)

    def _add_observation(self, observation: Node) -> None:
        self._by_type["Observation"].append(observation)
        for code in codes(observation / "code"):
            self._observations[code].append(observation)

    def of_type(self, kind: str) -> list[Node]:
        return self._by_type[kind]

    def one(self, kind: str) -> Node:
        return next(iter(self._by_type[kind]), Node(f"Bundle.({kind})", None))

    def observed(self, wanted: Iterable[str]) -> list[Node]:
        """Observations of any of these codes, in the order of the codes, then of the bundle."""
        return [observation for code in wanted for observation in self._observations[code]]

    def first(self, wanted: Iterable[str]) -> Node:
        return next(iter(self.observed(wanted)), Node("Bundle.(Observation)", None))


def is_taken_back(resource: Node) -> bool:
    """Whether an observation or a report says that it must not count (FHIR R4, its status)."""
    return (resource / "status").text in _TAKEN_BACK


def codes(concept: Node) -> list[str]:
    """The codes of a CodeableConcept, whatever their systems."""
    return [code for coding in concept / "coding" if (code := (coding / "code").text)]


def code(concept: Node) -> str:
    return next(iter(codes(concept)), "")


def concept_text(concept: Node) -> str:
    """A CodeableConcept in words: its text, else a code's display name, else the code."""
    displays = ((coding / "display").text for coding in concept / "coding")
    return (concept / "text").text or next(filter(None, displays), "") or code(concept)


def value_text(observation: Node) -> str:
    """What was observed, as it is written; empty where there is no value."""
    quantity = observation / "valueQuantity"
    written = (quantity / "value").text
    return (
        concept_text(observation / "valueCodeableConcept")
        or (observation / "valueString").text
        or " ".join(filter(None, (written, (quantity / "unit").text)))
    )


def component(observation: Node, name: str) -> Node:
    """The component of an observation that has this code; empty if none has."""
    found = (part for part in observation / "component" if name in codes(part / "code"))
    return next(found, Node(f"{observation.path}.component", None))


def extensions(node: Node, name: str) -> Iterator[Node]:
    """Extensions whose address ends in a name, whatever the guide's version made of its hyphens and capitals."""
    for extension in node / "extension":
        if _plain((extension / "url").text.rpartition("/")[2]).startswith(_plain(name)):
            yield extension


def extension(node: Node, name: str) -> Node:
    return next(extensions(node, name), Node(f"{node.path}.extension({name})", None))


def _plain(name: str) -> str:
    return name.replace("-", "").casefold().removeprefix("extension")


def moment(node: Node, name: str) -> str:
    """A date or dateTime; where only parts of it are known, those of its partial-date extension, such as 2020-11."""
    return (node / name).text or next(filter(None, map(_parts, (node / f"_{name}") / "extension")), "")


def _parts(partial: Node) -> str:
    """FHIR's way to write dates of which a part is unknown (VRDR, PartialDateTime)."""
    found = {}
    for part in partial / "extension":
        name = _plain((part / "url").text.rpartition("/")[2]).removeprefix("date")
        known = (part / "valueUnsignedInt").text or (part / "valueTime").text
        found[name] = known if name == "time" else known.zfill(2) if known else ""
    day = "-".join(_known_start([found.get("year", ""), found.get("month", ""), found.get("day", "")]))
    return f"{day}T{found['time']}" if found.get("time") and len(day) == len("2020-11-12") else day


def _known_start(parts: list[str]) -> list[str]:
    return parts[: parts.index("")] if "" in parts else parts


def joined(values: Iterable[str]) -> str:
    """Values of an element that repeats, once each; none of them can hold the separator itself."""
    kept = (value.replace(SEPARATOR, "/") for value in values if value)
    return SEPARATOR.join(dict.fromkeys(kept))
