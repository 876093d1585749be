"""The front door for foreign XML files, and the only use of lxml for them: bytes in, a tree or findings out.

Limits on bytes, elements and depth hold before and while parsing; a DOCTYPE is refused, so no entity is ever
expanded and no other file is ever read. What the elements mean is left to `bpmn.checker` and the rules.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from bpmn.findings import Finding

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
GW = "http://gridwhistle.org/schema/bpmn/1.0"

MAX_BYTES = 10 * 1024 * 1024
MAX_ELEMENTS = 100_000
MAX_DEPTH = 120

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"\x89PNG", "a PNG image", "PNG 图片"),
    (b"\xff\xd8\xff", "a JPEG image", "JPEG 图片"),
    (b"GIF8", "a GIF image", "GIF 图片"),
    (b"PK\x03\x04", "a zip archive", "zip 压缩包"),
    (b"%PDF", "a PDF document", "PDF 文档"),
    (b"\x1f\x8b", "a gzip archive", "gzip 压缩包"),
    (b"\xd0\xcf\x11\xe0", "a Microsoft Office or Visio file", "Office 或 Visio 文件"),
    (b"\x7fELF", "a program", "可执行程序"),
    (b"MZ", "a program", "可执行程序"),
)
_ENCODINGS = re.compile(
    r"^(utf-?8|utf-?16(le|be)?|utf-?32(le|be)?|us-?ascii|ascii|gb2312|gbk|gb18030|cp936|big5|hz|shift_jis|euc-(jp|kr)"
    r"|iso-8859-\d+|windows-125\d|cp125\d|koi8-[ru]|latin-?1)$",
    re.IGNORECASE,
)
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]*?\?>", re.DOTALL)
_DECLARED = re.compile(r"""^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([^"']+)["']""", re.DOTALL)
_BYTES_DECLARED = re.compile(rb"""^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([^"'>]{1,40})["']""", re.DOTALL)


Element = etree._Element
"""An element of a parsed file; readers need no other name of lxml."""


@lru_cache(maxsize=4096)
def split_name(name: str) -> tuple[str, str]:
    """A tag or attribute name as (namespace or "", local name)."""
    qualified = etree.QName(name)
    return qualified.namespace or "", qualified.localname


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. Comments and processing instructions are gone; `sourceline` of elements is the file's."""

    file: str
    root: Element


def read(file: str, content: bytes) -> Document | Finding:
    """Parse one XML file of any kind, or say why not."""
    refused = _refuse_bytes(file, content)
    if refused:
        return refused
    text = _decode(file, content)
    if isinstance(text, Finding):
        return text
    refused = _refuse_text(file, text)
    if refused:
        return refused
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    body = _DECLARATION.sub(lambda found: "\n" * found.group().count("\n"), text, count=1)
    try:
        root = etree.fromstring(body.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        return _syntax_finding(file, error)
    except (ValueError, UnicodeError, etree.LxmlError) as error:
        return _finding(file, 1, "xml.syntax", f"不是可读的 XML：{error}。", f"This is not readable XML: {error}.")
    if _too_deep(root):
        return _finding(
            file,
            1,
            "xml.too_deep",
            f"元素嵌套超过 {MAX_DEPTH} 层。",
            f"Elements are nested more than {MAX_DEPTH} deep.",
        )
    return Document(file, root)


def read_bpmn(file: str, content: bytes) -> Document | Finding:
    """Parse a BPMN 2.0 file; anything else is answered with what it is instead."""
    document = read(file, content)
    if isinstance(document, Finding):
        return document
    if document.root.tag != f"{{{BPMN}}}definitions":
        zh, en = what_it_is(document.root)
        return _finding(
            file,
            document.root.sourceline or 1,
            "xml.not_bpmn",
            f"这不是 BPMN 2.0 文件，而是{zh}。",
            f"This is not a BPMN 2.0 file but {en}.",
            "请上传根元素为 BPMN 2.0 definitions 的文件。",
            "Give a file whose root element is BPMN 2.0 `definitions`.",
        )
    return document


def what_it_is(root: etree._Element) -> tuple[str, str]:
    """What an XML file is, in Chinese and English, judged by its root element."""
    name = etree.QName(root)
    space, local = (name.namespace or "").lower(), name.localname.lower()
    if "omg.org/spec/dmn" in space:
        return "DMN 决策表", "a DMN decision model"
    if "omg.org/spec/cmmn" in space:
        return "CMMN 案例模型", "a CMMN case model"
    if "wfmc.org" in space or local == "package":
        return "XPDL 流程模型", "an XPDL model"
    if local == "html":
        return "网页（HTML）", "an HTML page"
    if local == "svg":
        return "SVG 图片", "an SVG image"
    if "bpel" in space:
        return "BPEL 流程", "a BPEL process"
    if local == "schema":
        return "XML Schema", "an XML schema"
    if local == "definitions" and not space:
        return "没有 BPMN 命名空间的 definitions", "`definitions` without the BPMN namespace"
    if local == "definitions":
        return f"其他命名空间的 definitions（{space}）", f"`definitions` of another namespace ({space})"
    return f"根元素为 {name.localname[:60]} 的 XML 文件", f"XML with the root element `{name.localname[:60]}`"


def _refuse_bytes(file: str, content: bytes) -> Finding | None:
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        return _finding(file, 0, "file.empty", "文件是空的。", "The file is empty.")
    if len(content) > MAX_BYTES:
        size, limit = len(content) // 1024, MAX_BYTES // 1024
        return _finding(
            file,
            0,
            "file.too_large",
            f"文件有 {size} KB，上限为 {limit} KB。",
            f"The file has {size} KB; the limit is {limit} KB.",
        )
    for magic, en, zh in _MAGIC:
        if content.startswith(magic):
            return _finding(file, 0, "file.not_xml", f"这不是 XML 文件，而是{zh}。", f"This is not XML but {en}.")
    if content.count(b"<") > 2 * MAX_ELEMENTS + 1000:
        return _finding(
            file,
            0,
            "xml.too_many_elements",
            f"元素超过 {MAX_ELEMENTS} 个。",
            f"There are more than {MAX_ELEMENTS} elements.",
        )
    return None


def _decode(file: str, content: bytes) -> str | Finding:
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "")
    if not encoding:
        declared = _BYTES_DECLARED.match(content)
        if content.startswith(b"<\x00"):
            encoding = "utf-16-le"
        elif content.startswith(b"\x00<"):
            encoding = "utf-16-be"
        else:
            encoding = declared.group(1).decode("ascii", "replace") if declared else "utf-8"
    bare = encoding.removesuffix("-sig")
    if not _ENCODINGS.match(bare.replace("utf-16-", "utf-16")):
        return _finding(file, 1, "xml.encoding", f"不支持的编码 {bare!r}。", f"The encoding {bare!r} is not supported.")
    try:
        text = content.decode("gb18030" if bare.lower() in ("gb2312", "gbk", "cp936") else encoding)
    except (UnicodeDecodeError, LookupError) as error:
        at = getattr(error, "start", 0)
        line = content[:at].count(b"\n") + 1
        return _finding(
            file,
            line,
            "xml.encoding",
            f"第 {line} 行的字节不符合编码 {bare}。",
            f"The bytes in line {line} are not {bare}.",
            "请在 XML 声明中写明实际编码，或另存为 UTF-8。",
            "Declare the real encoding in the XML declaration, or save the file as UTF-8.",
        )
    declared_in_text = _DECLARED.match(text)
    if declared_in_text and not _ENCODINGS.match(declared_in_text.group(1)):
        name = declared_in_text.group(1)[:40]
        return _finding(file, 1, "xml.encoding", f"不支持的编码 {name!r}。", f"The encoding {name!r} is not supported.")
    return text.removeprefix("\ufeff")


def _refuse_text(file: str, text: str) -> Finding | None:
    start = text.lstrip()
    if start[:1] in "{[":
        return _finding(file, 1, "file.not_xml", "这不是 XML 文件，而是 JSON。", "This is not XML but JSON.")
    if start[:14].lower().startswith("<!doctype html"):
        return _finding(file, 1, "file.not_xml", "这不是 XML 文件，而是网页。", "This is not XML but an HTML page.")
    if not start.startswith("<"):
        return _finding(file, 1, "file.not_xml", "这不是 XML 文件。", "This is not an XML file.")
    doctype = text.find("<!DOCTYPE")
    if doctype >= 0:
        line = text.count("\n", 0, doctype) + 1
        return _finding(
            file,
            line,
            "xml.doctype",
            "不接受带有 DOCTYPE 的文件。",
            "A file with a DOCTYPE is not accepted.",
            "删除 DOCTYPE 声明。",
            "Remove the DOCTYPE declaration.",
        )
    if text.count("<") > 2 * MAX_ELEMENTS + 1000:
        return _finding(
            file,
            0,
            "xml.too_many_elements",
            f"元素超过 {MAX_ELEMENTS} 个。",
            f"There are more than {MAX_ELEMENTS} elements.",
        )
    return None


def _syntax_finding(file: str, error: etree.XMLSyntaxError) -> Finding:
    line = (error.position[0] if error.position else 0) or error.lineno or 1
    reason = re.sub(r", line \d+, column \d+( \(.*?\))?$", "", str(error.msg or error)).strip()[:300]
    return _finding(
        file,
        line,
        "xml.syntax",
        f"第 {line} 行的 XML 有错误：{reason}。",
        f"The XML is broken in line {line}: {reason}.",
    )


def _too_deep(root: etree._Element) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def _finding(file: str, line: int, code: str, zh: str, en: str, repair_zh: str = "", repair_en: str = "") -> Finding:
    return Finding(file, line, "", "error", code, zh, en, repair_zh=repair_zh, repair_en=repair_en)
