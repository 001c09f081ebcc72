"""The command as an administrator runs it: a process of its own, messages sent to it, stopped by a signal."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SET_UP = """
import django; django.setup()
from django.utils import timezone
from throughline.evidence.feeds.actions import add_feed
from throughline.members.organizations.models import Organization
provider = Organization.objects.create(name="Hospital", sector="health_care")
add_feed(key="ed", name="ED visits", provider=provider, format="hl7v2", by="test", at=timezone.now())
"""
RECEIVE = """
import django; django.setup()
from django.utils import timezone
from throughline.evidence.feeds.actions import receive_next
while receive_next(at=timezone.now()): pass
from throughline.evidence.feeds.models import Delivery
print([(delivery.door, delivery.accepted) for delivery in Delivery.objects.all()])
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    own = {"THROUGHLINE_HOME": str(tmp_path), "THROUGHLINE_SECRET_KEY": "test"}
    settings = {"DJANGO_SETTINGS_MODULE": "throughline.config.settings"}
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return kept | own | settings


def python(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def test_messages_sent_to_the_command_are_received(
    environment: dict[str, str], connect: Callable[..., Any], message: Callable[[int], str], tmp_path: Path
) -> None:
    python(environment, "-m", "throughline.cli", "upgrade")
    python(environment, "-c", SET_UP)
    command = [sys.executable, "-m", "throughline.cli", "listen-hl7", "--feed", "ed", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as listening:
        assert listening.stdout is not None
        told = re.fullmatch(r"Listening on 127\.0\.0\.1 port (\d+)\.\n", listening.stdout.readline())
        assert told
        sender = connect(None, port=int(told[1]))
        for number in range(3):
            assert f"MSA|AA|M{number}" in sender.send(message(number))
        listening.send_signal(signal.SIGTERM)
        assert listening.wait(60) == 0
    assert python(environment, "-c", RECEIVE) == "[('mllp', 3)]\n"
    assert not list((tmp_path / "mllp" / "ed").glob("*_*"))
