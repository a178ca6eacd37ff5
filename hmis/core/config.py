"""All settings, read once from the environment (`HMIS_...`). `docs/settings.md` is generated from here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

_TIME = r"^(([01]\d|2[0-3]):[0-5]\d)?$"
_PRODUCTION, _SECRET = "production", "secret.key"
_FOR_OTHERS = re.compile(
    r"HMIS_(RELEASE|APP|DATABASE_IMAGE|CHROMIUM|STEPS|SCHEMATHESIS_EXAMPLES|ALL_BAD_INPUT|(WEB|TEST|REQUIRE)_\w+)"
)
"""What scripts around the server read: deployment, containers, the build of the pages, the tests."""
_DEVELOPMENT_SECRET = "only-for-development-and-never-for-patients"  # noqa: S105


def _secret_places() -> list[str]:
    """Folders of files named like settings (`hmis_secret_key`): of Docker's secrets, and of systemd's credentials."""
    places = ("/run/secrets", os.environ.get("CREDENTIALS_DIRECTORY", ""))
    return [place for place in places if place and Path(place).is_dir()]


class UnsafeSettings(Exception):
    """The server refuses to start: the message says what to change."""


class Settings(BaseSettings):
    """What an administrator may set. Frozen: a running server never changes its mind."""

    model_config = SettingsConfigDict(env_prefix="HMIS_", frozen=True, extra="ignore", secrets_dir=_secret_places())

    env: Literal["development", "production"] = Field(
        "development",
        description="`production` refuses weak secrets and demo passwords; `hmis init --production` has the data "
        "directory remember it.",
    )
    data_dir: Path = Field(
        Path("var"), description="Where the embedded database, the audit keys and the audit spool live."
    )
    database_url: str = Field(
        "",
        description="`sqlite:///...`, `mysql+pymysql://...` or `mysql+mysqldb://...`; "
        "empty: SQLite in the data directory.",
    )
    host: str = Field("127.0.0.1", description="Address the server listens on.")
    port: int = Field(5000, ge=1, le=65535, description="Port the server listens on.")
    workers: int = Field(2, ge=1, le=64, description="gunicorn worker processes.")
    secret_key: str = Field(
        _DEVELOPMENT_SECRET,
        description="Signs cookies; at least 32 random characters in production. Where it is not set there: "
        "`secret.key` in the data directory, which `hmis init` makes.",
    )
    hospital_name: str = Field("Demo General Hospital", description="Shown on screens and papers.")
    hospital_number_prefix: str = Field(
        "",
        pattern=r"^\d{0,4}$",
        description="First digits of every hospital number, so that two hospitals never share one.",
    )
    time_zone: str = Field(
        "Africa/Lagos", description="Where the hospital's day begins and ends, as the IANA names it; times stay UTC."
    )
    clinics: str = Field(
        "GOPD, Paediatrics, Antenatal, Medical outpatients, Eye, Dental, Accident and emergency",
        description="Clinics that screens offer at check-in, separated by commas, the most used first.",
    )
    phone_region: str = Field("NG", pattern=r"^[A-Z]{2}$", description="Country of phone numbers written without +.")
    cors_origins: str = Field(
        "", description="Other origins whose pages may call the API, separated by commas; empty: none."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="How many proxies in front set X-Forwarded-For and X-Forwarded-Proto."
    )
    idle_minutes: int = Field(15, ge=1, le=60, description="A session ends after so long without a request.")
    session_hours: int = Field(12, ge=1, le=24, description="A session ends after so long in any case.")
    audit_key_dir: Path | None = Field(
        None, description="Where audit keys are kept; default: `keys` in the data directory."
    )
    audit_anchor: Path | None = Field(
        None,
        description="File outside the database that gets each seal head; put it on another disk. "
        "Default: `anchor.log` in the data directory.",
    )
    worker: Literal["beside", "separate"] = Field(
        "beside",
        description="`beside`: `hmis serve` starts the worker (`hmis work`) itself; `separate`: it is a service of its "
        "own.",
    )
    backup_at: str = Field(
        "01:30",
        pattern=_TIME,
        description="When this server makes the nightly backup, by the hospital's clock; empty: it makes none.",
    )
    drill_at: str = Field(
        "03:30", pattern=_TIME, description="When this server proves the newest backup by restoring it; empty: never."
    )
    metrics_token: str = Field(
        "",
        pattern=r"^(\S{20,})?$",
        description="Whoever brings it may read `/metrics` from anywhere (`Authorization: Bearer ...`); at least 20 "
        "characters. Empty: readable on this machine alone.",
    )
    slow_query_ms: int = Field(
        500, ge=0, description="A statement that takes longer is told in the log, milliseconds; 0: none is."
    )
    disk_floor_mib: int = Field(
        256, ge=0, description="With less free on the disk of the data the server says that it is not ready, MiB."
    )
    disk_reserve_mib: int = Field(
        32,
        ge=0,
        description="With less free on the disk of the data no record is taken any more: what is left is for signing "
        "in and for reading, which is written down, MiB.",
    )
    backup_dir: Path | None = Field(
        None, description="Folder of the backups, for this hospital alone; default: `backups` in the data directory."
    )
    backup_key: str = Field(
        "",
        description="Key that backups are encrypted with and opened by: an age identity, or at least 32 random "
        "characters that stand for one. A secret; empty: the file of HMIS_BACKUP_KEY_FILE.",
    )
    backup_key_file: Path | None = Field(
        None,
        description="File of that key, which `hmis backup new-key` makes; default: `backup.key` in the data directory.",
    )
    backup_also_for: str = Field(
        "",
        description="More age recipients (`age1...`) who can open the backups, separated by commas: "
        "a key that lies in a safe and on no machine.",
    )
    backup_copy_to: Path | None = Field(
        None,
        description="Second folder that gets each backup, such as a mounted disk or share; for this hospital alone.",
    )
    backup_keep_daily: int = Field(7, ge=1, le=366, description="Of how many days the last backup is kept.")
    backup_keep_weekly: int = Field(4, ge=0, le=520, description="Of how many weeks the last backup is kept.")
    backup_keep_monthly: int = Field(12, ge=0, le=600, description="Of how many months the last backup is kept.")
    password_memory_kib: int = Field(
        65536, ge=8, le=1048576, description="Memory argon2 takes for each password check, KiB."
    )

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """All the usual ones. Raises `UnsafeSettings` where a secret's file is there and nothing is in it.

        An empty address of the database would mean another hospital: an empty one, on SQLite.
        """
        wanted = {f"hmis_{name}" for name in cls.model_fields}
        for place in _secret_places():
            for file in Path(place).iterdir():
                if file.name.lower() in wanted and not file.read_text().strip():
                    raise UnsafeSettings(
                        f"the secret file {file} is empty: write the secret into it, or remove the file"
                    )
        return super().settings_customise_sources(settings_cls, *sources, **named)

    @model_validator(mode="before")
    @classmethod
    def _as_the_data_directory_remembers(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Production and its secret, where nobody sets them. Raises `UnsafeSettings` where development is set."""
        folder = Path(given.get("data_dir") or cls.model_fields["data_dir"].default)
        if (folder / _PRODUCTION).exists() and given.setdefault("env", "production") == "development":
            raise UnsafeSettings(
                f"{folder} is that of a hospital with patients, and HMIS_ENV says development: leave HMIS_ENV away, or "
                "name another folder in HMIS_DATA_DIR"
            )
        secret = folder / _SECRET
        if given.get("env") == "production" and not given.get("secret_key") and secret.exists():
            given["secret_key"] = secret.read_text().strip()
        return given

    @field_validator("database_url")
    @classmethod
    def _of_a_database_we_speak(cls, url: str) -> str:
        if url and not re.match(r"(sqlite|mysql|mariadb)(\+\w+)?://", url):
            raise ValueError("HMIS speaks SQLite, MySQL and MariaDB; write sqlite:///... or mysql+pymysql://...")
        return url

    @field_validator("time_zone")
    @classmethod
    def _on_the_map(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{name} is no time zone known here; write one such as Africa/Lagos") from error
        return name

    def local(self, instant: datetime) -> datetime:
        """This instant by the clock on the hospital's wall."""
        return instant.astimezone(ZoneInfo(self.time_zone))

    def day_of(self, instant: datetime) -> date:
        """The date in the hospital at this instant: past midnight in Lagos it is yesterday in UTC."""
        return self.local(instant).date()

    def bounds_of(self, day: date) -> tuple[datetime, datetime]:
        """When a day of the hospital begins and when it has ended, in UTC."""
        began, ended = (datetime.combine(on, time(), ZoneInfo(self.time_zone)) for on in (day, day + timedelta(days=1)))
        return began.astimezone(UTC), ended.astimezone(UTC)

    @property
    def clinic_names(self) -> list[str]:
        """The clinics that screens offer, each once and with single spaces."""
        return list(dict.fromkeys(filter(None, (" ".join(name.split()) for name in self.clinics.split(",")))))

    @cached_property
    def url(self) -> str:
        """The database address in force."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'hmis.sqlite3').resolve()}"

    @property
    def production(self) -> bool:
        """Whether real patients are treated with this."""
        return self.env == "production"

    @property
    def production_mark(self) -> Path:
        """File that says that patients are treated with what is in the data directory."""
        return self.data_dir / _PRODUCTION

    @property
    def secret_key_path(self) -> Path:
        """File of the secret that is in force where none is set."""
        return self.data_dir / _SECRET

    @property
    def has_secret(self) -> bool:
        """Whether there is a secret that not everybody knows."""
        return self.secret_key not in ("", _DEVELOPMENT_SECRET)

    @property
    def keys(self) -> Path:
        """Folder of the audit keys."""
        return self.audit_key_dir or self.data_dir / "keys"

    @property
    def anchor(self) -> Path:
        """File of the audit's seal heads."""
        return self.audit_anchor or self.data_dir / "anchor.log"

    @property
    def metrics(self) -> Path:
        """Folder in which the processes that serve count."""
        return self.data_dir / "metrics"

    @property
    def disk_reserve_bytes(self) -> int:
        """What is left of the disk for signing in and reading."""
        return self.disk_reserve_mib * 1024 * 1024

    @property
    def backups(self) -> Path:
        """Folder of the backups."""
        return self.backup_dir or self.data_dir / "backups"

    @property
    def backup_key_path(self) -> Path:
        """File of the key that opens the backups."""
        return self.backup_key_file or self.data_dir / "backup.key"

    @property
    def spool(self) -> Path:
        """Folder where chart readings wait for the audit table."""
        return self.data_dir / "spool"

    def refuse_if_unsafe(self) -> None:
        """Raise `UnsafeSettings` where production would run on a known or short secret."""
        weak = self.secret_key == _DEVELOPMENT_SECRET or len(set(self.secret_key)) < 12 or len(self.secret_key) < 32
        if self.production and weak:
            raise UnsafeSettings(
                "HMIS_SECRET_KEY is weak: set at least 32 random characters, for example from: python3 -c "
                '"import secrets; print(secrets.token_urlsafe(48))"; or leave it away: `hmis init` makes one'
            )


def misspelt(names: Iterable[str]) -> list[str]:
    """Names among these that look like settings and are none, each in a sentence with the one that was meant."""
    known = [f"HMIS_{name.upper()}" for name in Settings.model_fields]
    said = []
    for name in sorted(names):
        if name.upper().startswith("HMIS_") and name.upper() not in known and not _FOR_OTHERS.fullmatch(name):
            near = get_close_matches(name.upper(), known, n=1, cutoff=0.8)
            said.append(f"{name} is no setting" + (f": did you mean {near[0]}?" if near else ""))
    return said
