"""The catalogue of service operations: what a diagram's service task may ask for.

``inside`` operations run in the same transaction as the step that reaches them; ``outside`` ones wait in the outbox for
a connector; ``awaited`` ones wait for somebody else's message.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One input of an operation; ``type`` is a FEEL type name."""

    name: str
    type: str
    label: Text
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that the product can do for a diagram."""

    id: str
    mode: str  #: inside, outside or awaited
    label: Text
    parameters: tuple[Parameter, ...] = ()
    errors: tuple[str, ...] = ()  #: BPMN error codes that a boundary event may catch


def _parameter(name: str, kind: str, vi: str, en: str, *, required: bool = True) -> Parameter:
    return Parameter(name=name, type=kind, label=Text(vi=vi, en=en), required=required)


def _operation(
    op: str, mode: str, label: tuple[str, str], *parameters: Parameter, errors: tuple[str, ...] = ()
) -> Operation:
    return Operation(id=op, mode=mode, label=Text(vi=label[0], en=label[1]), parameters=parameters, errors=errors)


_TEMPLATE = _parameter("template", "string", "Mẫu", "Template")
_REASON = _parameter("reason", "string", "Lý do", "Reason")
_DOCUMENT = _parameter("document", "string", "Văn bản", "Document")
_NUMBER = _parameter("number", "string", "Số văn bản", "Number of the letter")
_PURPOSE = _parameter("purpose", "string", "Mục đích", "Purpose")

CATALOGUE: dict[str, Operation] = {
    operation.id: operation
    for operation in (
        _operation("papers.read", "outside", ("Đọc giấy tờ bằng OCR", "Read the papers by OCR")),
        _operation(
            "fee.charge",
            "inside",
            ("Lập khoản thu", "Demand the fee"),
            _parameter("item", "string", "Khoản thu", "Fee item"),
            _parameter("amount", "number", "Số tiền (đồng)", "Amount (đồng)"),
            _parameter("lines", "list", "Diễn giải", "Explanation", required=False),
        ),
        _operation(
            "payment.await",
            "awaited",
            ("Chờ thanh toán", "Wait for the payment"),
            _parameter("charge", "string", "Khoản thu", "Charge"),
        ),
        _operation("fee.refund", "inside", ("Hoàn phí đã nộp", "Refund what was paid"), _REASON),
        _operation(
            "dossier.lodge",
            "inside",
            ("Hồ sơ nộp đủ: bắt đầu tính hạn", "Filing complete: start the clock"),
            _parameter("case", "string", "Trường hợp của thủ tục", "Case variant", required=False),
        ),
        _operation("dossier.receive", "inside", ("Tiếp nhận hồ sơ", "Receive the dossier")),
        _operation("dossier.decline", "inside", ("Từ chối tiếp nhận", "Decline the dossier"), _REASON),
        _operation(
            "dossier.request_supplement",
            "inside",
            ("Yêu cầu bổ sung", "Request a supplement"),
            _REASON,
            _parameter("legal_base", "string", "Căn cứ pháp lý của yêu cầu", "Legal base of the request"),
            _parameter("papers", "list", "Giấy tờ cần bổ sung", "Papers to supply"),
            _parameter("stage", "string", "Giai đoạn", "Stage", required=False),
            _parameter("rounds", "number", "Số lần tối đa", "Most rounds", required=False),
            _parameter("until", "date and time", "Hạn ra thông báo", "Notice due until", required=False),
            _parameter("ground", "string", "Căn cứ", "Legal ground", required=False),
        ),
        _operation("dossier.resume", "inside", ("Đã bổ sung: tính hạn tiếp", "Supplement answered: resume the clock")),
        _operation(
            "dossier.wait_agency", "inside", ("Chờ cơ quan phối hợp", "Wait for another agency"), _DOCUMENT, _NUMBER
        ),
        _operation(
            "dossier.progress",
            "inside",
            ("Đang xử lý", "In progress"),
            _parameter("number", "string", "Số văn bản đã trả lời", "Number of the letter answered", required=False),
        ),
        _operation(
            "dossier.extend",
            "inside",
            ("Gia hạn, hẹn lại ngày trả", "Extend the term"),
            _REASON,
            _parameter("remedy", "string", "Biện pháp khắc phục", "Remedy"),
            _parameter("days", "number", "Số ngày làm việc thêm", "Working days added"),
        ),
        _operation(
            "clock.pause",
            "inside",
            ("Tạm dừng tính hạn", "Pause the clock"),
            _DOCUMENT,
            _NUMBER,
            _parameter("reason", "string", "Lý do (FINANCE, EXCLUDED_SPAN)", "Reason (FINANCE, EXCLUDED_SPAN)"),
        ),
        _operation("clock.resume", "inside", ("Tính hạn tiếp", "Resume the clock"), _NUMBER),
        _operation(
            "silence.note",
            "inside",
            ("Ghi nhận im lặng", "Note the silence"),
            _parameter("event", "string", "Mã sự kiện", "Event"),
            _parameter("meaning", "string", "Ý nghĩa", "Meaning"),
            _parameter("ground", "string", "Căn cứ", "Legal ground"),
            _parameter("subject", "string", "Bên không trả lời", "Who did not answer", required=False),
        ),
        _operation("dossier.stop", "inside", ("Dừng giải quyết", "Stop the dossier"), _REASON),
        _operation(
            "book.number",
            "inside",
            ("Lấy số vào sổ", "Take a number from the book"),
            _parameter("book", "string", "Sổ", "Book", required=False),
            _parameter("occasions", "list<string>", "Các lần", "Occasions", required=False),
        ),
        _operation(
            "letter.render",
            "outside",
            ("Lập văn bản PDF", "Make a PDF letter"),
            _TEMPLATE,
            _parameter("kind", "string", "Loại văn bản", "Kind of document"),
            _parameter("data", "context", "Dữ liệu", "Data", required=False),
        ),
        _operation(
            "letter.sign",
            "outside",
            ("Ký số văn bản", "Sign a letter"),
            _DOCUMENT,
            _parameter("signer", "string", "Người ký", "Signer"),
            errors=("signature-refused",),
        ),
        _operation(
            "copy.render",
            "outside",
            ("Lập bản sao chứng thực", "Make the certified copies"),
            _TEMPLATE,
            _parameter("papers", "list", "Giấy tờ và số chứng thực", "Papers and their numbers"),
            _parameter("signer", "string", "Người ký", "Signer", required=False),
            _parameter("data", "context", "Dữ liệu", "Data", required=False),
        ),
        _operation(
            "result.sign",
            "outside",
            ("Ký số và đóng dấu kết quả", "Sign and seal the result"),
            _DOCUMENT,
            _parameter("signer", "string", "Người ký", "Signer"),
            _parameter("number", "string", "Số kết quả", "Number of the result"),
            _parameter("kind", "string", "Loại kết quả", "Kind of result"),
            errors=("signature-refused",),
        ),
        _operation("result.issue", "inside", ("Ban hành kết quả", "Issue the result")),
        _operation(
            "notify.send",
            "outside",
            ("Thông báo cho người nộp", "Notify the applicant"),
            _parameter("template", "string", "Mẫu tin", "Message template"),
            _parameter("data", "context", "Dữ liệu", "Data", required=False),
        ),
        _operation(
            "registry.look_up",
            "outside",
            ("Tra cứu cơ sở dữ liệu", "Look up a register"),
            _parameter("register", "string", "Cơ sở dữ liệu", "Register"),
            _parameter("subject", "string", "Số định danh", "Identity number"),
            _PURPOSE,
        ),
        _operation(
            "registry.register",
            "outside",
            ("Ghi vào cơ sở dữ liệu", "Write to a register"),
            _parameter("register", "string", "Cơ sở dữ liệu", "Register"),
            _parameter("record", "context", "Dữ liệu", "Record"),
            _PURPOSE,
        ),
    )
}
