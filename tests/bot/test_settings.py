"""The environment becomes settings, or a list of what is wrong with it."""

import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from bot.settings import PREFIX, Settings, SettingsMistake, read_scheme, read_settings, scheme_source

ROOT = Path(__file__).parents[2]
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


def mistakes(**env: str) -> dict[str, str]:
    with pytest.raises(SettingsMistake) as found:
        read_settings({PREFIX + name.upper(): value for name, value in env.items()})
    return {mistake.name: str(mistake) for mistake in found.value.mistakes}


# Reading


def test_nothing_need_be_set() -> None:
    settings = read_settings({})

    assert settings.database_url == "sqlite:///data/ntars.db"
    assert settings.photo_url == "data/photos"
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.telegram_mode == "polling"
    assert settings.telegram_token is None
    assert settings.on_sqlite


def test_what_follows_from_the_data_folder_follows_it(tmp_path: Path) -> None:
    settings = read_settings({"NTARS_DATA_DIR": str(tmp_path)})

    assert settings.database_url == f"sqlite:///{tmp_path}/ntars.db"
    assert settings.photo_url == f"{tmp_path}/photos"


def test_an_empty_variable_is_not_set() -> None:
    assert read_settings({"NTARS_TELEGRAM_TOKEN": "", "NTARS_LISTEN": ""}) == read_settings({})


def test_the_environment_counts_more_than_the_file_and_the_file_more_than_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "NTARS_LISTEN=0.0.0.0:1\nNTARS_ADMIN_EMAIL=ann@bid.example\nNTARS_SMTP_URL=\nNTARS_TWILIO_API_URL=x\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NTARS_LISTEN", "127.0.0.1:2")

    settings = read_settings()

    assert (settings.port, settings.admin_email, settings.smtp_url) == (2, "ann@bid.example", None)


def test_a_mapping_is_read_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NTARS_LISTEN", "127.0.0.1:2")

    assert read_settings({}).port == 8080


def test_addresses_lose_the_slash_at_their_end() -> None:
    settings = read_settings(
        {"NTARS_PUBLIC_URL": "https://a.example/n/", "NTARS_TELEGRAM_API_URL": "http://127.0.0.1:9/"}
    )

    assert settings.public_url == "https://a.example/n"
    assert settings.telegram_api_url == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("listen", "host", "port"),
    [("0.0.0.0:80", "0.0.0.0", 80), ("[::1]:8443", "::1", 8443), ("box:1", "box", 1)],
)
def test_host_and_port_are_told_apart(listen: str, host: str, port: int) -> None:
    settings = read_settings({"NTARS_LISTEN": listen})

    assert (settings.host, settings.port) == (host, port)


def test_settings_do_not_change_and_do_not_tell_secrets() -> None:
    settings = read_settings(
        {
            "NTARS_TELEGRAM_TOKEN": TOKEN,
            "NTARS_SMTP_URL": "smtp://ann:hunter2@mail.example:587",
            "NTARS_DATABASE_URL": "postgresql://ntars:hunter2@db/ntars",
            "NTARS_SECRET_KEY": "hunter2",
        }
    )

    assert "hunter2" not in repr(settings)
    assert TOKEN not in repr(settings)
    with pytest.raises(ValueError, match="frozen"):
        settings.listen = "x"  # type: ignore[misc]


# Mistakes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("listen", "8080"),
        ("listen", "127.0.0.1"),
        ("listen", "127.0.0.1:http"),
        ("listen", "127.0.0.1:99999"),
        ("listen", "127.0.0.1:0"),
        ("public_url", "ntars.example.org"),
        ("public_url", "https://a.example/?x=1"),
        ("telegram_api_url", "https://api.telegram.org/bot"),
        ("telegram_api_url", "ftp://api.telegram.org"),
        ("telegram_mode", "pull"),
        ("database_url", "mysql://h/n"),
        ("photo_url", "https://photos.example"),
        ("smtp_url", "mail.example:25"),
        ("smtp_url", "smtp://mail.example:port"),
        ("mail_from", "reports at bid.example"),
        ("mail_from", "A <a@b.example>\r\nBcc: x@y.example"),
        ("reply_address", "reports@bid.example"),
        ("reply_address", "reports@{token}.example"),
        ("admin_email", "ann"),
        ("geocoder_url", "nominatim"),
        ("telegram_token", "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"),
    ],
)
def test_a_mistake_names_the_variable_and_the_mend(name: str, value: str) -> None:
    found = mistakes(**{name: value})

    variable = PREFIX + name.upper()
    assert list(found) == [variable]
    assert f"for example {variable}=" in found[variable]


