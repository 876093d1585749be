"""Labels of the shipped diagram in English, for sentences and lists. The drawing keeps its Chinese labels.

A label without English words here is shown as it is, so that a diagram changed today reads well at once.
"""

from __future__ import annotations

from collections.abc import Mapping

from webapp.i18n import is_chinese

WORDS: Mapping[str, str] = {
    "案件办理": "Case handling",
    "采集员": "Collector",
    "受理员": "Acceptor",
    "值班长": "Shift leader",
    "派遣员": "Dispatcher",
    "处置部门": "Department",
    "核查员": "Checker",
    "采集上报": "Reported",
    "已上报": "Reported",
    "结案": "Closed",
    "不予受理": "Not accepted",
    "作废": "Void",
    "裁定作废": "Void by ruling",
    "自行处置结案": "Closed, solved on the spot",
    "自处置结案": "Closed, solved on the spot",
    "用时80%": "80 % used",
    "超时": "overdue",
    "是": "yes",
    "否": "no",
    "合格": "solved",
    "不合格": "not solved",
    "不合格，返工": "not solved, rework",
    "完成": "done",
    "退回": "returned",
    "否，退回": "no, returned",
    "返工": "rework",
    "立案": "filed",
    "退回受理": "back to acceptance",
    "提请立案": "submitted for filing",
    "提请作废": "to be voided",
    "派人核实": "somebody verifies",
    "属实": "true",
    "不属实": "not true",
    "首次退回": "first return",
    "再次退回": "returned again",
    "指定主办": "lead department named",
    "指定主办单位": "lead department named",
    "准予结案": "may be closed",
    "已解决": "solved",
    "未解决": "not solved",
    "首次": "the first time",
    "两次以上": "more than once",
    "转正常受理": "accepted as usual",
    "需现场核实": "somebody verifies on site",
    "呈报审批": "submitted for approval",
    "已自行处置？": "solved on the spot?",
    "受理结论？": "how to accept?",
    "准予立案？": "filed?",
    "属本单位职责？": "our duty?",
    "处置完成？": "done?",
    "处置属实？": "truly solved?",
    "再次退回？": "returned again?",
    "裁定结果？": "what was ruled?",
    "核查合格？": "solved?",
    "准予结案？": "may be closed?",
}


def label(text: str) -> str:
    """The label in the language of the page."""
    return text if is_chinese() else WORDS.get(text, text)
