"""Settings: read from the environment, and passed to each part in its own form."""

import os
import re
from datetime import time, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import click
from pydantic import AfterValidator, BeforeValidator, DirectoryPath, Field, FilePath, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from announcements import settings as announcements_settings
from db import config, embedded
from db.leases import Retries
from emission import settings as emission_settings
from lookup import settings as lookup_settings
from pac.providers import KINDS, Misconfigured, read_providers
from resolvers.document_links import LIFETIME
from rules import retry
from rules.contact import ascii_email
from rules.invoice import BACKDATING_DAYS
from transport import limits

CHECKOUT: Final = Path(__file__).resolve().parents[1]
NOBODY: Final = "none"
ANY: Final = "*"

_HOST: Final = r"(\[[^]]+\]|[^][/?@:,]*)(:[0-9]+)?"
_POSTGRES_URL: Final = re.compile(rf"postgres(ql)?://([^/?]*@)?{_HOST}(,{_HOST})*([/?].*)?")
_ORIGIN: Final = re.compile(r"https?://(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:[0-9]+)?")


def postgres_url(value: str) -> str:
    if not _POSTGRES_URL.fullmatch(value):
        form = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
        raise PydanticCustomError("url", f"Must read {form}; in a password % / ? are %25 %2F %3F")
    return value


PostgresUrl = Annotated[str, AfterValidator(postgres_url)]


def standby_url(value: str) -> str:
    if "," in value.partition("?")[0].rpartition("@")[2]:
        raise PydanticCustomError("url", "Must name one server: another one may have replayed less")
    return postgres_url(value)


StandbyUrl = Annotated[str, AfterValidator(standby_url)]


def split_at_commas(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def origin(value: str) -> str:
    if value != ANY and not _ORIGIN.fullmatch(value):
        raise PydanticCustomError("origin", "Must read https://HOST or http://HOST:PORT, without a path")
    return value


def web_address(value: str) -> str:
    if not _ORIGIN.fullmatch(value):
        raise PydanticCustomError("address", "Must read https://HOST or http://HOST:PORT, without a path")
    return value


def network(value: str) -> str:
    try:
        return value if value == ANY else str(ip_network(value))
    except ValueError:
        raise PydanticCustomError("network", "Must be an IP address or network, such as 10.0.0.0/8") from None


def sender(value: str) -> str:
    try:
        return ascii_email(value)
    except ValueError:
        raise PydanticCustomError("email", "Must be an e-mail address, such as facturas@example.com") from None


def positive(values: tuple[float, ...]) -> tuple[float, ...]:
    if not values or min(values) <= 0:
        raise PydanticCustomError("pauses", "Must list numbers above 0, such as 5,30,120")
    return values


Pauses = Annotated[tuple[float, ...], NoDecode, BeforeValidator(split_at_commas), AfterValidator(positive)]
Sender = Annotated[str, AfterValidator(sender)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(origin)], ...], NoDecode, BeforeValidator(split_at_commas)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(network)], ...], NoDecode, BeforeValidator(split_at_commas)]
Lower = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)


