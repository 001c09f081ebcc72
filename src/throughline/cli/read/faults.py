"""Tells in one line why a file can't be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from throughline.cli.faults import Fault
from throughline.formats.document import DocumentError
from throughline.formats.faults import UnreadableFile, shown


@contextmanager
def plain_faults(file: Path) -> Iterator[None]:
    """`file` is what is being read; faults of other files name them themselves."""
    try:
        yield
    except UnreadableFile as fault:
        raise Fault(_one_line(str(fault))) from fault
    except DocumentError as fault:
        raise Fault(_one_line(f"The mapping can't be used: {' '.join(fault.faults)}")) from fault
    except BrokenPipeError:
        raise  # whoever reads standard output has seen enough
    except OSError as fault:
        found = fault.strerror or str(fault)
        raise Fault(
            _one_line(f"{fault.filename or file}: {found}. Expected a file that can be read.")
        ) from fault


def check_is_file(path: Path) -> None:
    """Folders, pipes and devices are no files; a missing file, or one without permission, is told when opened."""
    if path.exists() and not path.is_file():
        found = "this is a folder" if path.is_dir() else "this is no plain file"
        raise UnreadableFile(str(path), found, "a file")


def _one_line(text: str) -> str:
    return shown(" ".join(text.split()), longest=1000)
