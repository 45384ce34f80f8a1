"""Every kind of event that a dossier's journal may tell: the version of its body and what it says, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKind:
    """One kind of event. ``version`` is the newest shape of its body; older ones stay readable for ever."""

    kind: str
    version: int
    gloss: Text


def _kinds(*entries: tuple[str, str, str]) -> Mapping[str, EventKind]:
    return {kind: EventKind(kind=kind, version=1, gloss=Text(vi=vi, en=en)) for kind, vi, en in entries}


#: Kinds by which the process itself moves; all others leave it where it is.
DRIVING = frozenset(
    {"DossierFiled", "TaskCompleted", "ServiceAnswered", "ServiceRefused", "ProcessCancelled", "TimerFired"}
)

KINDS: Mapping[str, EventKind] = _kinds(
    # the process moves
    ("DossierFiled", "Nộp hồ sơ", "Dossier filed"),
    ("TaskCompleted", "Xong một bước", "Step completed"),
    ("ServiceAnswered", "Hệ thống đã trả lời", "Operation answered"),
    ("ServiceRefused", "Hệ thống từ chối", "Operation refused"),
    ("TimerFired", "Đến giờ hẹn", "Timer fired"),
    ("ProcessCancelled", "Chấm dứt quy trình", "Process ended from outside"),
    ("DossierMigrated", "Chuyển sang phiên bản khác", "Moved to another version"),
    ("MigrationReverted", "Trở về phiên bản trước", "Taken back to the former version"),
    # the dossier itself
    ("DossierChanged", "Ghi hồ sơ", "Dossier changed"),
    ("DossierWithdrawn", "Rút hồ sơ", "Dossier withdrawn"),
    ("DossierStopped", "Dừng giải quyết", "Settlement stopped"),
    # papers and results
    ("PaperAttached", "Nộp thêm giấy tờ", "Paper handed in"),
    ("PapersRead", "Đọc giấy tờ (OCR)", "Papers read (OCR)"),
    ("DocumentStored", "Lưu văn bản", "Document stored"),
    ("LetterSigned", "Văn bản đã ký", "Letter signed"),
    ("BookNumberTaken", "Lấy số vào sổ", "Number taken from the book"),
    ("ResultSigned", "Kết quả đã ký và kiểm tra", "Result signed and checked"),
    ("ResultIssued", "Ban hành kết quả", "Result issued"),
    ("ResultDelivered", "Trả kết quả", "Result handed over"),
    # money
    ("ChargeDemanded", "Lập khoản thu", "Charge demanded"),
    ("ChargeCancelled", "Hủy khoản thu", "Charge cancelled"),
    ("PaymentBegun", "Bắt đầu thanh toán", "Payment begun"),
    ("PaymentRecorded", "Ghi nhận thanh toán", "Payment recorded"),
    ("ReceiptIssued", "Phát hành biên lai", "Receipt issued"),
    ("RefundOpened", "Mở khoản hoàn tiền", "Refund opened"),
    ("RefundPaid", "Đã hoàn tiền", "Refund paid"),
    # the term
    ("DeadlineDerived", "Tính thời hạn", "Deadline derived"),
    ("DeadlineExtended", "Gia hạn", "Deadline extended"),
    ("ClockPaused", "Tạm dừng tính thời hạn", "Clock paused"),
    ("ClockResumed", "Tính thời hạn tiếp", "Clock resumed"),
    ("CalendarChanged", "Lịch làm việc thay đổi", "Working calendar changed"),
    ("DueSoonWarned", "Cảnh báo sắp đến hạn", "Due soon"),
    ("DossierOverdue", "Quá hạn", "Overdue"),
    ("LatenessClimbed", "Báo trễ hạn lên cấp trên", "Lateness reported upwards"),
    ("LatenessExplained", "Giải trình trễ hạn", "Lateness explained"),
    ("SilenceNoted", "Ghi nhận sự im lặng theo luật", "Silence noted as the law reads it"),
    ("ExtensionRequested", "Đề nghị gia hạn", "Extension asked for"),
    ("ExtensionApproved", "Đồng ý gia hạn", "Extension approved"),
    ("ExtensionRefused", "Không đồng ý gia hạn", "Extension refused"),
    ("ExtensionLapsed", "Đề nghị gia hạn hết hiệu lực", "Extension request lapsed"),
    # who does the work
    ("TaskClaimed", "Nhận việc", "Task claimed"),
    ("TaskReleased", "Trả lại việc", "Task released"),
    ("TaskAssigned", "Phân công", "Task assigned"),
    ("TaskTransferred", "Chuyển việc", "Task transferred"),
    ("TaskDelegated", "Ủy thác việc", "Task delegated"),
    ("TaskResolved", "Xong việc được ủy thác", "Delegated task resolved"),
    ("TaskPrioritised", "Đặt mức ưu tiên", "Task prioritised"),
    ("FollowUpSet", "Hẹn xem lại", "Follow-up set"),
    ("CommentAdded", "Ý kiến", "Comment added"),
    ("WatchBegan", "Bắt đầu theo dõi", "Watch began"),
    ("WatchEnded", "Thôi theo dõi", "Watch ended"),
    # the world outside
    ("ApplicantNotified", "Báo cho người nộp", "Applicant notified"),
    ("RegisterQueried", "Tra cứu cơ sở dữ liệu", "Register queried"),
    ("RegisterEntered", "Ghi vào cơ sở dữ liệu", "Register entered"),
    ("DeliveryDeferred", "Phải chờ hệ thống ngoài", "Delivery deferred"),
    ("DeliveryRetried", "Thử lại", "Delivery retried"),
    ("IncidentOpened", "Sự cố", "Incident opened"),
    ("IncidentNoted", "Ghi chú sự cố", "Incident noted"),
    ("DeliveryAbandoned", "Bỏ việc đã lỗi", "Delivery given up"),
    ("AnswerTooLate", "Trả lời đến muộn", "Answer too late"),
)
