"""What may stop or lengthen the statutory clock: a pause with an issued document, an extension with a signed slip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.errors import DomainError
from engine.model.duration import Duration
from engine.values import aware


class PauseInvalid(DomainError):
    """The clock cannot be stopped: {why}"""

    code = "pause-invalid"
    vi = "Không thể tạm dừng thời hạn: {why_vi}"

    def __init__(self, *, why: str, why_vi: str) -> None:
        super().__init__(why=why, why_vi=why_vi)


class ExtensionInvalid(DomainError):
    """The term cannot be extended: {why}"""

    code = "extension-invalid"
    vi = "Không thể gia hạn: {why_vi}"

    def __init__(self, *, why: str, why_vi: str) -> None:
        super().__init__(why=why, why_vi=why_vi)


class ExtensionLate(DomainError):
    """An extension counts only if granted before the due moment: granted {granted}, due {due}. Late stays late."""

    code = "extension-late"
    vi = "Chỉ được gia hạn trước thời điểm đến hạn: ký lúc {granted}, hạn là {due}. Đã trễ thì vẫn tính là trễ."


class ExtensionLimitReached(DomainError):
    """At most {allowed} re-appointment is allowed for this dossier (Circular 03/2025, form 04); {given} were given."""

    code = "extension-limit-reached"
    vi = "Chỉ được hẹn lại tối đa {allowed} lần (Thông tư 03/2025, mẫu 04); hồ sơ này đã ghi {given} lần."


class PauseReason(StrEnum):
    """Why the clock may stop; there is no other ground."""

    SUPPLEMENT = "SUPPLEMENT"  #: chờ bổ sung hồ sơ (mẫu 02)
    FINANCE = "FINANCE"  #: chờ thực hiện nghĩa vụ tài chính
    OPINION = "OPINION"  #: chờ ý kiến cơ quan khác
    EXCLUDED_SPAN = "EXCLUDED_SPAN"  #: khoảng thời gian văn bản không tính vào thời hạn


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """From the issued document to the recorded answer; ``end`` is ``None`` while nobody has answered."""

    start: datetime
    end: datetime | None = None
    document: str  #: number or id of the issued document
    reason: PauseReason

    def __post_init__(self) -> None:
        aware(self.start, what="pause start")
        if not self.document.strip():
            raise PauseInvalid(
                why="a pause needs its issued document (a supplement, finance or opinion document)",
                why_vi="thiếu văn bản đã ban hành (yêu cầu bổ sung, thông báo tài chính hoặc lấy ý kiến)",
            )
        try:
            object.__setattr__(self, "reason", PauseReason(self.reason))
        except ValueError as problem:
            raise PauseInvalid(
                why=f"unknown reason {self.reason!r}; expected {', '.join(PauseReason)}",
                why_vi=f"lý do {self.reason!r} không có trong danh mục",
            ) from problem
        if self.end is not None and aware(self.end, what="pause end") < self.start:
            raise PauseInvalid(why="it ends before it starts", why_vi="thời điểm kết thúc trước thời điểm bắt đầu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A re-appointment (hẹn lại ngày trả) by signed slip 04: a duration on top, never a typed date."""

    granted_at: datetime
    parts: tuple[Duration, ...]
    document: str
    reason: str
    remedy: str

    def __post_init__(self) -> None:
        aware(self.granted_at, what="extension granted_at")
        if not self.parts:
            raise ExtensionInvalid(why="no added time is given", why_vi="chưa ghi thời gian gia hạn")
        for field, en, vi in (
            ("document", "the signed apology slip (form 04) is missing", "thiếu phiếu xin lỗi đã ký (mẫu 04)"),
            ("reason", "the reason is missing", "thiếu lý do"),
            ("remedy", "the remedy is missing", "thiếu biện pháp khắc phục"),
        ):
            if not str(getattr(self, field)).strip():
                raise ExtensionInvalid(why=en, why_vi=vi)
