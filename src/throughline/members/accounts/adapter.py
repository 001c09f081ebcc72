"""How sign-in is bound to the roster."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitationOnly(DefaultAccountAdapter):
    """Nobody signs up: people come from the roster."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