class Settings(BaseSettings):
    """Read from the environment, and nowhere else. An empty variable counts as not set."""

    model_config = SettingsConfigDict(env_prefix="", env_ignore_empty=True, extra="ignore", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    processes: int = Field(
        1, ge=1, le=256, description="Server processes, each on a core of its own; `server.py serve --processes N`."
    )
    database_url: PostgresUrl | None = Field(
        None, description="PostgreSQL 15 or newer. Without it Istmo runs one itself, in ISTMO_DATA_DIR."
    )
    database_admin_url: PostgresUrl | None = Field(
        None, description="Login for migrations, if the login of DATABASE_URL may not migrate."
    )
    read_database_url: StandbyUrl | None = Field(
        None, description="A standby of DATABASE_URL, with the same login: it answers queries that it has all data for."
    )
    database_pooler: Literal["none", "transaction"] = Field(
        "none", description="transaction: DATABASE_URL leads to a PgBouncer in transaction mode."
    )
    database_mode: Literal["single", "distributed"] = Field(
        "single", description="distributed: Citus has the accounts' tables on several nodes; see docs/operations.md."
    )
    database_pool_size: int = Field(10, ge=1, description="Connections to PostgreSQL per process, at most.")
    database_acquire_timeout: float = Field(
        10, gt=0, description="Longest wait for a connection or a lock, in seconds."
    )
    database_statement_timeout: float = Field(
        12, gt=0, description="Seconds that a statement may take, including time spent waiting for locks."
    )
    nodes_file: FilePath | None = Field(
        None, description="TOML file with the nodes, among which `server.py accounts move` moves accounts."
    )
    migrate_on_start: bool = Field(True, description="Whether the server migrates the database when it starts.")
    istmo_data_dir: Path | None = Field(
        None, description="Folder of the embedded database: .data by default, for root a folder in /var/lib/istmo."
    )
    registry_providers: str | None = Field(
        None,
        description=(
            f"Providers of RUC look-ups, in their order, of {', '.join(KINDS)}; or none. "
            "The default is none, with the embedded database a sandbox."
        ),
    )
    registry_timeout: float = Field(5, gt=0, description="Seconds that a look-up may take, all providers together.")
    registry_found_fresh: float = Field(
        86400, ge=0, description="Seconds for which a FOUND answer is used without asking again."
    )
    registry_not_found_fresh: float = Field(
        3600, ge=0, description="Seconds for which a NOT_FOUND answer is used without asking again."
    )
    registry_stale: float = Field(
        2592000,
        ge=0,
        description="Seconds for which an old answer is used while no provider answers, and then deleted.",
    )
    registry_attempts: int = Field(3, ge=1, description="Attempts to get one answer from a provider, at most.")
    registry_calls: int = Field(8, ge=1, description="Calls of one provider at the same time, at most.")
    registry_failures: int = Field(
        5,
        ge=1,
        description="Failures in a row after which a provider is not called for an account for REGISTRY_REST seconds.",
    )
    registry_rest: float = Field(
        10, gt=0, description="Seconds for which a provider is not called after failures, or about a RUC that failed."
    )
    registry_daily_limit: int = Field(
        2000, ge=0, description="Questions that an account may ask the providers in a day, at most; 0 is no limit."
    )
    worker: bool = Field(
        True, description="Whether `server.py serve` runs a worker, too; `server.py worker` is only that."
    )
    smtp_host: str | None = Field(
        None, description="Mail server. Without it mails are written into the folder mail in ISTMO_DATA_DIR."
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="Encryption: starttls, tls (port 465) or none."
    )
    smtp_user: str | None = Field(None, description="User name at the mail server, if it requires one.")
    smtp_password: SecretStr | None = Field(None, description="Password of that user.")
    mail_from: Sender | None = Field(None, description="Sender's address, required with SMTP_HOST.")
    mail_daily_limit: int = Field(
        2000, ge=0, le=1_000_000_000, description="Mails that an account may send in a day, at most; 0 is no limit."
    )
    mail_daily_limit_address: int = Field(
        100, ge=0, le=1_000_000_000, description="Of these, mails to one address, at most; 0 is no limit."
    )
    webhook_local: bool = Field(
        False, description="Whether webhooks on this machine are allowed, by http too; for development."
    )
    pac_secrets_key: SecretStr | None = Field(
        None,
        description=(
            "Key by which accounts' credentials at their providers are encrypted; `server.py pac key` prints one. "
            "Several are separated by commas: the first encrypts, all decrypt. The embedded database has its own."
        ),
    )
    pac_secrets_key_file: Path | None = Field(None, description="File that has PAC_SECRETS_KEY.")
    event_retention: float = Field(90, ge=7, description="Days for which events and deliveries are kept.")
    audit_retention: int | None = Field(
        None, ge=1, le=100, description="Years for which the audit trail is kept; forever without it."
    )
    emission_timeout: float = Field(
        30, gt=0, le=300, description="Seconds that a call of a provider about an electronic document may take."
    )
    emission_lease: float = Field(
        120,
        gt=0,
        description="Seconds for which a worker holds an electronic document; at least three times EMISSION_TIMEOUT.",
    )
    emission_settle: float = Field(
        300,
        ge=0,
        description="Seconds after an attempt in which a document that isn't found may still arrive at the provider.",
    )
    emission_pauses: Pauses = Field(
        emission_settings.PAUSES,
        description="Pauses between attempts at a document that fails, in seconds; the last one repeats.",
    )
    emission_patience: float = Field(
        24, gt=0, description="Hours after which a document that fails is blocked until somebody looks after it."
    )
    emission_hourly: float = Field(
        3600, gt=0, description="Seconds until a document is tried again that folios or a certificate have blocked."
    )
    emission_calls: int = Field(
        4, ge=1, description="Calls about electronic documents at the same time, at most, of one account."
    )
    reconciliation_every: float = Field(
        3600,
        ge=60,
        description="Seconds after which an account's provider is asked again for its folios and licence.",
    )
    reconciliation_time: time = Field(
        time(2),
        description=(
            "Time of day in Panama, such as 02:00, after which the account's documents of the last 8 days and its "
            "sequences are compared, once a day."
        ),
    )
    reconciliation_sample: int = Field(
        50, ge=0, le=1000, description="Authorised documents, at most, that are looked at each day for an account."
    )
    fiscal_retention: int = Field(
        5, ge=5, le=100, description="Years for which authorised XML and PDF files, and the evidence of them, are kept."
    )
    fonts_dir: DirectoryPath | None = Field(
        None, description="Folder with further fonts for PDFs, such as for Chinese or Arabic; see docs/documents.md."
    )
    backdating_days: int = Field(
        BACKDATING_DAYS,
        ge=0,
        le=36500,
        description="Days by which an invoice may be dated before its billing point's last one.",
    )
    public_url: Annotated[str, AfterValidator(web_address)] | None = Field(
        None, description="Where people reach the service, such as https://facturas.example; links in mails need it."
    )
    document_link_days: int = Field(
        LIFETIME.days, ge=1, le=3650, description="Days for which a public link of a document works."
    )
    rate_limit: int = Field(
        6000, ge=0, le=1_000_000_000, description="Requests per account and minute, at most; 0 is no limit."
    )
    max_body_size: int = Field(1_000_000, gt=0, description="Bytes of a request's body, at most.")
    max_connections: int = Field(
        1000, ge=1, description="Connections of clients at the same time, at most, to each process."
    )
    request_timeout: float = Field(30, gt=0, description="Seconds within which a request must arrive completely.")
    cors_origins: Origins = Field(
        (), description="Origins whose pages may use the API, such as https://app.example; * is any."
    )
    forwarded_allow_ips: Networks = Field(
        ("127.0.0.1", "::1"), description="Proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted; * is any."
    )
    metrics_allow_ips: Networks = Field(
        ("127.0.0.1", "::1"), description="Addresses and networks that may read /metrics; * is any."
    )
    profile: Literal["development", "production"] = Field(
        "development",
        description="production: no introspection, no playground, and no details about invalid documents.",
    )
    trusted_documents: Literal["also", "only"] = Field(
        "also",
        description=(
            "only: no documents are executed except those that `server.py trusted-documents add` added and "
            "those of the pages."
        ),
    )
    max_tokens: int = Field(limits.Limits.tokens, ge=1, description="Tokens of a document, at most.")
    max_values: int = Field(limits.Limits.values, ge=1, description="Values in variables, at most.")
    max_depth: int = Field(limits.Limits.depth, ge=1, description="Depth of nested fields, at most.")
    max_aliases: int = Field(limits.Limits.aliases, ge=0, description="Aliases of a document, at most.")
    max_directives: int = Field(limits.Limits.directives, ge=0, description="Directives on one field, at most.")
    max_root_fields: int = Field(
        limits.Limits.root_fields, ge=1, description="Root fields (queries or mutations) of an operation, at most."
    )
    max_cost: int = Field(
        limits.Limits.cost, ge=1, description="Cost of an operation, at most: about the number of objects it asks for."
    )
    operation_timeout: float = Field(
        limits.Limits.seconds, gt=0, description="Seconds after which an operation is cancelled."
    )
    playground: bool = Field(
        True, description="Whether browsers get the playground (GraphiQL) at /graphql and /playground."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="Format of logs; auto is console on a terminal, otherwise json."
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Lower] = Field(
        "info", description="Lowest level that is logged."
    )
    graceful_timeout: int = Field(10, ge=0, description="Seconds that open requests may take when the server stops.")


def read_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        faults = [f"{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
        raise click.ClickException("\n".join(faults)) from error


def tortoise_config(settings: Settings, url: str) -> dict[str, Any]:
    return config.tortoise(url, **_connection_settings(settings))


def standby_credentials(settings: Settings) -> dict[str, Any] | None:
    """For connections to the standby, if there is one."""
    url = settings.read_database_url
    if url and settings.database_mode == "distributed":
        raise click.ClickException("READ_DATABASE_URL: A database on several nodes has no position to read after")
    return config.credentials(url, **_connection_settings(settings)) if url else None


def _connection_settings(settings: Settings) -> dict[str, Any]:
    return {
        "role": config.SERVICE_ROLE,
        "pool_size": settings.database_pool_size,
        "acquire_timeout": settings.database_acquire_timeout,
        "statement_timeout": settings.database_statement_timeout,
        "transaction_pooler": settings.database_pooler == "transaction",
        "distributed": settings.database_mode == "distributed",
    }


def direct_url(settings: Settings, url: str) -> str | None:
    """The address of PostgreSQL itself, past a pooler, for listening to its notifications; None if it is unknown."""
    return settings.database_admin_url if settings.database_pooler == "transaction" else url


def registry_settings(settings: Settings) -> lookup_settings.Settings:
    """Which providers are asked about RUCs, and how."""
    names = settings.registry_providers or NOBODY
    try:
        chosen = () if names == NOBODY else read_providers(names, os.environ)
    except Misconfigured as error:
        raise click.ClickException(f"REGISTRY_PROVIDERS: {error}") from None
    return lookup_settings.Settings(
        providers=chosen,
        timeout=settings.registry_timeout,
        found_fresh=settings.registry_found_fresh,
        not_found_fresh=settings.registry_not_found_fresh,
        stale=settings.registry_stale,
        attempts=settings.registry_attempts,
        calls_under_way=settings.registry_calls,
        failures=settings.registry_failures,
        rest=settings.registry_rest,
        daily_limit=settings.registry_daily_limit,
    )


def operation_limits(settings: Settings) -> limits.Limits:
    """What a request may ask for."""
    return limits.Limits(
        tokens=settings.max_tokens,
        values=settings.max_values,
        depth=settings.max_depth,
        aliases=settings.max_aliases,
        directives=settings.max_directives,
        root_fields=settings.max_root_fields,
        cost=settings.max_cost,
        seconds=settings.operation_timeout,
        open_schema=settings.profile != "production",
        only_trusted=settings.trusted_documents == "only",
    )


def announcement_settings(settings: Settings) -> announcements_settings.Settings:
    """How announcements are delivered."""
    smtp = None
    if settings.smtp_host:
        if settings.mail_from is None:
            raise click.ClickException("MAIL_FROM: Must be set, as SMTP_HOST is")
        smtp = announcements_settings.Smtp(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_security,
            settings.smtp_user,
            settings.smtp_password,
        )
    return announcements_settings.Settings(
        mail_folder=(settings.istmo_data_dir or embedded.data_dir(CHECKOUT)) / "mail",
        mail_from=settings.mail_from or "facturas@localhost",
        smtp=smtp,
        local_webhooks=settings.webhook_local,
        mails_of_account=settings.mail_daily_limit,
        mails_to_address=settings.mail_daily_limit_address,
        public_url=settings.public_url,
        link_lifetime=timedelta(days=settings.document_link_days),
        retention=settings.event_retention * 24 * 3600,
        audit_years=settings.audit_retention,
    )


def emitting_settings(settings: Settings) -> emission_settings.Settings:
    """How electronic documents are sent."""
    retries = Retries(retry.Pauses(settings.emission_pauses), settings.emission_patience * 3600)
    try:
        return emission_settings.Settings(
            lease=settings.emission_lease,
            call=settings.emission_timeout,
            settle=settings.emission_settle,
            retries=retries,
            hourly=settings.emission_hourly,
            calls_of_account=settings.emission_calls,
            reconcile_every=settings.reconciliation_every,
            reconcile_at=settings.reconciliation_time,
            sample=settings.reconciliation_sample,
            retention_years=settings.fiscal_retention,
        )
    except ValueError:
        raise click.ClickException("EMISSION_LEASE: Must be at least three times EMISSION_TIMEOUT") from None
