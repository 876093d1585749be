"""Backup and restore of a whole installation: the database and the uploaded files in one archive.

The archive is a tar: `manifest.json`, `database.dump` (pg_dump's custom format), `uploads/…`, and the
installation's own `secret.key` when it was made by the installation. The database is dumped before the files are
copied: a file is written before the row that names it, so every row in a backup has its file.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, text

from bpmn import embedded
from bpmn.database import make_engine
from bpmn.errors import GridWhistleError
from webapp import migrations

FORMAT = 1
MANIFEST, DUMP, UPLOADS, SECRET = "manifest.json", "database.dump", "uploads", "secret.key"


class BackupError(GridWhistleError):
    """A backup or restore cannot be done. Nothing was changed."""

    code = "backup_refused"
    en = "{why_en}"
    zh = "{why_zh}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says about itself."""

    created_at: str
    revision: str
    secret_fingerprint: str
    files: int


def backup(url: str, var: Path, archive: Path, *, secret: str, now: datetime) -> Manifest:
    """Write everything to `archive`, readable by its owner only; the service may go on running.

    The archive appears under its name when it is complete; an existing one is replaced then.
    """
    uploads = var / UPLOADS
    archive.parent.mkdir(parents=True, exist_ok=True)
    with _workplace(archive.parent) as work:
        _program("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--file", str(work / DUMP), url)
        names = sorted(path.relative_to(uploads) for path in uploads.rglob("*") if path.is_file())
        manifest = Manifest(now.isoformat(), _revision(url), _fingerprint(secret), len(names))
        (work / MANIFEST).write_text(json.dumps({"format": FORMAT, **_as_dict(manifest)}, indent=2), "utf-8")
        half = work / "archive.tar"
        with tarfile.open(half, "w") as tar:
            tar.add(work / MANIFEST, MANIFEST)
            tar.add(work / DUMP, DUMP)
            for name in names:
                tar.add(uploads / name, f"{UPLOADS}/{name.as_posix()}", recursive=False)
            kept = var / SECRET
            if kept.is_file() and kept.read_text("ascii").strip() == secret:
                tar.add(kept, SECRET)
        half.chmod(0o600)
        half.replace(archive)
    return manifest


def restore(url: str, var: Path, archive: Path, *, force: bool = False, secret: str | None = None) -> Manifest:
    """Put an archive into the database `url` and the folder `var`, then upgrade to the newest revision.

    `secret` is the one that the environment sets, None when the installation keeps its own.
    :raises BackupError: no archive of ours; made by a newer version; the database is not empty or other processes
        use it and `force` is not given; the archive was made under another secret.
    """
    engine = make_engine(url)
    try:
        with _workplace(var) as work:
            manifest = _unpack(archive, work)
            _require_our_secret(manifest, work / SECRET, var / SECRET, secret)
            with engine.begin() as connection:
                _require_room(connection, force)
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            _program(
                "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
                "--schema=public", "--dbname", url, str(work / DUMP),
            )  # fmt: skip
            _place_files(work, var)
        migrations.upgrade(engine)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    finally:
        engine.dispose()
    return manifest


@contextmanager
def _workplace(beside: Path) -> Iterator[Path]:
    """A private folder on the same disk, so that a finished file is moved and not copied."""
    beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=beside) as name:
        yield Path(name)


def _program(name: str, *arguments: str) -> None:
    done = subprocess.run([embedded.program(name), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr.strip() or f"exit code {done.returncode}")[-2000:]
        raise BackupError(why_en=f"{name} failed: {said}", why_zh=f"{name} 执行失败：{said}")


def _revision(url: str) -> str:
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return migrations.current(connection) or ""
    finally:
        engine.dispose()


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(b"gridwhistle secret " + secret.encode()).hexdigest()[:16]


def _as_dict(manifest: Manifest) -> dict[str, str | int]:
    return {name: getattr(manifest, name) for name in Manifest.__slots__}


def _unpack(archive: Path, work: Path) -> Manifest:
    """Unpack the files that a backup of ours has, and nothing else: no links, no devices, no way out of the folder."""
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                _unpack_file(tar, member, work)
        facts = json.loads((work / MANIFEST).read_text("utf-8"))
        version = facts.pop("format")
        manifest = Manifest(**facts)
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(
            why_en=f"{archive} is no backup of GridWhistle, or it is damaged: {error}",
            why_zh=f"{archive} 不是网格哨的备份，或已损坏：{error}",
        ) from error
    if version != FORMAT or (manifest.revision and not migrations.is_known(manifest.revision)):
        raise BackupError(
            why_en=f"{archive} was made by a newer version; update GridWhistle first.",
            why_zh=f"{archive} 由更新的版本生成，请先升级网格哨。",
        )
    return manifest


def _unpack_file(tar: tarfile.TarFile, member: tarfile.TarInfo, work: Path) -> None:
    """:raises ValueError: the member is none of ours."""
    parts = PurePosixPath(member.name).parts
    is_ours = parts in {(MANIFEST,), (DUMP,), (SECRET,)} or (parts[:1] == (UPLOADS,) and ".." not in parts)
    content = tar.extractfile(member) if is_ours and member.isreg() else None
    if content is None:
        raise ValueError(f"it holds {member.name!r}")
    target = work.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)


def _require_our_secret(manifest: Manifest, packed: Path, kept: Path, configured: str | None) -> None:
    """The secret in force after the restore must be the one that the backup was made under."""
    source = packed if packed.is_file() else kept
    ours = configured or (source.read_text("ascii").strip() if source.is_file() else "")
    if _fingerprint(ours) != manifest.secret_fingerprint:
        raise BackupError(
            why_en="The backup was made under another GRIDWHISTLE_SECRET_KEY; set that one, or contacts are lost.",
            why_zh="备份使用的 GRIDWHISTLE_SECRET_KEY 与当前不同；请设置为原密钥，否则联系方式无法解密。",
        )


def _require_room(connection: Connection, force: bool) -> None:
    tables = connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) or 0
    if tables and not force:
        raise BackupError(
            why_en=f"The database is not empty ({tables} tables). --force replaces everything in it.",
            why_zh=f"数据库不是空的（{tables} 张表）。加上 --force 会替换其中全部内容。",
        )
    others = connection.scalar(
        text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
    )
    if others:
        raise BackupError(
            why_en=f"{others} other connections use the database. Stop web, worker and ticker first.",
            why_zh=f"还有 {others} 个连接正在使用该数据库，请先停止网页、后台和定时服务。",
        )


def _place_files(work: Path, var: Path) -> None:
    """Move the uploads in; files that are there stay, since a file's name is the hash of its content."""
    for path in sorted((work / UPLOADS).rglob("*")):
        if path.is_file():
            target = var / UPLOADS / path.relative_to(work / UPLOADS)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
    if (work / SECRET).is_file():
        shutil.move(work / SECRET, var / SECRET)
        (var / SECRET).chmod(0o600)
