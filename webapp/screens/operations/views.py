"""Incidents with what to do about them, deliveries that wait, and refunds that are open."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.commands.fees import FinishRefund
from engine.commands.inbound import RetryDelivery
from engine.definitions.operations import CATALOGUE
from engine.errors import Forbidden, InvalidInput
from engine.model import permission as role
from engine.queries import incidents
from webapp import web
from webapp.words import gettext as _

screen = Blueprint("operations", __name__, template_folder="templates")


@screen.get("/operations")
@web.needs_role(role.OPERATOR)
def show() -> str:
    """Everything that needs an operator, or that will mend itself."""
    with web.reading() as uow:
        failed = incidents.failed_deliveries(uow.connection)
        waiting = incidents.waiting_deliveries(uow.connection)
        timers = incidents.failing_timers(uow.connection)
    return render_template(
        "operations/incidents.html",
        failed=failed,
        waiting=waiting,
        timers=timers,
        operation=_operation,
        remedy=_remedy,
        limit=incidents.LIMIT,
    )


@screen.post("/operations/deliveries/<row_id>/retry")
@web.needs_role(role.OPERATOR)
def retry(row_id: str) -> Response:
    """Try a failed delivery again; the note says what was repaired and stays in the dossier's history."""
    note = request.form.get("note", "").strip()[:500]
    if not note:
        raise InvalidInput(what=_("Ghi chú"), why=_("hãy ghi đã sửa gì trước khi thử lại"))
    web.execute(RetryDelivery(row=row_id, note=note))
    flash(_("Đã đưa vào hàng chờ để thử lại."), "success")
    return redirect(url_for("operations.show"))


@screen.get("/refunds")
@web.needs_role(role.ACCOUNTANT)
def refunds() -> str:
    """Money that has to go back, of the accountant's units."""
    with web.reading() as uow:
        rows = incidents.open_refunds(uow.connection, _accounts())
    return render_template("operations/refunds.html", rows=rows, total=sum(row.amount for row in rows))


@screen.post("/refunds/finish")
@web.needs_role(role.ACCOUNTANT)
def finish() -> Response:
    """Record that a refund was paid."""
    if request.form.get("paid") != "true":
        raise Forbidden(why=_("hãy xác nhận đã chuyển tiền trước khi ghi nhận"))
    web.execute(FinishRefund(dossier=request.form.get("dossier", ""), refund=request.form.get("refund", "")))
    flash(_("Đã ghi nhận hoàn tiền."), "success")
    return redirect(url_for("operations.refunds"))


def _accounts() -> tuple[str, ...]:
    return tuple(dict.fromkeys(post.unit for post in web.signed_in().posts if post.role == role.ACCOUNTANT))


def _operation(topic: str) -> str:
    known = CATALOGUE.get(topic)
    return known.label.in_(web.language()) if known else topic


def _remedy(topic: str) -> str:
    """What an operator does about a failed delivery."""
    remedies = {
        "papers.read": _("Mở tệp gốc xem có hỏng không; kiểm tra Tesseract rồi thử lại."),
        "letter.render": _("Kiểm tra mẫu văn bản của phiên bản thủ tục và phông chữ rồi thử lại."),
        "copy.render": _("Kiểm tra tệp gốc và mẫu lời chứng rồi thử lại."),
        "result.sign": _(
            "Kiểm tra chứng thư của người ký và con dấu (hạn, thu hồi) và dịch vụ dấu thời gian rồi thử lại."
        ),
        "notify.send": _("Kiểm tra địa chỉ thư của người nộp và máy chủ thư rồi thử lại."),
        "registry.look_up": _("Kiểm tra kết nối và quyền truy cập cơ sở dữ liệu rồi thử lại."),
        "registry.register": _("Kiểm tra kết nối và dữ liệu gửi sang cơ sở dữ liệu rồi thử lại."),
    }
    return remedies.get(topic, _("Đọc thông báo lỗi, sửa nguyên nhân rồi thử lại."))
