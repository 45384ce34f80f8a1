"""What an operator does about each kind of incident, in words."""

from __future__ import annotations

from engine.definitions.operations import CATALOGUE
from engine.model.circuit import CLOSED, OPEN
from engine.queries.incidents import Incident
from webapp import web
from webapp.words import gettext as _


def operation(topic: str) -> str:
    """What the delivery was to do."""
    known = CATALOGUE.get(topic)
    if known:
        return known.label.in_(web.language())
    words = {
        "slip.render": _("Lập phiếu"),
        "slip.sign": _("Ký phiếu"),
        "mail.send": _("Gửi thư"),
        "batch.item": _("Một hồ sơ của xử lý hàng loạt"),
        "timer": _("Bộ hẹn giờ"),
    }
    return words.get(topic, topic)


def remedy(incident: Incident) -> str:
    """What to do about it."""
    if incident.kind == "late":
        return _(
            "Hệ thống ngoài trả lời sau khi bước này đã bị hủy. Kiểm tra bên ngoài có gì phải thu hồi (văn bản đã ký, "
            "mục đã ghi) rồi ghi lại đã xử lý thế nào."
        )
    if incident.kind == "timer":
        return _(
            "Hệ thống tự thử lại. Nếu lỗi lặp lại, kiểm tra phiên bản thủ tục của hồ sơ; các hồ sơ khác không bị "
            "ảnh hưởng."
        )
    sign = _("Kiểm tra chứng thư của người ký và con dấu (hạn, thu hồi) và dịch vụ dấu thời gian rồi thử lại.")
    render = _("Kiểm tra mẫu văn bản của phiên bản thủ tục và phông chữ rồi thử lại.")
    remedies = {
        "papers.read": _("Mở tệp gốc xem có hỏng không; kiểm tra Tesseract rồi thử lại."),
        "letter.render": render,
        "slip.render": render,
        "copy.render": _("Kiểm tra tệp gốc và mẫu lời chứng rồi thử lại."),
        "result.sign": sign,
        "letter.sign": sign,
        "slip.sign": sign,
        "notify.send": _("Kiểm tra địa chỉ thư của người nộp và máy chủ thư rồi thử lại."),
        "mail.send": _("Kiểm tra địa chỉ thư và máy chủ thư rồi thử lại."),
        "registry.look_up": _("Kiểm tra kết nối và quyền truy cập cơ sở dữ liệu rồi thử lại."),
        "registry.register": _("Kiểm tra kết nối và dữ liệu gửi sang cơ sở dữ liệu rồi thử lại."),
    }
    return remedies.get(incident.topic, _("Đọc thông báo lỗi, sửa nguyên nhân rồi thử lại."))


def connector(name: str) -> str:
    """The name of a connector."""
    words = {
        "signing": _("Ký số"),
        "registry": _("Cơ sở dữ liệu quốc gia"),
        "letters": _("Lập văn bản"),
        "ocr": _("Đọc giấy tờ (OCR)"),
        "mail": _("Thư điện tử"),
    }
    return words.get(name, name or "–")


def queue(name: str) -> str:
    """The name of a queue."""
    words = {
        "timers": _("Bộ hẹn giờ"),
        "signing": _("Ký số"),
        "registers": _("Cơ sở dữ liệu"),
        "letters": _("Lập văn bản"),
        "ocr": _("Đọc giấy tờ (OCR)"),
        "mail": _("Thư điện tử"),
        "bulk": _("Xử lý hàng loạt"),
    }
    return words.get(name, name)


def circuit(state: str) -> str:
    """What a circuit breaker's state means."""
    if state == CLOSED:
        return _("Bình thường")
    return _("Tạm ngắt") if state == OPEN else _("Đang thử lại")


def kind(name: str) -> str:
    """What an incident is of."""
    words = {"delivery": _("Việc thất bại"), "late": _("Trả lời đến muộn"), "timer": _("Bộ hẹn giờ lỗi")}
    return words.get(name, name)


def periodic(name: str) -> str:
    """The name of periodic work."""
    words = {
        "digest": _("Gửi bản tin ngày"),
        "tidy": _("Dọn bảng vận hành"),
        "backup": _("Sao lưu"),
        "verify": _("Kiểm tra toàn bộ"),
        "checkpoint": _("Mốc kiểm chứng"),
    }
    return words.get(name, name)
