"""Forms of a deployment: that each form a task names is there, and what `bpmn.forms` finds in the files themselves."""

from __future__ import annotations

from bpmn.checker.model import Model
from bpmn.checker.reading import Findings
from bpmn.findings import Finding


def check_bindings(model: Model, found: list[Finding]) -> None:
    """Every `gw:formKey` is a file of the deployment. Only a warning when no form was given at all."""
    forms = [path for path in model.files if path.lower().endswith(".form")]
    for process in model.processes.values():
        notes = Findings(process.file, found)
        for _, node in process.body.everywhere():
            key = node.gw.get("formKey", "").strip()
            if not key or "{" in key or key.startswith("=") or is_among(key, forms):
                continue
            notes.add(
                "error" if forms else "warning",
                "binding.form_missing",
                node.line,
                node.id,
                f"没有表单文件 {key}。",
                f"There is no form file {key} among these files.",
                name=node.name,
                repair=("把表单文件放在流程旁边。", "Put the form beside the process."),
            )


def is_among(key: str, forms: list[str]) -> bool:
    """Whether a form of this name is there, in the deployment's folder or below the folder that is checked."""
    return any(path == key or path.endswith(f"/{key}") for path in forms)


def check_content(file: str, content: bytes) -> list[Finding]:
    """What is wrong with a form file itself."""
    if not file.lower().endswith(".form"):
        return []
    # Loaded when needed: it brings marshmallow and FEEL, and most checks concern diagrams only.
    from bpmn import forms

    return list(forms.read(file, content)[1])
