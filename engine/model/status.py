"""The four dimensions of a dossier's state. The national portal's code is a function of them, never stored."""

from __future__ import annotations

from enum import StrEnum


class Business(StrEnum):
    """How far the settlement itself has come."""

    SUBMITTED = "SUBMITTED"  #: mới đăng ký: filed, not yet taken in by the desk
    INTAKE_SUPPLEMENT = "INTAKE_SUPPLEMENT"  #: yêu cầu bổ sung trước khi tiếp nhận
    REFUSED = "REFUSED"  #: không được tiếp nhận
    RECEIVED = "RECEIVED"  #: được tiếp nhận
    IN_PROGRESS = "IN_PROGRESS"  #: đang xử lý
    WAIT_SUPPLEMENT = "WAIT_SUPPLEMENT"  #: yêu cầu bổ sung khi thẩm định
    WAIT_AGENCY = "WAIT_AGENCY"  #: chờ cơ quan được lấy ý kiến
    STOPPED = "STOPPED"  #: dừng xử lý
    RESULT_SIGNED = "RESULT_SIGNED"  #: kết quả đã ký, chưa ban hành
    RESULT_ISSUED = "RESULT_ISSUED"  #: kết quả đã ban hành
    WITHDRAWN = "WITHDRAWN"  #: công dân rút hồ sơ

    @property
    def closed(self) -> bool:
        """Whether nothing can be settled any more (a result may still be handed over)."""
        return self in {Business.REFUSED, Business.STOPPED, Business.RESULT_ISSUED, Business.WITHDRAWN}


class Finance(StrEnum):
    """Where the money stands."""

    NONE = "NONE"  #: không thu
    EXEMPT = "EXEMPT"  #: miễn
    DUE = "DUE"  #: phải nộp
    PENDING = "PENDING"  #: đang thanh toán
    PAID = "PAID"  #: đã nộp
    REFUND_DUE = "REFUND_DUE"  #: phải hoàn
    REFUNDED = "REFUNDED"  #: đã hoàn
    CANCELLED = "CANCELLED"  #: hủy thu


class Delivery(StrEnum):
    """Where the result is."""

    NOT_READY = "NOT_READY"  #: chưa có
    READY = "READY"  #: sẵn sàng trả
    SENT = "SENT"  #: đã gửi
    DELIVERED = "DELIVERED"  #: đã trả
    RETURNED = "RETURNED"  #: bị chuyển hoàn


class Sync(StrEnum):
    """What the national portal knows."""

    PENDING = "PENDING"  #: chờ gửi
    SENT = "SENT"  #: đã gửi
    ACKED = "ACKED"  #: đã nhận
    FAILED = "FAILED"  #: lỗi
    DIVERGED = "DIVERGED"  #: lệch
