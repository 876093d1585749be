"""Writes the next revision from the difference between models and migrations: `python -m webapp.migrations "What"`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command

from bpmn import embedded
from bpmn.database import make_engine
from webapp import migrations

VERSIONS = Path(__file__).parent / "versions"


def main(message: str) -> None:
    """Upgrade an empty scratch database, compare it with the models, write the revision to read and correct."""
    with tempfile.TemporaryDirectory(prefix="gridwhistle-", dir="/tmp") as scratch:
        folder = Path(scratch) / "postgres"
        engine = make_engine(embedded.start(folder, durable=False, keep=False))
        try:
            migrations.upgrade(engine, "heads")
            number = 1 + len(list(VERSIONS.glob("[0-9]*.py")))
            with engine.begin() as connection:
                config = migrations.configuration(connection)
                command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
        finally:
            engine.dispose()
            embedded.stop(folder)
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", str(VERSIONS)], check=True)


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or sys.exit('Usage: python -m webapp.migrations "what changes"'))
