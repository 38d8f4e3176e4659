"""Django settings, all from config.environment."""

from config import environment, release

ENVIRONMENT = environment.read()
ROOT = ENVIRONMENT.root
STATE = ENVIRONMENT.state
NODE = ENVIRONMENT.node
BUCKET = ENVIRONMENT.bucket
FILE_LIMIT = ENVIRONMENT.file_limit
PKCS11_MODULES = ENVIRONMENT.pkcs11_modules
CSC_SERVICES = ENVIRONMENT.csc_services
CIPHER_SUITES = ENVIRONMENT.cipher_suites
ISOLATED = ENVIRONMENT.isolated
NATS = ENVIRONMENT.nats
VERSION = release.VERSION

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = ENVIRONMENT.debug
SECOND_FACTOR = ENVIRONMENT.second_factor
PROXIES = ENVIRONMENT.proxies
METRICS_FROM = ENVIRONMENT.metrics_from
METRICS_TOKEN = ENVIRONMENT.metrics_token
ALLOWED_HOSTS = [*ENVIRONMENT.hosts]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "antin.outbox",
    "antin.journal",
    "antin.files",
    "antin.upkeep",
    "antin.index",
    "antin.workdays",
    "antin.identifiers",
    "antin.people",
    "antin.keys",
    "antin.codelists",
    "antin.correspondents",
    "antin.signing",
    "antin.vault",
    "antin.batches",
    "antin.oldbooks",
    "antin.handovers",
    "antin.numbering",
    "antin.notices",
    "antin.nodes",
    "antin.documents",
    "antin.opinions",
    "antin.tasks",
    "antin.exchange",
    "antin.intake",
    "antin.estate",
    "antin.indicators",
    "antin.programmes",
    "antin.agenda",
    "antin.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "antin.web.request_log.RequestLogMiddleware",
    "antin.web.budget.BudgetMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "antin.web.middleware.PagePolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "antin.web.session.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "antin.web.session.middleware.AudienceMiddleware",
    "antin.web.refusals.RefusalMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "antin.web.frame.in_context",
            ]
        },
    }
]

FORM_RENDERER = "antin.web.controls.Renderer"

# A statement, a wait for a lock and an idle transaction end by themselves before they hold up everybody else.
PATIENCE = "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=120s"
# Questions of pages end before a second worker would have begun (the sums of the board: 10 ms alone, 20 with two to help).
ALONE = "-c max_parallel_workers_per_gather=0"
DATABASES = {
    "default": {
        "ENGINE": "config.postgresql",
        **ENVIRONMENT.database,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "options": f"{PATIENCE} {ALONE}", **ENVIRONMENT.database_options},
    }
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [ROOT / "antin" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "antin" / "web" / "static"  # served where the front-end build leaves it: nothing to collect
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/dist/assets/.+-[\w-]{8}\.\w+$"

SESSION_ENGINE = "antin.people.sittings"
SESSION_COOKIE_NAME = "antin"
SESSION_COOKIE_AGE = 12 * 3600  # as antin.web.session.sitting.LONGEST
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = ENVIRONMENT.secure
CSRF_COOKIE_SECURE = ENVIRONMENT.secure
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "antin.web.errors.forged"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if ENVIRONMENT.secure else 0
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
BODY_LIMIT = 250 * 1024 * 1024  # of a whole request; a file's own limit is smaller and is said in its own words
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a document may go to 2,000 agencies
FILE_UPLOAD_HANDLERS = ["antin.web.uploads.Streaming"]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "config.logs.JsonLines"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": ENVIRONMENT.log}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "propagate": True, "level": "WARNING"},
        "django.request": {"level": "CRITICAL"},  # refusals and incidents are logged where they are worded
        # One line for each request and job, where the log is read by a program.
        "antin.request": {"level": "INFO" if ENVIRONMENT.log == "json" else "WARNING"},
        "antin.job": {"level": "INFO" if ENVIRONMENT.log == "json" else "WARNING"},
        "asyncio": {"level": "ERROR"},  # nats-py ends a TLS line in a way that it warns of
        "fontTools": {"level": "ERROR"},
        "pyhanko": {"level": "ERROR"},
        "pyhanko_certvalidator": {"level": "ERROR"},
    },
}
