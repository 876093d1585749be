"""Settings of the web process, read once from the environment. Owns the names and defaults of the variables.

Everything has a default that suits one machine; a production service sets the database address and the secret.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Config:
    """What `create_app` needs to know. `now` is the service's clock; tests and rehearsals give another one."""

    database_url: str
    secret_key: str
    host: str = "127.0.0.1"
    port: int = 8080
    var: Path = field(default_factory=lambda: Path("var"))
    is_https: bool = False
    proxies: int = 0
    """How many reverse proxies stand in front and may be believed about the client's address."""
    pool_size: int = 10
    live_limit: int = 40
    """Open live streams a web process serves; further browsers poll."""
    session_length: timedelta = timedelta(hours=12)
    max_upload: int = 32 * 1024 * 1024
    log_level: str = "INFO"
    now: Callable[[], datetime] = _utc_now

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Config:
        """Read `GRIDWHISTLE_*`, `HOST` and `PORT`; a missing secret is made once and kept in the var folder."""
        env = os.environ if env is None else env
        var = Path(env.get("GRIDWHISTLE_VAR", "var")).absolute()
        return cls(
            database_url=env["GRIDWHISTLE_DATABASE_URL"],
            secret_key=env.get("GRIDWHISTLE_SECRET_KEY") or _kept_secret(var),
            host=env.get("HOST", "127.0.0.1"),
            port=int(env.get("PORT", "8080")),
            var=var,
            is_https=env.get("GRIDWHISTLE_HTTPS", "") == "1",
            proxies=int(env.get("GRIDWHISTLE_PROXIES", "0")),
            pool_size=int(env.get("GRIDWHISTLE_POOL_SIZE", "10")),
            live_limit=int(env.get("GRIDWHISTLE_LIVE_LIMIT", "40")),
            log_level=env.get("GRIDWHISTLE_LOG_LEVEL", "INFO"),
        )


def _kept_secret(var: Path) -> str:
    """The secret of this installation, made at the first start; every process of the machine reads the same one."""
    var.mkdir(parents=True, exist_ok=True)
    path = var / "secret.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text("ascii").strip()
