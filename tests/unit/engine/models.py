"""Small BPMN files for tests: `bpmn(...)` wraps elements, `flows("a>b>c")` draws sequence flows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from bpmn.engine import Bundle, compile_files
from bpmn.engine.memory import MemoryHost, Run
from bpmn.errors import DefinitionError
from bpmn.findings import Finding, errors_of

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:gw="http://gridwhistle.org/schema/bpmn/1.0" targetNamespace="test">'
)


def flows(*chains: str) -> str:
    """`"a>b>c"` becomes the flows `a_b` and `b_c`; `"a>b[x > 1]"` gives the last one a condition."""
    drawn = []
    for chain in chains:
        condition = ""
        if chain.endswith("]"):
            chain, _, text = chain[:-1].partition("[")  # noqa: PLW2901
            escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            condition = f"<conditionExpression>{escaped}</conditionExpression>"
        ids = chain.split(">")
        for source, target in pairwise(ids):
            drawn.append(
                f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
                f"{condition}</sequenceFlow>"
            )
    return "\n".join(drawn)


def timer(value: str, kind: str = "timeDuration") -> str:
    return f"<timerEventDefinition><{kind}>{value}</{kind}></timerEventDefinition>"


def bpmn(body: str, *, roots: str = "", more: str = "", process: str = "p") -> dict[str, bytes]:
    """The files of one process; `roots` stand before it, `more` after it."""
    text = f'{HEAD}{roots}\n<process id="{process}" isExecutable="true">\n{body}\n</process>{more}</definitions>'
    return {f"{process}.bpmn": text.encode()}


def compiled(body: str, **options: str) -> Bundle:
    return compile_files(bpmn(body, **options))


def run(
    body: str,
    variables: Mapping[str, Any] | None = None,
    *,
    call: Callable[..., Any] | None = None,
    host: MemoryHost | None = None,
    start_element: str | None = None,
    **options: str,
) -> Run:
    """Compile and start."""
    chosen = host or (MemoryHost(call_job=call) if call else MemoryHost())
    return Run(compiled(body, **options), "p", variables or {}, host=chosen, start_element=start_element)


def refusals(body: str, **options: str) -> list[Finding]:
    """The errors of a model that must be refused, each naming a line and (but for files) an element."""
    try:
        compiled(body, **options)
    except DefinitionError as error:
        found = errors_of(error.facts["findings"])
        assert all(finding.line > 0 and finding.zh and finding.en for finding in found)
        return found
    raise AssertionError("the model was accepted")


def codes(body: str, **options: str) -> set[tuple[str, str]]:
    """(code, element id) of the refusals."""
    return {(finding.code, finding.element_id) for finding in refusals(body, **options)}
