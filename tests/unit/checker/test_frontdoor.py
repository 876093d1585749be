"""The front door: any bytes give findings, never an exception, and nothing outside the file is ever read."""

from __future__ import annotations

import codecs
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import xmlfiles
from bpmn.checker import check_files, check_named
from tests.unit.engine.models import HEAD, bpmn, flows

_BODY = '<process id="p" isExecutable="true"><startEvent id="s" name="受理"/></process></definitions>'
_MODEL = HEAD.split("\n", 1)[1] + _BODY


def _code(content: bytes) -> str:
    return ",".join(finding.code for finding in check_files({"m.bpmn": content}))


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (b"", "file.empty", "empty"),
        (b" \n\t", "file.empty", "empty"),
        (b"\x89PNG\r\n\x1a\n1234", "file.not_xml", "PNG"),
        (b"PK\x03\x04rest", "file.not_xml", "zip"),
        (b"%PDF-1.4", "file.not_xml", "PDF"),
        (b'{"a": 1}', "file.not_xml", "JSON"),
        (b"hello", "file.not_xml", "not an XML"),
        (b"<!DOCTYPE html><html></html>", "file.not_xml", "HTML"),
        (b"<html><body/></html>", "xml.not_bpmn", "HTML"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "xml.not_bpmn", "SVG"),
        (b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "xml.not_bpmn", "DMN"),
        (b'<Package xmlns="http://www.wfmc.org/2008/XPDL2.1"/>', "xml.not_bpmn", "XPDL"),
        (b"<definitions/>", "xml.not_bpmn", "without the BPMN namespace"),
        (b'<definitions xmlns="http://example.org"/>', "xml.not_bpmn", "another namespace"),
        (HEAD.encode() + b"</definitions>", "file.no_process", "no process"),
        (HEAD.encode() + b"<process id='p'>", "xml.syntax", "line 2"),
        (HEAD.encode() + b"<process id='p'/></definitions>", "process.empty", "nothing to run"),
        (HEAD.encode() + b"&undefined;</definitions>", "xml.syntax", "undefined"),
        (b'<?xml version="1.0" encoding="UTF-7"?>' + _MODEL.encode(), "xml.encoding", "UTF-7"),
        (b'<?xml version="1.0"?>' + _MODEL.encode("gbk"), "xml.encoding", "utf-8"),
        (b'<?xml version="1.0" encoding="idna"?>' + _MODEL.encode(), "xml.encoding", "idna"),
        (_MODEL.replace("受理", "\x01").encode(), "xml.syntax", "line 1"),
    ],
)
def test_what_is_no_bpmn_is_said_to_be_what_it_is(content: bytes, code: str, word: str) -> None:
    (finding,) = check_files({"m.bpmn": content})
    assert finding.code == code
    assert word in finding.en
    assert finding.zh


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + _MODEL.encode(),
        b'<?xml version="1.0" encoding="UTF-8"?>\n' + _MODEL.encode(),
        ('<?xml version="1.0" encoding="UTF-16"?>' + _MODEL).encode("utf-16"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + _MODEL).encode("utf-16-be"),
        codecs.BOM_UTF16_BE + _MODEL.encode("utf-16-be"),
        b'<?xml version="1.0" encoding="GBK"?>' + _MODEL.encode("gbk"),
        b"<?xml version='1.0' encoding='gb2312'?>" + _MODEL.encode("gb2312"),
        b'<?xml version="1.0" encoding="GB18030"?>' + _MODEL.encode("gb18030"),
        b"\n\n" + _MODEL.encode(),
    ],
)
def test_files_are_read_in_the_encoding_that_they_declare(content: bytes) -> None:
    document = xmlfiles.read_bpmn("m.bpmn", content)
    assert isinstance(document, xmlfiles.Document)
    names = [str(element.get("name")) for element in document.root.iter() if element.get("name")]
    assert names == ["受理"]


_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><definitions>&i;</definitions>"
)


@pytest.mark.parametrize(
    "content",
    [
        _BOMB.encode(),
        b'<!DOCTYPE definitions SYSTEM "file:///etc/passwd"><definitions/>',
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>',
        b'<!DOCTYPE d [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]><d/>',
        _BOMB.encode("utf-16"),
    ],
)
def test_a_doctype_is_refused_unread(content: bytes) -> None:
    assert _code(content) in ("xml.doctype", "file.not_xml")


