"""`gridwhistle check`: every finding about BPMN and DMN files. Exit 0 without errors, 1 with, 2 unreadable."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

_SUFFIXES = (".bpmn", ".dmn", ".form", ".bpmn20.xml")


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object per finding.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the messages.")
@click.option("--capabilities", is_flag=True, help="Print which elements of BPMN run instead.")
def command(paths: tuple[Path, ...], as_json: bool, lang: str, capabilities: bool) -> None:
    """Check BPMN and DMN files together, as one deployment. A folder stands for all of them in it."""
    from bpmn.checker import check_named
    from bpmn.checker.capabilities import markdown
    from bpmn.findings import errors_of

    if capabilities:
        click.echo(markdown(lang))
        return
    if not paths:
        raise click.UsageError("name at least one file or folder")
    files: dict[str, bytes] = {}
    for path in paths:
        for file in _files(path):
            content = _content(file)
            if content is None:
                sys.exit(2)
            files[str(file)] = content
    findings = check_named(files)
    for finding in findings:
        if as_json:
            click.echo(
                json.dumps(
                    {
                        "file": finding.file,
                        "line": finding.line,
                        "element": finding.element_id,
                        "name": finding.element_name,
                        "severity": finding.severity,
                        "code": finding.code,
                        "message": finding.zh if lang == "zh" else finding.en,
                        "zh": finding.zh,
                        "en": finding.en,
                        "repair": finding.repair_zh if lang == "zh" else finding.repair_en,
                    },
                    ensure_ascii=False,
                )
            )
        else:
            click.echo(finding.as_line(lang))
    sys.exit(1 if errors_of(findings) else 0)


def _files(path: Path) -> Iterator[Path]:
    """The file itself, or the diagrams and decisions of a folder."""
    if not path.is_dir():
        yield path
        return
    yield from sorted(file for file in path.rglob("*") if file.is_file() and file.name.lower().endswith(_SUFFIXES))


def _content(file: Path) -> bytes | None:
    """The bytes, at most one more than may be read; None with a message when unreadable."""
    from bpmn.xmlfiles import MAX_BYTES

    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        click.echo(f"{file}: {error.strerror or 'unreadable'}", err=True)
        return None