def test_all_mistakes_are_told_at_once_in_words() -> None:
    found = mistakes(listen="8080", admin_email="ann", telegram_mode="pull")

    assert found == {
        "NTARS_LISTEN": "NTARS_LISTEN=8080 is no address with a port. "
        "Write address and port to listen on, for example NTARS_LISTEN=127.0.0.1:8080",
        "NTARS_TELEGRAM_MODE": "NTARS_TELEGRAM_MODE=pull is not possible here. "
        "Write polling or webhook, for example NTARS_TELEGRAM_MODE=polling",
        "NTARS_ADMIN_EMAIL": "NTARS_ADMIN_EMAIL=ann is no mail address. "
        "Write the address that hears of trouble, for example NTARS_ADMIN_EMAIL=admin@bid.example",
    }


@pytest.mark.parametrize("name", ["telegram_token", "smtp_url", "database_url"])
def test_a_secrets_value_is_never_told(name: str) -> None:
    (told,) = mistakes(**{name: "hunter2 hunter2"}).values()

    assert "hunter2" not in told


def test_the_examples_of_the_mends_are_no_mistakes() -> None:
    examples = {
        PREFIX + name.upper(): str(field.examples[0])
        for name, field in Settings.model_fields.items()
        if field.examples
    }

    assert set(examples) == {PREFIX + name.upper() for name in Settings.model_fields}
    assert read_settings(examples).reply_address == "reports+{token}@bid.example"


def test_a_webhook_needs_an_address() -> None:
    found = mistakes(telegram_mode="webhook", telegram_token=TOKEN)

    assert list(found) == ["NTARS_PUBLIC_URL"]


# Keys


def test_a_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    settings = read_settings({"NTARS_DATA_DIR": str(tmp_path / "new")})

    keys = settings.secret_keys()

    kept = tmp_path / "new" / "secret.key"
    assert keys == (kept.read_text().strip(),)
    assert len(keys[0]) >= 40
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert settings.secret_keys() == keys
    assert list(kept.parent.iterdir()) == [kept]


def test_two_that_start_at_once_get_one_key(tmp_path: Path) -> None:
    settings = read_settings({"NTARS_DATA_DIR": str(tmp_path)})

    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: settings.secret_keys(), range(64)))

    assert len(keys) == 1


def test_given_keys_are_taken_in_their_order(tmp_path: Path) -> None:
    settings = read_settings({"NTARS_SECRET_KEY": " new , old,", "NTARS_DATA_DIR": str(tmp_path)})

    assert settings.secret_keys() == ("new", "old")
    assert list(tmp_path.iterdir()) == []


def test_with_postgresql_a_key_must_be_given() -> None:
    settings = read_settings({"NTARS_DATABASE_URL": "postgresql://ntars@db/ntars"})

    with pytest.raises(SettingsMistake, match="NTARS_SECRET_KEY"):
        settings.secret_keys()


def test_the_webhooks_secret_follows_from_key_and_token() -> None:
    def secret(key: str, token: str) -> str:
        return read_settings({"NTARS_SECRET_KEY": key, "NTARS_TELEGRAM_TOKEN": token}).webhook_secret()

    assert secret("a,b", TOKEN) == secret("a", TOKEN)
    assert len({secret("a", TOKEN), secret("b", TOKEN), secret("a", "1:x")}) == 3
    assert re.fullmatch(r"[A-Za-z0-9_-]{32,256}", secret("a", TOKEN))


# The scheme


def test_the_shipped_scheme_is_read_by_default() -> None:
    settings = read_settings({})

    text, path = scheme_source(settings)

    assert path == ROOT / "bot" / "schemes" / "northampton.toml"
    assert text == path.read_text("utf-8")
    assert read_scheme(settings).categories


def test_a_towns_own_scheme_is_read_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "scheme.toml"
    path.write_text("[scheme]\n", encoding="utf-8")

    assert scheme_source(read_settings({"NTARS_SCHEME": str(path)})) == ("[scheme]\n", path)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_scheme_that_cannot_be_read_is_a_mistake_of_the_variable(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "scheme.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SettingsMistake, match="NTARS_SCHEME=") as found:
        scheme_source(read_settings({"NTARS_SCHEME": str(path)}))

    assert str(path) in str(found.value)


# Papers and manners


def test_the_example_file_names_every_variable_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")

    named = re.findall(r"^(?:# )?(NTARS_[A-Z_]+)=", text, re.MULTILINE)

    assert sorted(named) == sorted(PREFIX + name.upper() for name in Settings.model_fields)


def test_the_example_file_explains_every_variable() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()

    for above, line in pairwise(lines):
        if re.match(r"(# )?NTARS_", line):
            assert re.match(r"# .*\w", above), line


def test_the_example_file_filled_in_is_no_mistake() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")

    env = dict(re.findall(r"^(?:# )?(NTARS_[A-Z_]+)=(.+)$", text, re.MULTILINE))

    assert read_settings(env).mail_from == "NTARS <reports@bid.example>"


def test_settings_load_neither_servers_nor_providers() -> None:
    code = "import sys, bot.settings; print(*sorted(sys.modules))"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert not {"aiohttp", "telegram", "twilio", "httpx", "sqlalchemy"} & set(loaded.stdout.split())
