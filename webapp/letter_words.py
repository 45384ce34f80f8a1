"""What letters are called, and what messages say, in the language of the request."""

from __future__ import annotations

from engine.model import both_languages
from engine.store.records import StoredMessage
from webapp import web
from webapp.words import gettext as _


def letter_title(name: str) -> str:
    """What a letter's file, named after its template, is called; other names as they are."""
    titles = {
        "intake-slip": _("Giấy tiếp nhận hồ sơ và hẹn trả kết quả"),
        "supplement-request": _("Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"),
        "decline-slip": _("Phiếu từ chối tiếp nhận, giải quyết hồ sơ"),
        "apology": _("Phiếu xin lỗi và hẹn lại ngày trả kết quả"),
        "halt-notice": _("Thông báo dừng giải quyết hồ sơ"),
        "withdrawal-slip": _("Giấy xác nhận rút hồ sơ"),
        "fee-receipt": _("Biên lai thu phí, lệ phí"),
        "hand-over": _("Phiếu bàn giao kết quả"),
    }
    return next((title for template, title in titles.items() if name.startswith(template)), name)


def message_told(message: StoredMessage) -> tuple[str, str]:
    """Subject and body of a message."""
    return both_languages.letter(message.subject, message.body, web.language())


def in_language(stored: str) -> str:
    """The part of words kept in both languages."""
    return both_languages.part(stored, web.language())
