"""Reads the environment, once, into one frozen object. Nothing else in NTARS looks at the environment."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot import settings_checks as checks
from bot.settings_checks import Mistake, SettingsMistake, mistakes_of
from conversations.scheme import Scheme, parse

__all__ = ["Mistake", "Settings", "SettingsMistake", "read_scheme", "read_settings", "scheme_source"]

PREFIX = "NTARS_"

WebUrl = Annotated[str, AfterValidator(checks.web_url)]
MailAddress = Annotated[str, AfterValidator(checks.mail_address)]


class Settings(BaseSettings):
    """What the operator decides. Each field is the variable `NTARS_` and its name; all are optional.

    A field's description and example are what a mistake in it is answered with. `repr=False` marks a secret.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data_dir: Path = Field(
        Path("data"), description="the folder that NTARS keeps its data in", examples=["./data"]
    )
    database_url: Annotated[str, AfterValidator(checks.database_url)] = Field(
        default_factory=lambda given: f"sqlite:///{given['data_dir'] / 'ntars.db'}",
        description="a SQLite database",
        examples=["sqlite:///./data/ntars.db"],
        repr=False,
    )
    photo_url: Annotated[str, AfterValidator(checks.photo_url)] = Field(
        default_factory=lambda given: str(given["data_dir"] / "photos"),
        description="the folder that photos are kept in",
        examples=["./data/photos"],
    )
    scheme: Path | None = Field(None, description="the town's scheme file", examples=["./scheme.toml"])
    public_url: WebUrl | None = Field(
        None,
        description="the address that people reach this service at",
        examples=["https://ntars.example.org"],
    )
    listen: Annotated[str, AfterValidator(checks.listen_address)] = Field(
        "127.0.0.1:8080", description="address and port to listen on", examples=["127.0.0.1:8080"]
    )
    secret_key: SecretStr | None = Field(
        None,
        description="one or more long random texts, separated by commas, the first of which signs",
        examples=['the output of: python -c "import secrets; print(secrets.token_urlsafe(32))"'],
        repr=False,
    )
    telegram_token: Annotated[SecretStr, AfterValidator(checks.telegram_token)] | None = Field(
        None,
        description="the token as BotFather gave it",
        examples=["110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"],
        repr=False,
    )
    telegram_api_url: Annotated[WebUrl, AfterValidator(checks.api_root)] = Field(
        "https://api.telegram.org",
        description="the root of a Bot API server, without /bot",
        examples=["https://api.telegram.org"],
    )
    telegram_mode: Literal["polling", "webhook"] = Field(
        "polling", description="polling or webhook", examples=["polling"]
    )
    smtp_url: Annotated[SecretStr, AfterValidator(checks.smtp_url)] | None = Field(
        None,
        description="the mail server that reports leave by",
        examples=["smtp://user:password@mail.example.org:587"],
        repr=False,
    )
    mail_from: MailAddress | None = Field(
        None, description="the address that mails come from", examples=["NTARS <reports@bid.example>"]
    )
    reply_address: Annotated[str, AfterValidator(checks.mail_pattern)] | None = Field(
        None,
        description="an address with {token} in it, which tells the reports apart",
        examples=["reports+{token}@bid.example"],
    )
    admin_email: MailAddress | None = Field(
        None, description="the address that hears of trouble", examples=["admin@bid.example"]
    )
    geocoder_url: WebUrl | None = Field(
        None, description="a Nominatim-like server", examples=["https://nominatim.example.org"]
    )

    @model_validator(mode="after")
    def _webhook_needs_an_address(self) -> "Settings":
        if self.telegram_mode == "webhook" and self.telegram_token and not self.public_url:
            raise SettingsMistake(
                Mistake(
                    f"{PREFIX}PUBLIC_URL",
                    None,
                    "is needed, because NTARS_TELEGRAM_MODE is webhook",
                    "Write the address that Telegram reaches this service at, for example "
                    "https://ntars.example.org, or NTARS_TELEGRAM_MODE=polling",
                )
            )
        return self

    @property
    def host(self) -> str:
        """The address to listen on."""
        return urlsplit(f"//{self.listen}").hostname or ""

    @property
    def port(self) -> int:
        """The port to listen on."""
        return urlsplit(f"//{self.listen}").port or 0

    @property
    def on_sqlite(self) -> bool:
        """Whether the database is a file of this machine, so that one process has it for itself."""
        return self.database_url.startswith("sqlite")

    @property
    def database_folder(self) -> Path:
        """The folder of the SQLite database."""
        return Path(self.database_url.partition("///")[2]).parent

    def secret_keys(self) -> tuple[str, ...]:
        """The keys that signatures are checked with; the first one signs.

        Where none is set, one is made and kept in `data_dir/secret.key`, for its owner's eyes only. Machines
        that share a PostgreSQL database share no folder: there it must be set. Raises SettingsMistake or
        OSError.
        """
        given = self.secret_key.get_secret_value() if self.secret_key else ""
        if keys := tuple(key for part in given.split(",") if (key := part.strip())):
            return keys
        if not self.on_sqlite:
            raise SettingsMistake(
                Mistake(
                    f"{PREFIX}SECRET_KEY",
                    None,
                    "is needed with PostgreSQL, so that all processes sign alike",
                    'Write the output of: python -c "import secrets; print(secrets.token_urlsafe(32))"',
                )
            )
        return (_kept_key(self.data_dir),)

    def webhook_secret(self) -> str:
        """What Telegram proves itself with: derived from the first key, of `[A-Za-z0-9_-]` only."""
        token = self.telegram_token.get_secret_value() if self.telegram_token else ""
        key = self.secret_keys()[0].encode()
        return hmac.new(key, f"telegram webhook {token}".encode(), hashlib.sha256).hexdigest()


class _Exactly(Settings):
    """Settings of the values given, and nothing else."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment and of `.env` in the working directory, or of `env` alone.

    What the environment says counts more than `.env`. Raises SettingsMistake, with all that is wrong.
    """
    try:
        if env is None:
            return Settings()
        given: dict[str, Any] = {
            name: value for name in Settings.model_fields if (value := env.get(PREFIX + name.upper()))
        }
        return _Exactly(**given)
    except ValidationError as wrong:
        raise SettingsMistake(*mistakes_of(wrong, Settings, PREFIX)) from None


def scheme_source(settings: Settings) -> tuple[str, Path]:
    """The text of the scheme file in force, and where it stands. Raises SettingsMistake."""
    path = settings.scheme or shipped_scheme()
    try:
        return path.read_text("utf-8"), path
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsMistake(
            Mistake(
                f"{PREFIX}SCHEME",
                str(path),
                f"cannot be read: {why}",
                "Write the path of your scheme file, or leave it empty for the shipped one",
            )
        ) from None


def read_scheme(settings: Settings) -> Scheme:
    """The scheme in force. Raises SettingsMistake, or SchemeMistakes with all that is wrong in the file."""
    text, _ = scheme_source(settings)
    return parse(text)


def shipped_scheme() -> Path:
    """Northampton's scheme file. NTARS runs from a checkout, so that it is always a file."""
    return Path(str(resources.files("bot") / "schemes" / "northampton.toml"))


def _kept_key(folder: Path) -> str:
    path = folder / "secret.key"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = folder / f"secret.key.{secrets.token_hex(4)}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link never replaces: of two processes that start at once, both read the first one's key.
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text("ascii").strip()
