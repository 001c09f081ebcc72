"""What a signed-in person can and can't change about their own account."""

from collections.abc import Callable


def test_nobody_changes_their_own_address(client_for: Callable) -> None:
    assert client_for("member").get("/account/email/").status_code == 404


def test_everybody_can_change_their_password(client_for: Callable) -> None:
    assert client_for("member").get("/account/password/change/").status_code in {200, 302}
