"""`bpmn.forms`: a form is checked at deploy, its answers at every completion."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn import forms
from bpmn.errors import InvalidInputError

FORM: dict[str, Any] = {
    "type": "default",
    "components": [
        {"type": "text", "text": "# 处置"},
        {
            "type": "radio",
            "key": "outcome",
            "values": [{"label": "完成", "value": "done"}, {"label": "退回", "value": "return"}],
            "validate": {"required": True},
        },
        {
            "type": "textarea",
            "key": "reason",
            "validate": {"required": True, "maxLength": 10},
            "conditional": {"hide": '=outcome = "done"'},
        },
        {"type": "number", "key": "bags", "decimalDigits": 0, "validate": {"min": 0, "max": 50}},
        {"type": "checkbox", "key": "urgent"},
        {"type": "datetime", "key": "visit", "subtype": "date"},
        {"type": "select", "key": "unit", "valuesKey": "units"},
        {"type": "filepicker", "key": "photos", "multiple": True},
        {"type": "group", "components": [{"type": "textfield", "key": "phone", "validate": {"pattern": r"^\d{11}$"}}]},
    ],
}


def _refused(values: dict[str, Any], **more: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidInputError) as caught:
        forms.clean(FORM, values, **more)
    return caught.value.fields("en")


def test_good_answers_come_back_in_shape() -> None:
    answers = {"outcome": "done", "bags": "3", "urgent": True, "visit": "2026-11-20", "photos": ["p1"]}
    assert forms.clean(FORM, answers) == {**answers, "bags": 3}


def test_a_hidden_field_is_neither_required_nor_kept() -> None:
    assert forms.clean(FORM, {"outcome": "done", "reason": "x"}) == {"outcome": "done"}
    assert _refused({"outcome": "return"}) == {"reason": ["This is required."]}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "outcome"),
        ({"outcome": "maybe"}, "outcome"),
        ({"outcome": ["done"]}, "outcome"),
        ({"outcome": "return", "reason": "x" * 11}, "reason"),
        ({"outcome": "done", "bags": "three"}, "bags"),
        ({"outcome": "done", "bags": 51}, "bags"),
        ({"outcome": "done", "bags": 1.5}, "bags"),
        ({"outcome": "done", "bags": True}, "bags"),
        ({"outcome": "done", "urgent": "perhaps"}, "urgent"),
        ({"outcome": "done", "visit": "20.11."}, "visit"),
        ({"outcome": "done", "photos": "p1"}, "photos"),
        ({"outcome": "done", "phone": "12"}, "phone"),
        ({"outcome": "done", "extra": 1}, "extra"),
        ({"outcome": "return", "reason": "a\x00b"}, "reason"),
    ],
)
def test_wrong_answers_are_named_at_their_field(values: dict[str, Any], field: str) -> None:
    assert list(_refused(values)) == [field]


def test_all_wrong_fields_are_named_at_once_in_both_languages() -> None:
    with pytest.raises(InvalidInputError) as caught:
        forms.clean(FORM, {"bags": -1, "extra": 1})
    assert set(caught.value.fields("zh")) == {"outcome", "bags", "extra"}
    assert caught.value.fields("zh")["outcome"] == ["此项必填。"]


def test_choices_from_outside_are_held_to() -> None:
    assert _refused({"outcome": "done", "unit": "x"}, choices={"units": ["a"]}) == {
        "unit": ["Please choose one of the options."]
    }


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "form.json"),
        (b"[]", "form.shape"),
        (json.dumps({"components": [{"type": "iframe", "key": "x"}]}).encode(), "form.kind"),
        (json.dumps({"components": [{"type": "number", "key": "1 x"}]}).encode(), "form.key"),
        (json.dumps({"components": [{"type": "number", "key": "x"}] * 2}).encode(), "form.duplicate"),
        (
            json.dumps({"components": [{"type": "number", "key": "x", "conditional": {"hide": "=a +"}}]}).encode(),
            "form.condition",
        ),
        (
            json.dumps({"components": [{"type": "textfield", "key": "x", "validate": {"pattern": "("}}]}).encode(),
            "form.pattern",
        ),
    ],
)
def test_what_the_server_cannot_check_is_refused_at_deploy(content: bytes, code: str) -> None:
    assert [finding.code for finding in forms.read("f.form", content)[1]] == [code]


def test_a_sound_form_has_no_findings() -> None:
    form, findings = forms.read("f.form", json.dumps(FORM).encode())
    assert form is not None
    assert findings == []


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["outcome", "reason", "bags", "urgent", "visit", "photos", "phone", "z"]), _ANY))
def test_any_answer_is_taken_or_refused_by_field(values: dict[str, Any]) -> None:
    try:
        json.dumps(forms.clean(FORM, values), allow_nan=False)
    except InvalidInputError as error:
        answer = error.fields("zh")
        json.dumps(answer)
