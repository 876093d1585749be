"""What a deployment may hold: where its files lie, of which kinds, how many, how large.

Pages, the API and commands give what they were given as pairs to `collect`; `bpmn.definitions` asks `check` again
before anything is stored. What is inside the files is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bpmn.errors import DefinitionError
from bpmn.findings import Finding, errors_of

KINDS: Final = (".bpmn", ".bpmn20.xml", ".xml", ".dmn", ".form", ".json", ".csv", ".md", ".txt", ".svg", ".png")
MOST_FILES: Final = 300
MOST_BYTES: Final = 20 * 1024 * 1024
LONGEST_PATH: Final = 200


def collect(entries: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """The entries by path, checked.

    :raises DefinitionError: naming every entry that cannot be part of a deployment.
    """
    pairs = list(entries)
    files: dict[str, bytes] = {}
    findings: list[Finding] = []
    for path, content in pairs:
        if path in files:
            findings.append(
                _finding(
                    path,
                    "file.duplicate",
                    f"文件“{shown(path)}”出现了不止一次。",
                    f"The file {shown(path)} is there more than once.",
                )
            )
        files[path] = content
    refuse([*findings, *findings_of(files)])
    return files


def check(files: Mapping[str, bytes]) -> None:
    """:raises DefinitionError: naming every file that cannot be part of a deployment."""
    refuse(findings_of(files))


def findings_of(files: Mapping[str, bytes]) -> list[Finding]:
    """What is wrong with paths, kinds, number and size."""
    found = [finding for path in files for finding in (path_finding(path) or _kind_finding(path),) if finding]
    size = sum(map(len, files.values()))
    if len(files) > MOST_FILES or size > MOST_BYTES:
        found.append(
            _finding(
                "-",
                "file.too_many",
                f"文件太多或太大：{len(files)} 个、{size} 字节，一次最多 {MOST_FILES} 个、共 {MOST_BYTES} 字节。",
                f"Too many or too large: {len(files)} files, {size} bytes; at most {MOST_FILES} files and"
                f" {MOST_BYTES} bytes at once.",
            )
        )
    return found


def path_finding(path: str) -> Finding | None:
    """What is wrong with a path: it is to be relative and normal, so that it names one place below a folder."""
    parts = path.split("/")
    if not path or len(path) > LONGEST_PATH:
        zh, en = f"应有 1 到 {LONGEST_PATH} 个字符", f"it needs 1 to {LONGEST_PATH} characters"
    elif any(not character.isprintable() for character in path):
        zh, en = "含有控制字符或不可见字符", "it has control characters or invisible ones"
    elif path.startswith("/") or "\\" in path or ":" in path:
        zh, en = "应为相对路径，以 / 分隔", "it is to be relative, its parts divided by `/`"
    elif ".." in parts:
        zh, en = "不能用 .. 指向文件夹之外", "it leads out of the folder by `..`"
    elif "" in parts or "." in parts or any(part != part.strip() for part in parts):
        zh, en = "路径中有空的部分或多余的 . 和空格", "it has empty parts, needless `.` or spaces around a part"
    else:
        return None
    return _finding(
        path,
        "file.path",
        f"文件路径“{shown(path)}”不正确：{zh}。",
        f"The path {shown(path)} cannot be used: {en}.",
    )


def shown(path: str) -> str:
    """A path for people, harmless whatever is in it."""
    safe = "".join(character if character.isprintable() else "�" for character in path)
    return safe if len(safe) <= LONGEST_PATH else safe[: LONGEST_PATH - 1] + "…"


def refuse(findings: Sequence[Finding]) -> None:
    """:raises DefinitionError: there is an error among the findings."""
    errors = errors_of(findings)
    if errors:
        first = errors[0]
        raise DefinitionError(
            findings=tuple(findings), count=len(errors), first_zh=first.as_line("zh"), first_en=first.as_line("en")
        )


def nothing_to_run(files: Mapping[str, bytes]) -> Finding:
    """That neither a process nor a decision model of a deployment can be used."""
    return _finding(
        min((path for path in files if path.lower().endswith((".bpmn", ".xml"))), default=min(files, default="-")),
        "file.nothing_to_run",
        "没有可执行的流程，也没有决策模型。",
        "There is no executable process and no decision model.",
    )


def _kind_finding(path: str) -> Finding | None:
    if path.lower().endswith(KINDS):
        return None
    return _finding(
        path,
        "file.kind",
        f"文件“{shown(path)}”的类型不能部署，可用的类型：{'、'.join(KINDS)}。",
        f"The kind of the file {shown(path)} cannot be deployed; the kinds are {', '.join(KINDS)}.",
    )


def _finding(path: str, code: str, zh: str, en: str) -> Finding:
    return Finding(shown(path), 0, "", "error", code, zh, en)
