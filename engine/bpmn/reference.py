"""The reference procedure of the benchmarks: 28 flow nodes, 4 lanes, 7 user and 10 service tasks, a decision with 12
rules and 8 KB of data; and a small loop around a parallel block."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:motcua="urn:motcua:bpmn:1.0" '
    'id="reference" targetNamespace="urn:motcua:bench">'
)

#: Flow nodes: id, tag, lane.
_NODES = (
    ("filed", "startEvent", "desk"),
    ("read_papers", "serviceTask", "desk"),
    ("check_intake", "userTask", "desk"),
    ("complete_set", "exclusiveGateway", "desk"),
    ("send_decline", "serviceTask", "desk"),
    ("declined", "endEvent", "desk"),
    ("issue_slip", "serviceTask", "desk"),
    ("assess_fee", "businessRuleTask", "desk"),
    ("assign", "userTask", "office"),
    ("look_up_person", "serviceTask", "office"),
    ("part", "parallelGateway", "office"),
    ("appraise", "userTask", "office"),
    ("ask_police", "serviceTask", "office"),
    ("compare_answer", "userTask", "office"),
    ("meet", "parallelGateway", "office"),
    ("draft", "serviceTask", "office"),
    ("review", "userTask", "office"),
    ("good", "exclusiveGateway", "office"),
    ("render", "serviceTask", "leader"),
    ("approve", "userTask", "leader"),
    ("approved", "exclusiveGateway", "leader"),
    ("sign", "serviceTask", "leader"),
    ("register", "serviceTask", "archive"),
    ("hand_over", "userTask", "archive"),
    ("notify", "serviceTask", "archive"),
    ("closed", "endEvent", "archive"),
    ("late", "boundaryEvent", "office"),
    ("reminded", "endEvent", "office"),
)

#: Sequence flows: source, target, condition.
_FLOWS = (
    ("filed", "read_papers", ""),
    ("read_papers", "check_intake", ""),
    ("check_intake", "complete_set", ""),
    ("complete_set", "send_decline", "accepted = false"),
    ("complete_set", "issue_slip", "accepted = true"),
    ("send_decline", "declined", ""),
    ("issue_slip", "assess_fee", ""),
    ("assess_fee", "assign", ""),
    ("assign", "look_up_person", ""),
    ("look_up_person", "part", ""),
    ("part", "appraise", ""),
    ("part", "ask_police", ""),
    ("ask_police", "compare_answer", ""),
    ("appraise", "meet", ""),
    ("compare_answer", "meet", ""),
    ("meet", "draft", ""),
    ("draft", "review", ""),
    ("review", "good", ""),
    ("good", "assign", "review_ok = false"),
    ("good", "render", "review_ok = true"),
    ("render", "approve", ""),
    ("approve", "approved", ""),
    ("approved", "review", "approval_ok = false"),
    ("approved", "sign", "approval_ok = true"),
    ("sign", "register", ""),
    ("register", "hand_over", ""),
    ("hand_over", "notify", ""),
    ("notify", "closed", ""),
    ("late", "reminded", ""),
)

#: What each task gives; the benchmark answers in this order until the process has ended.
ANSWERS: dict[str, dict[str, Any]] = {
    "read_papers": {"read_fields": 14, "read_confidence": 93},
    "check_intake": {"accepted": True, "intake_note": "Đủ thành phần hồ sơ", "copies": 3},
    "issue_slip": {"slip": "H56.12-260105-0001", "promised_on": "2026-01-12"},
    "assign": {"officer": "CC07"},
    "look_up_person": {"person_found": True},
    "appraise": {"appraisal": "Hồ sơ hợp lệ, đề nghị giải quyết"},
    "ask_police": {"police_answer": "Không có án tích"},
    "compare_answer": {"compared": True},
    "draft": {"draft": "f3a1" * 16},
    "review": {"review_ok": True},
    "render": {"rendered": "9bc0" * 16},
    "approve": {"approval_ok": True},
    "sign": {"signature": "77de" * 16},
    "register": {"book": "2026/000117"},
    "hand_over": {"handed_over": True},
    "notify": {"notified": True},
}


def reference_bpmn() -> bytes:
    """The diagram."""
    lanes = {lane: [node for node, _, at in _NODES if at == lane] for lane in ("desk", "office", "leader", "archive")}
    parts = [_HEAD, '<process id="reference_procedure" isExecutable="true"><laneSet id="lanes">']
    for lane, nodes in lanes.items():
        refs = "".join(f"<flowNodeRef>{node}</flowNodeRef>" for node in nodes)
        parts.append(f'<lane id="lane_{lane}" name="{lane}">{refs}</lane>')
    parts.append("</laneSet>")
    parts.extend(_node(node, tag, lane) for node, tag, lane in _NODES)
    for at, (source, target, condition) in enumerate(_FLOWS):
        inside = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
        parts.append(f'<sequenceFlow id="flow_{at}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>')
    parts.append("</process></definitions>")
    return "".join(parts).encode()


def _node(node: str, tag: str, lane: str) -> str:
    if tag == "userTask":
        return f'<userTask id="{node}" name="{node}" motcua:role="{lane}" motcua:form="{node}"/>'
    if tag == "serviceTask":
        return f'<serviceTask id="{node}" name="{node}" motcua:operation="{node}"/>'
    if tag == "businessRuleTask":
        return f'<businessRuleTask id="{node}" name="{node}" motcua:decision="fee" motcua:result="fee"/>'
    if tag == "boundaryEvent":
        timer = "<timerEventDefinition><timeDuration>P5D</timeDuration></timerEventDefinition>"
        return f'<boundaryEvent id="{node}" attachedToRef="appraise" cancelActivity="false">{timer}</boundaryEvent>'
    return f'<{tag} id="{node}" name="{node}"/>'


def reference_dmn() -> bytes:
    """The decision ``fee``: twelve rules over ``copies`` and ``channel``."""
    rules = []
    for row in range(12):
        copies = f"[{row * 5 + 1}..{row * 5 + 5}]" if row < 11 else "&gt;= 56"
        rules.append(
            f'<rule id="rule_{row}"><inputEntry id="i_{row}"><text>{copies}</text></inputEntry>'
            f'<inputEntry id="c_{row}"><text>-</text></inputEntry>'
            f'<outputEntry id="o_{row}"><text>{2000 * (row + 1)}</text></outputEntry></rule>'
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="fees" name="fees" '
        'namespace="urn:motcua:bench">'
        '<inputData id="copies_in" name="copies"><variable name="copies" typeRef="number"/></inputData>'
        '<inputData id="channel_in" name="channel"><variable name="channel" typeRef="string"/></inputData>'
        '<decision id="fee" name="fee"><variable name="fee" typeRef="number"/>'
        '<informationRequirement id="r1"><requiredInput href="#copies_in"/></informationRequirement>'
        '<informationRequirement id="r2"><requiredInput href="#channel_in"/></informationRequirement>'
        '<decisionTable id="fee_table" hitPolicy="UNIQUE">'
        '<input id="in1"><inputExpression id="e1" typeRef="number"><text>copies</text></inputExpression></input>'
        '<input id="in2"><inputExpression id="e2" typeRef="string"><text>channel</text></inputExpression></input>'
        f'<output id="out" name="fee" typeRef="number"/>{"".join(rules)}</decisionTable></decision></definitions>'
    ).encode()


def reference_data() -> dict[str, Any]:
    """About 8 KB of what an applicant files."""
    papers = [
        {
            "name": f"Giấy tờ số {number}: văn bản kèm theo hồ sơ đề nghị giải quyết thủ tục hành chính",
            "pages": number % 7 + 1,
            "digest": sha256(str(number).encode()).hexdigest() if number % 2 else "",
            "certified": number % 3 == 0,
        }
        for number in range(1, 41)
    ]
    return {
        "number": "H56.12-260105-0001",
        "channel": "trực tuyến",
        "applicant": {"name": "Nguyễn Thị Ví Dụ", "born": "1988-02-29", "identity": "000000000001"},
        "purpose": "Đề nghị giải quyết thủ tục theo quy định",
        "papers": papers,
    }


def rework_bpmn() -> bytes:
    """User task, then a parallel block of two user tasks, and back while ``again``."""
    flows = [("s", "u"), ("u", "p"), ("p", "a"), ("p", "b"), ("a", "j"), ("b", "j"), ("j", "x")]
    plain = "".join(
        f'<sequenceFlow id="w{at}" sourceRef="{source}" targetRef="{target}"/>'
        for at, (source, target) in enumerate(flows)
    )
    return (
        f'{_HEAD}<process id="rework" isExecutable="true"><startEvent id="s"/><userTask id="u"/>'
        '<parallelGateway id="p"/><userTask id="a"/><userTask id="b"/><parallelGateway id="j"/>'
        f'<exclusiveGateway id="x" default="leave"/><endEvent id="e"/>{plain}'
        '<sequenceFlow id="again" sourceRef="x" targetRef="u"><conditionExpression>again</conditionExpression>'
        '</sequenceFlow><sequenceFlow id="leave" sourceRef="x" targetRef="e"/></process></definitions>'
    ).encode()
