"""The official words for where a dossier stands, for letters and notices."""

from __future__ import annotations

from engine.errors import Text
from engine.model.status import Business, Delivery, Finance

BUSINESS: dict[Business, Text] = {
    Business.SUBMITTED: Text(vi="Mới đăng ký", en="Filed"),
    Business.INTAKE_SUPPLEMENT: Text(vi="Yêu cầu bổ sung trước khi tiếp nhận", en="Supplement asked before acceptance"),
    Business.REFUSED: Text(vi="Không được tiếp nhận", en="Declined"),
    Business.RECEIVED: Text(vi="Được tiếp nhận", en="Accepted"),
    Business.IN_PROGRESS: Text(vi="Đang xử lý", en="In progress"),
    Business.WAIT_SUPPLEMENT: Text(vi="Yêu cầu bổ sung", en="Supplement asked"),
    Business.WAIT_AGENCY: Text(vi="Chờ ý kiến cơ quan khác", en="Waiting for another agency's opinion"),
    Business.STOPPED: Text(vi="Dừng xử lý", en="Stopped"),
    Business.RESULT_SIGNED: Text(vi="Kết quả đã ký", en="Result signed"),
    Business.RESULT_ISSUED: Text(vi="Kết quả đã ban hành", en="Result issued"),
    Business.WITHDRAWN: Text(vi="Công dân rút hồ sơ", en="Withdrawn"),
}
FINANCE: dict[Finance, Text] = {
    Finance.NONE: Text(vi="Không thu", en="No fee"),
    Finance.EXEMPT: Text(vi="Được miễn", en="Exempt"),
    Finance.DUE: Text(vi="Phải nộp", en="Due"),
    Finance.PENDING: Text(vi="Đang thanh toán", en="Being paid"),
    Finance.PAID: Text(vi="Đã nộp", en="Paid"),
    Finance.REFUND_DUE: Text(vi="Phải hoàn", en="To be refunded"),
    Finance.REFUNDED: Text(vi="Đã hoàn", en="Refunded"),
    Finance.CANCELLED: Text(vi="Hủy thu", en="Cancelled"),
}
DELIVERY: dict[Delivery, Text] = {
    Delivery.NOT_READY: Text(vi="Chưa có", en="Not ready"),
    Delivery.READY: Text(vi="Sẵn sàng trả", en="Ready"),
    Delivery.SENT: Text(vi="Đã gửi", en="Sent"),
    Delivery.DELIVERED: Text(vi="Đã trả", en="Handed over"),
    Delivery.RETURNED: Text(vi="Bị chuyển hoàn", en="Returned"),
}
