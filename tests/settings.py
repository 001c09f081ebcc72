"""The installation that tests run in: the real settings, with what only slows tests switched off."""

import os
import tempfile

os.environ.setdefault("THROUGHLINE_HOME", tempfile.mkdtemp(prefix="throughline-tests-"))
os.environ.setdefault("THROUGHLINE_DEBUG", "yes")
if os.environ.get("TEST_DATABASE") == "postgresql" and "DATABASE_URL" not in os.environ:
    import postgresql

    os.environ["DATABASE_URL"] = postgresql.start()  # which pytest-xdist's workers inherit

from throughline.config.settings import *  # noqa: F403

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405 WhiteNoise warns of a folder that is not there
DEBUG = False
# Argon2 is slow on purpose; tests sign in thousands of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