def test_depth_size_and_count_are_limited_before_they_hurt() -> None:
    before = time.perf_counter()
    deep = HEAD + "<a>" * 5000 + "</a>" * 5000 + "</definitions>"
    assert _code(deep.encode()) in ("xml.syntax", "xml.too_deep")
    deeper = HEAD + "<a>" * 200 + "</a>" * 200 + "</definitions>"
    assert _code(deeper.encode()) == "xml.too_deep"
    assert _code(b"<a/>" * 800_000) == "xml.too_many_elements"
    assert _code(b"<a>" + b" " * (50 * 1024 * 1024) + b"</a>") == "file.too_large"
    assert time.perf_counter() - before < 2


def test_nested_subprocesses_to_the_limit_are_no_recursion_error() -> None:
    depth = 110
    body = "".join(f'<subProcess id="s{i}">' for i in range(depth)) + "<task id='t'/>" + "</subProcess>" * depth
    found = check_files(bpmn('<startEvent id="s"/>' + body + flows("s>s0")))
    assert not [finding for finding in found if finding.severity == "error"]


def test_too_much_script_is_refused_before_it_is_compiled() -> None:
    before = time.perf_counter()
    script = "x = 1\n" * 8000
    body = "".join(f'<scriptTask id="t{i}"><script>{script}</script></scriptTask>' for i in range(60))
    assert _code(bpmn('<startEvent id="s"/>' + body)["p.bpmn"]) == "file.too_much_text"
    assert time.perf_counter() - before < 5


def test_calls_in_a_circle_are_told_for_each_process_in_it() -> None:
    def process(name: str, *called: str) -> str:
        calls = "".join(f'<callActivity id="{name}_{each}" calledElement="{each}"/>' for each in called)
        task = f'<task id="{name}_t"/>'
        return f'<process id="{name}">{calls or task}</process>'

    content = HEAD + process("a", "b") + process("b", "c", "e") + process("c", "b") + process("e") + "</definitions>"
    told = [f.element_id for f in check_files({"m.bpmn": content.encode()}) if f.code == "call.recursive"]
    assert told == ["b", "c"]


def test_a_finding_prints_as_one_line_with_its_repair() -> None:
    files = bpmn(
        '<startEvent id="s"/>\n<exclusiveGateway id="g"/><task id="a"/><task id="b"/>\n' + flows("s>g>a", "g>b")
    )
    lines = [finding.as_line() for finding in check_files(files)]
    assert lines[0].startswith("p.bpmn:7: g_a: error: gateway.condition_missing: ")
    assert "Repair:" in lines[0]
    assert "建议" in check_files(files)[0].as_line("zh")


def test_named_files_are_judged_whatever_their_name(tmp_path: Path) -> None:
    good = bpmn('<startEvent id="s"/>')["p.bpmn"]
    assert check_named({"model.txt": good}) == []
    assert [f.file for f in check_named({"x.png": b"\x89PNG", "model": good.replace(b"startEvent", b"task")})] == [
        "x.png"
    ]
    dmn = b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"'
    assert [f.code.split(".")[0] for f in check_named({"d.dmn": dmn})] == ["xml"]


_REAL = bpmn(
    '<laneSet><lane id="L" name="x"><flowNodeRef>u</flowNodeRef></lane></laneSet><startEvent id="s"/><userTask id="u"'
    ' gw:candidateGroups="a@{b}"/><boundaryEvent id="b" attachedToRef="u"><timerEventDefinition><timeDuration>PT1H'
    "</timeDuration></timerEventDefinition></boundaryEvent><scriptTask id='x'><script>y = 1</script></scriptTask>"
    '<subProcess id="sub"><task id="i"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>'
    '</multiInstanceLoopCharacteristics></task></subProcess><exclusiveGateway id="g" default="g_e"/><endEvent id="e"/>'
    + flows("s>u>x>sub>g>e", "g>u[y > 1]", "b>e")
)["p.bpmn"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_mutated_model_gives_findings_and_never_an_exception(data: st.DataObject) -> None:
    content = bytearray(_REAL)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        kind = data.draw(st.sampled_from(["delete", "flip", "copy", "word"]))
        if kind == "delete":
            del content[at : at + data.draw(st.integers(1, 40))]
        elif kind == "flip":
            content[at] = data.draw(st.integers(0, 255))
        elif kind == "copy":
            content[at:at] = content[at : at + data.draw(st.integers(1, 200))]
        else:
            words = [b'id="s"', b'id=""', b"<task/>", b"&#0;", b"process", b'sourceRef="x"', b"\xff", b"</", b"{", b"="]
            content[at:at] = data.draw(st.sampled_from(words))
        if not content:
            return
    for finding in check_files({"m.bpmn": bytes(content)}):
        assert finding.code
        assert finding.as_line("zh")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_findings(content: bytes) -> None:
    assert check_files({"m.bpmn": content})
