"""A `throughline` command for shells in tests: each call a process of its own, without a second of imports.

`python door.py FOLDER` imports what is heavy, puts the command into FOLDER and forks once for each call. A call
brings its own arguments, environment, working folder and streams, so Django reads its settings anew each time.
"""

import json
import os
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path

HEAVY = (
    "click", "django.contrib.auth.hashers", "django.db.migrations.executor", "django.forms", "django.urls",
    "duckdb", "openpyxl", "pyarrow.parquet", "scipy.optimize", "shapely", "throughline.science.scan",
    "throughline.science.change", "throughline.science.spikes", "throughline.city.build", "throughline.warehouse",
)  # fmt: skip
COMMAND = """#!{python} -SE
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as door:
    door.connect({address!r})
    call = json.dumps([sys.argv, os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(door, [len(call).to_bytes(4, "big")], [0, 1, 2])
    door.sendall(call)
    sys.exit(door.recv(1)[0])
"""


def main(folder: Path) -> None:
    for name in HEAVY:
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the calls' processes
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / "door"))
        door.listen()
        command = folder / "throughline"
        command.write_text(COMMAND.format(python=sys.executable, address=str(folder / "door")))
        command.chmod(0o755)
        while True:
            caller, _address = door.accept()
            if os.fork() == 0:
                caller.sendall(bytes([answer(caller)]))
                os._exit(0)
            caller.close()


def answer(caller: socket.socket) -> int:
    """Be the command that was called; its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, streams, _flags, _address = socket.recv_fds(caller, 4, 3)
    with caller.makefile("rb") as stream:
        sys.argv, here, environment = json.loads(stream.read(int.from_bytes(size, "big")))
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.dup2(streams[number], number)
        setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))
    os.chdir(here)
    os.environ.clear()
    os.environ.update(environment)
    from throughline.cli.main import main as throughline

    try:
        throughline()
    except SystemExit as end:
        return end.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    main(Path(sys.argv[1]))
