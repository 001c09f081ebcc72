"""Every setting of an installation, from the environment; `docs/reference/settings.md` lists them."""

import os
import secrets
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


def env(name: str, default: str = "") -> str:
    return os.environ.get(f"THROUGHLINE_{name}", default)


def env_flag(name: str) -> bool:
    return env(name).lower() in {"1", "true", "yes", "on"}


SOURCE = Path(__file__).resolve().parents[1]
# Everything that an installation keeps lies under one folder, so that a backup is one folder and a database.
HOME = Path(env("HOME", "var")).absolute()
WAREHOUSE_DIR = HOME / "warehouse"
PUBLICATIONS_DIR = HOME / "publications"
INBOX_DIR = HOME / "inbox"
PREVIEWS_DIR = HOME / "previews"
# Front-end packages as npm installs them; only `make` and packagers move them.
NODE_MODULES = Path(env("NODE_MODULES", "node_modules")).absolute()

INSTALLATION_NAME = env("NAME", "Throughline")
SIMULATED = env_flag("SIMULATED")
DEBUG = env_flag("DEBUG")

SECRET_KEY = env("SECRET_KEY")
if not SECRET_KEY:
    # A throw-away key signs everyone out at each start, which is harmless only where nobody works.
    if not (DEBUG or SIMULATED):
        raise ImproperlyConfigured("Set THROUGHLINE_SECRET_KEY to a long random text and keep it secret.")
    SECRET_KEY = secrets.token_urlsafe(50)

ALLOWED_HOSTS = env("HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in env("ORIGINS").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "throughline.ui.apps.StaticFilesConfig",
    "csp",
    "django_htmx",
    "throughline.ui",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "throughline.ledger",
    "throughline.members.places",
    "throughline.members.organizations",
    "throughline.members.accounts",
    "throughline.members.groups",
    "throughline.signals",
    "throughline.evidence.agreements",
    "throughline.evidence.consents",
    "throughline.evidence.feeds",
    "throughline.evidence.case_definitions",
    "throughline.evidence.quality",
    "throughline.evidence.surveillance",
    "throughline.evidence.exchange",
    "throughline.decisions.commitments",
    "throughline.action.response",
    "throughline.results.evaluation",
    "throughline.results.publications",
    "throughline.public",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "throughline.config.urls"
WSGI_APPLICATION = "throughline.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "throughline.ui.context.installation",
                "throughline.members.access.permissions_context",
            ],
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL", f"sqlite:///{HOME / 'throughline.sqlite3'}"), conn_max_age=600
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Taking the write lock at the start avoids "database is locked" when a reader turns writer.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;"  # readers go on while one writes
            "PRAGMA synchronous=NORMAL;"  # safe with WAL: a power cut loses no consistency
            "PRAGMA cache_size=-65536;"  # 64 MiB keeps the demo city's pages in memory
            "PRAGMA foreign_keys=ON;"
        ),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_ADAPTER = "throughline.members.accounts.adapter.InvitationOnly"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Addresses come from the roster and its invitations; nobody signs up with somebody else's.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]

EMAIL_BACKEND = env("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = env("EMAIL_HOST", "localhost")
EMAIL_PORT = int(env("EMAIL_PORT", "587"))
EMAIL_HOST_USER = env("EMAIL_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_PASSWORD")
EMAIL_USE_TLS = bool(EMAIL_HOST_USER)
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", "throughline@localhost")

# Counts of failed sign-ins, shared by all processes; nothing else is cached.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": HOME / "cache"}
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [SOURCE / "locale"]
# Days on pages, days of detection and days of agreements are days of this zone.
TIME_ZONE = env("TIME_ZONE", "America/New_York")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [
    (prefix, folder)
    for prefix, folder in [
        ("uswds", NODE_MODULES / "@uswds" / "uswds" / "dist"),
        ("htmx", NODE_MODULES / "htmx.org" / "dist"),
    ]
    if folder.is_dir()
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
MEDIA_ROOT = HOME / "files"
FILE_UPLOAD_PERMISSIONS = 0o600
# Larger parts of an upload go to disk at once; nothing but the largest feed file may pass the second figure.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FEED_FILE_MAX_BYTES = int(env("FEED_FILE_MAX_BYTES", "2000000000"))
# Files that one agency's program may hand over within a minute; a program that runs wild must not fill the disk.
API_FILES_PER_MINUTE = int(env("API_FILES_PER_MINUTE", "60"))
# Agencies lay files into <feed>/ below this folder, over SFTP or a share; they are taken once they have been still
# for so many seconds.
DROP_DIR = Path(env("DROP_DIR", str(HOME / "drop"))).absolute()
DROP_STILL_SECONDS = int(env("DROP_STILL_SECONDS", "60"))

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# In production a proxy speaks TLS; the demo and the tests speak plain HTTP to this machine.
BEHIND_TLS = env_flag("TLS")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_SSL_REDIRECT = BEHIND_TLS
# Failed sign-ins are counted per visitor, whom the proxy names in X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_TLS else 0
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_REFERRER_POLICY = "same-origin"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "throughline.config.logs.LineFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Django's own handler would mail whole requests, and the values in every frame of a trace.
    "loggers": {"django": {"handlers": []}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "WARNING")},
}
