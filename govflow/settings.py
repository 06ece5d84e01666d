"""Settings from `instance/govflow.toml` and GOVFLOW_* variables, typed, and refused with a sentence when wrong."""

from __future__ import annotations

import os
import secrets
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.0/8", "::1/128")
VARIABLES_ELSEWHERE = {"GOVFLOW_INSTANCE", "GOVFLOW_TEST_SKIP"}


class SettingsError(Exception):
    """A setting is wrong, unknown or missing; the sentence names it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting by its name in `govflow.toml`; the variable is GOVFLOW_ and the name in capitals."""

    instance: Path
    secret_key: str
    database_url: str
    key_dir: Path
    redis_url: str = ""
    mail_url: str = ""
    mail_from: str = ""
    base_url: str = "http://127.0.0.1:8000"
    demo: bool = False
    today: date | None = None
    metrics_token: str = ""
    proxies: str = ""
    checkpoints: Path | None = None

    @property
    def checkpoint_file(self) -> Path:
        """Where checkpoints of the history are added to: outside the database, and best on another machine."""
        return self.checkpoints or self.key_dir / "checkpoints.jsonl"

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def proxy_networks(self) -> list[IPv4Network | IPv6Network]:
        """Where a web server in front of us may stand: whose word is taken for where a request comes from."""
        given = (proxy.strip() for proxy in self.proxies.split(",") if proxy.strip())
        return [ip_network(one) for one in (*LOOPBACK, *given)]


def load_settings(
    *, instance: Path | None = None, environ: Mapping[str, str] | None = None, posts_letters: bool = True
) -> Settings:
    """Read the settings of one installation. The instance folder is made if need be, readable by its owner alone.

    What serves or posts needs a mail address; a command that only reads or writes facts does not.
    """
    environ = os.environ if environ is None else environ
    instance = Path(instance or environ.get("GOVFLOW_INSTANCE") or "instance").absolute()
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    given = {**_from_file(instance / "govflow.toml"), **_from_environ(environ)}
    demo = _flag("demo", given.pop("demo", ""))
    today = _day(given.pop("today", ""), demo)
    for name in ("mail_url", "mail_from"):
        if posts_letters and not demo and not given.get(name):
            raise SettingsError(
                f"The setting {name} is not set, so no letter could be posted. "
                f"Set it in {instance / 'govflow.toml'} or GOVFLOW_{name.upper()}, or GOVFLOW_DEMO=1 to try things out."
            )
    _check_url("database_url", given, ("sqlite", "postgresql", "postgresql+psycopg"))
    _check_url("redis_url", given, ("redis", "rediss", "unix", "redis+unix"))
    _check_url("mail_url", given, ("smtp", "smtps"))
    _check_url("base_url", given, ("http", "https"))
    _check_networks("proxies", given)
    told = instance / "base-url"  # where `govflow up` runs, so that links printed beside it lead there
    if not given.get("base_url") and told.exists():
        given["base_url"] = told.read_text("utf-8").strip()
    secret = given.pop("secret_key", "") or _made_once(instance / "secret_key")
    if len(secret) < 32:
        raise SettingsError("The setting secret_key has fewer than 32 letters. Make a longer one, or leave it unset.")
    database = given.pop("database_url", "") or f"sqlite:///{instance / 'govflow.sqlite'}"
    key_dir = Path(given.pop("key_dir", "") or instance.parent / f"{instance.name}-keys")
    checkpoints = given.pop("checkpoints", "")
    return Settings(
        instance=instance,
        secret_key=secret,
        database_url=database.replace("postgresql://", "postgresql+psycopg://", 1),
        key_dir=key_dir.absolute(),
        checkpoints=Path(checkpoints).absolute() if checkpoints else None,
        demo=demo,
        today=today,
        **given,
    )


def _names() -> set[str]:
    return {field.name for field in fields(Settings)} - {"instance"}


def _from_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from error
    for name, value in given.items():
        if name not in _names():
            raise SettingsError(f"{path} has an unknown setting “{name}”. There is: {', '.join(sorted(_names()))}.")
        if not isinstance(value, (str, bool, date)):
            raise SettingsError(f"The setting {name} in {path} must be text.")
    return {name: value if isinstance(value, str) else str(value).lower() for name, value in given.items()}


def _from_environ(environ: Mapping[str, str]) -> dict[str, str]:
    given = {}
    for variable, value in environ.items():
        if not variable.startswith("GOVFLOW_") or variable in VARIABLES_ELSEWHERE:
            continue
        name = variable.removeprefix("GOVFLOW_").lower()
        if name not in _names():
            known = ", ".join(f"GOVFLOW_{setting.upper()}" for setting in sorted(_names()))
            raise SettingsError(f"There is an unknown setting {variable}. There is: {known}.")
        given[name] = value
    return given


def _flag(name: str, value: str) -> bool:
    if value.lower() in ("", "0", "false", "no"):
        return False
    if value.lower() in ("1", "true", "yes"):
        return True
    raise SettingsError(f"The setting {name} must be 1 or 0, not “{value}”.")


def _day(value: str, demo: bool) -> date | None:
    if not value:
        return None
    if not demo:
        raise SettingsError("GOVFLOW_TODAY works in the demo only. Unset it, or set GOVFLOW_DEMO=1.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise SettingsError(f"GOVFLOW_TODAY must be a day such as 2026-03-27, not “{value}”.") from None


def _check_url(name: str, given: Mapping[str, str], schemes: tuple[str, ...]) -> None:
    value = given.get(name)
    if not value:
        return
    try:
        parts = urlsplit(value)
        good = parts.scheme in schemes and (parts.netloc or parts.path) and (parts.port or True)
    except ValueError:
        good = False
    if not good:
        raise SettingsError(f"The setting {name} must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")


def _check_networks(name: str, given: Mapping[str, str]) -> None:
    for email in given.get(name, "").split(","):
        try:
            ip_network(email.strip() or LOOPBACK[0])
        except ValueError:
            raise SettingsError(
                f"The setting {name} must be addresses or networks such as 10.0.0.0/24, not “{email.strip()}”."
            ) from None


def _made_once(path: Path) -> str:
    """The secret of this installation: made at the first start, readable by its owner alone."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SettingsError(f"{path} can be read by others. Run: chmod 600 {path}") from None
        return path.read_text("utf-8").strip()
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        secret = secrets.token_hex(32)
        file.write(secret)
    return secret
