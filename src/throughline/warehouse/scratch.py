"""Gives each process a folder for what its memory can't hold, and removes what dead processes left there."""

import os
import shutil
from pathlib import Path

from throughline.warehouse.files import make_folder


def scratch_folder(root: Path) -> Path:
    """The folder of this process, `scratch/<machine>-<number>`, which DuckDB makes and removes when it needs it.

    Only its owner can open the folder above. What a crash left there is people's data, and goes at the next start.
    """
    make_folder(root / "scratch")
    machine = os.uname().nodename
    for left in (root / "scratch").glob(f"{machine}-*"):
        if not _is_alive(left.name.removeprefix(f"{machine}-")):
            shutil.rmtree(left, ignore_errors=True)
    return root / "scratch" / f"{machine}-{os.getpid()}"


def _is_alive(number: str) -> bool:
    """Whether another process of this machine has the number; this one has left nothing yet."""
    if not number.isdecimal() or int(number) == os.getpid():
        return False
    try:
        os.kill(int(number), 0)  # signal 0 only asks
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
