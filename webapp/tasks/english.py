"""The shipped forms in English. Forms are written in Chinese; what has no English words here keeps its own.

Only labels, descriptions and option labels are translated; keys and values never are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.i18n import is_chinese

WORDS: Mapping[str, str] = {
    "受理结论": "Decision",
    "提请立案": "Submit for filing",
    "提请作废": "Propose to void",
    "派人现场核实": "Send somebody to verify",
    "不予受理": "Do not accept",
    "建议立案条件": "Proposed filing condition",
    "值班长立案时可以更改。": "The shift leader may change it when filing.",
    "理由或核实要求": "Reason, or what to verify",
    "不予受理的理由上报人可见；派人核实时写明要看什么。": "The reporter reads why it is not accepted; for a "
    "verification say what to look at.",
    "审批结论": "Decision",
    "准予结案": "Close the case",
    "返工": "Rework",
    "结案条件": "Closing condition",
    "结案意见": "Remark",
    "返工理由": "Why rework",
    "裁定结果": "Ruling",
    "指定主办单位": "Name the lead department",
    "作废": "Void",
    "主办单位": "Lead department",
    "会商意见": "Result of the consultation",
    "写明参加会商的单位和依据。": "Say who took part and on what grounds.",
    "已按权责清单推荐，可更改；派给另一单位时处置时限重新起算。": "Suggested by the list of duties, may be "
    "changed; another department starts the handling limit anew.",
    "派遣意见": "Remark",
    "立案": "File",
    "退回受理": "Back to acceptance",
    "立案条件": "Filing condition",
    "立案条件决定处置时限和结案条件。": "It decides the handling limit and when the case may be closed.",
    "案件等级": "Grade",
    "一般": "Ordinary",
    "较大": "Considerable",
    "重大": "Major",
    "理由": "Reason",
    "处置结论": "Outcome",
    "处置完成": "Done",
    "退回派遣员": "Return to the dispatcher",
    "处置结果": "What was done",
    "处置后照片": "Photos after",
    "退回理由": "Why it is returned",
    "核查结论": "Result",
    "合格": "Solved",
    "不合格，返工": "Not solved, rework",
    "核查情况": "What was found",
    "不合格之处": "What is missing",
    "写明还要做什么；处置时限从剩余时间继续走。": "Say what is still to be done; the handling limit goes on with "
    "what was left.",
    "核查照片": "Photos of the check",
    "审核结论": "Decision",
    "处置属实，结案": "Truly solved, close",
    "未解决，转正常受理": "Not solved, accept as usual",
    "转正常受理的理由": "Why it is accepted as usual",
    "说明照片或现场与上报有何不符。": "Say what in the photos or on site differs from the report.",
    "签收结论": "Decision",
    "属本单位职责，签收": "Our duty, sign for it",
    "非本单位职责，退回": "Not our duty, return it",
    "写明依据和应由哪个单位办理；退回期间处置时限停表。": "Say on what grounds and who should do it; the handling "
    "limit stands still meanwhile.",
    "核实结果": "Result",
    "问题存在": "The problem exists",
    "问题不存在": "There is no such problem",
    "现场情况": "On site",
    "核实照片": "Photos of the verification",
}
TEXTS = ("label", "description", "text", "dateLabel", "timeLabel")


def in_language(form: Mapping[str, Any]) -> dict[str, Any]:
    """The form in the language of the page. The deployed form is not changed."""
    return dict(form) if is_chinese() else _translated(form)


def _translated(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {
            key: WORDS.get(value, value) if key in TEXTS and isinstance(value, str) else _translated(value)
            for key, value in part.items()
        }
    return [_translated(item) for item in part] if isinstance(part, list) else part
