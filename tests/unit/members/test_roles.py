"""What the roles promise."""

import pytest

from throughline.members.access import EVERYONE, ROLES, Permission


@pytest.mark.parametrize("role", ROLES.values(), ids=ROLES)
def test_every_role_is_described_and_sees_the_coalition(role):
    assert str(role.name)
    assert str(role.description)
    assert role.permissions >= EVERYONE


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_is_given_by_some_role(permission):
    assert any(permission in role.permissions for role in ROLES.values())


def test_who_keeps_the_installation_reads_no_records():
    assert Permission.VIEW_QUARANTINE not in ROLES["administrator"].permissions


def test_only_a_privacy_officer_signs_agreements():
    signing = [key for key, role in ROLES.items() if Permission.SIGN_AGREEMENTS in role.permissions]
    assert signing == ["privacy_officer"]
