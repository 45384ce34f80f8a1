"""Events, grounds and findings in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.definitions.operations import CATALOGUE
from engine.model.events import KINDS
from engine.procedures import Procedure
from engine.queries.history import Recorded
from webapp import web
from webapp.words import gettext as _


def what(event: Recorded, procedure: Procedure) -> str:
    """What happened, in one short line."""
    step = procedure.element_name(event.node).in_(web.language()) if event.node else ""
    match event.kind:
        case "TaskCompleted":
            return step
        case "ServiceAnswered":
            return _("Xong: %(step)s", step=step or _operation(event.body))
        case "ServiceRefused":
            return _("Bị từ chối: %(step)s", step=step or _operation(event.body))
        case "TaskClaimed":
            return _("Nhận việc: %(step)s", step=step)
        case "TaskReleased":
            return _("Trả lại việc: %(step)s", step=step)
        case "DossierChanged":
            return _changed(event.body)
    known = KINDS.get(event.kind)
    return known.gloss.in_(web.language()) if known else event.kind


def ground(event: Recorded) -> str:
    """On what ground the event stands: somebody's decision, a connector's answer, a rule, the passing of time."""
    match event.kind:
        case "TaskCompleted" | "TaskClaimed" | "TaskReleased":
            return _("Quyết định của người có vai trò ở bước này")
        case "DossierFiled" | "PaymentBegun":
            return _("Yêu cầu của người nộp")
        case "PaymentRecorded" | "ReceiptIssued":
            return _("Thông báo có ký của cổng thanh toán")
        case "ServiceAnswered" | "ServiceRefused" | "PapersRead" | "ResultSigned" | "DocumentStored":
            return _("Trả lời của hệ thống: %(name)s", name=_operation(event.body) or event.node or event.kind)
        case "TimerFired" | "DueSoonWarned" | "DossierOverdue":
            return _("Thời gian trôi qua, bộ hẹn giờ của hồ sơ")
        case "DeadlineDerived":
            return _(
                "Quy định thời hạn của phiên bản thủ tục và lịch làm việc (mã %(digest)s)",
                digest=str(event.body.get("calendar", ""))[:12],
            )
        case "DossierMigrated":
            return _(
                "%(basis)s; %(author)s đề nghị, %(approver)s duyệt",
                basis=str(event.body.get("legal_basis", "")),
                author=str(event.body.get("author_name", "")),
                approver=str(event.body.get("approver_name", "")),
            )
        case "MigrationReverted":
            return _("Hoàn tác: %(reason)s", reason=str(event.body.get("reason", "")))
        case "LatenessExplained" | "ExtensionRequested" | "DossierStopped" | "DossierWithdrawn":
            return _("Lý do: %(reason)s", reason=str(event.body.get("reason", "")))
        case "ClockPaused" | "ClockResumed":
            return _("Văn bản %(document)s", document=str(event.body.get("document", "")))
        case "DossierChanged" | "ChargeDemanded" | "BookNumberTaken" | "ResultIssued":
            return _("Hệ quả của bước trên sơ đồ, theo phiên bản thủ tục")
    return _("Theo quy trình")


def _operation(body: Mapping[str, object]) -> str:
    known = CATALOGUE.get(str(body.get("operation", "")))
    return known.label.in_(web.language()) if known else str(body.get("operation", ""))


def _changed(body: Mapping[str, object]) -> str:
    names = {
        "business": _("tình trạng giải quyết"),
        "finance": _("tình trạng phí"),
        "delivery": _("tình trạng trả kết quả"),
        "due_at": _("ngày hẹn trả"),
        "promised_at": _("ngày hẹn trả"),
        "clock_from": _("thời điểm bắt đầu tính hạn"),
        "received_at": _("thời điểm tiếp nhận"),
        "closed_at": _("thời điểm kết thúc"),
        "lateness": _("cảnh báo thời hạn"),
        "waiting_for": _("lý do chờ"),
        "deadline": _("căn cứ tính thời hạn"),
        "digest": _("phiên bản thủ tục"),
        "data": _("nội dung tờ khai"),
    }
    changed = dict.fromkeys(names.get(name, name) for name in body if name != "state")
    return _("Ghi: %(names)s", names=", ".join(changed)) if changed else _("Ghi hồ sơ")


def event_word(event: str) -> str:
    """What happened at an element."""
    words = {"entered": _("đến"), "completed": _("xong"), "cancelled": _("hủy"), "fired": _("kích hoạt")}
    return words.get(event, event)


def place(found: str) -> str:
    """The place of a finding: ``event 12``, ``file <digest>``, ``row <table> <key>``, ``definition <digest>``."""
    kind, _sep, rest = found.partition(" ")
    words = {"event": _("Sự kiện"), "file": _("Tệp"), "row": _("Dòng dữ liệu"), "definition": _("Phiên bản thủ tục")}
    return f"{words.get(kind, kind)} {rest}"


#: English sentences of the checks (the stable form that the command line prints), in the language of this page.
_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"event was changed after it was written", "sự kiện đã bị sửa sau khi ghi"),
    (r"event does not follow the one before it", "sự kiện không nối tiếp sự kiện trước"),
    (r"event belongs to another dossier", "sự kiện thuộc hồ sơ khác"),
    (r"event is older than the one before it", "sự kiện có thời điểm sớm hơn sự kiện trước"),
    (r"event (\d+) is missing or out of order \(found (\d+)\)", r"thiếu hoặc sai thứ tự sự kiện \1 (gặp \2)"),
    (r"(\d+) events are missing at the end", r"thiếu \1 sự kiện ở cuối"),
    (r"(.+) does not match its digest: (.+)", r"\1 không khớp mã băm (\2)"),
    (r"(.+) was not found\.", r"không tìm thấy \1"),
    (r"head of the chain differs from the dossier's", "đầu chuỗi khác với đầu chuỗi ghi trên hồ sơ"),
    (r"it was not approved by a second person", "không có người thứ hai duyệt"),
    (r"takes back a move after which the process has gone on", "hoàn tác một lần chuyển mà quy trình đã đi tiếp"),
    (r"the process was in another state when it was moved", "lúc chuyển phiên bản, quy trình ở trạng thái khác"),
    (r"its timers come out otherwise when it is moved again", "chuyển lại thì bộ hẹn giờ khác đi"),
    (r"names a version that is not at hand", "nêu một phiên bản không có"),
    (r"digest differs from the version that the dossier was moved to", "phiên bản khác với phiên bản đã chuyển tới"),
    (r"is missing", "bị mất"),
    (r"is missing though the (.+)", "bị mất dù quy trình hoặc thời hạn đang cần đến"),
    (r"is not told by the journal", "không có trong nhật ký"),
    (r"waits though (.+)", "đang chờ dù không còn gì phải chờ"),
    (r"cannot be read: (.+)", r"không đọc được: \1"),
    (r"the data change otherwise when it is executed again", "chạy lại thì dữ liệu thay đổi khác"),
    (r"the deadline comes out otherwise when it is derived again", "tính lại thì ra thời hạn khác"),
    (r"due_at differs from the deadline derived", "ngày hẹn trả khác với thời hạn đã tính"),
    (r"(\(event \d+\) )?nothing in the journal gives rise to (.+)", r"\1nhật ký không có căn cứ cho \2"),
    (r"its transaction has no end", "giao dịch ghi sự kiện này không có phần kết thúc"),
    (r"files the dossier a second time", "nộp hồ sơ lần thứ hai"),
    (r"has not the shape of a (.+)", r"không đúng dạng của \1"),
    (r"cannot be executed again: (.+)", r"không chạy lại được: \1"),
    (r"is missing, or was never (.+)", r"bị mất, hoặc chưa bao giờ có trong nhật ký"),
    (r"names another file than the journal", "trỏ tới tệp khác với nhật ký"),
    (r"(\w+) differs from the journal", r"\1 khác với nhật ký"),
    (r"differs from .+", "khác với nhật ký"),
    (r"process state differs from its re-execution", "trạng thái quy trình khác khi chạy lại"),
    (r"is (\w+) though the process says (\w+)", r"đang là \1 trong khi quy trình cho là \2"),
    (r"is held by somebody else than the journal says", "do người khác giữ so với nhật ký"),
    (r"was completed at another moment than the journal says", "hoàn thành vào lúc khác so với nhật ký"),
    (r"the process takes another path when it is executed again", "chạy lại thì quy trình đi đường khác"),
    (r"the process comes to another state when it is executed again", "chạy lại thì quy trình đến trạng thái khác"),
)


def finding(sentence: str) -> str:
    """A finding's sentence in the page's language; English where it is not known."""
    if web.language() != "vi":
        return sentence
    for pattern, vietnamese in _SENTENCES:
        found = re.fullmatch(pattern, sentence)
        if found:
            return found.expand(vietnamese)
    return sentence
