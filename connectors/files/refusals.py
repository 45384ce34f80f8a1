"""Why an upload is not accepted: each reason with a stable code and a sentence that says what to do."""

from __future__ import annotations

from typing import Any

from engine.errors import ConnectorUnavailable, InvalidInput


class UploadRefused(InvalidInput):
    """The file {name} cannot be accepted."""

    code = "upload-refused"
    vi = "Không nhận được tệp {name}."

    def __init__(self, **facts: Any) -> None:
        facts.setdefault("name", "")
        super().__init__(**facts)


class UploadEmpty(UploadRefused):
    """The file {name} is empty. Choose it again; if it stays empty, scan or photograph the paper anew."""

    code = "upload-empty"
    vi = "Tệp {name} không có nội dung. Hãy chọn lại tệp; nếu vẫn trống, hãy quét hoặc chụp lại giấy tờ."


class UploadTooLarge(UploadRefused):
    """The file {name} has {size} MB; the limit is {limit} MB. Scan at 200–300 dpi or split the document."""

    code = "upload-too-large"
    vi = (
        "Tệp {name} nặng {size} MB, vượt mức tối đa {limit} MB. "
        "Hãy quét ở độ phân giải 200–300 dpi hoặc chia tài liệu thành nhiều tệp."
    )


class UploadType(UploadRefused):
    """The file {name} is not one of: {accepted} ({found}). Save the paper as PDF, PNG or JPEG."""

    code = "upload-type"
    vi = (
        "Tệp {name} không thuộc loại được nhận: {accepted} ({found_vi}). "
        "Hãy lưu giấy tờ thành PDF hoặc tải lên ảnh PNG, JPEG."
    )


class UploadPolyglot(UploadRefused):
    """The file {name} hides a second kind of content ({found}). Scan the paper anew and upload that."""

    code = "upload-polyglot"
    vi = "Tệp {name} chứa lẫn nội dung loại khác ({found}). Hãy quét lại giấy tờ và tải lên tệp mới."


class UploadBroken(UploadRefused):
    """The file {name} is damaged or incomplete. Open it on your device, then save or scan it again."""

    code = "upload-broken"
    vi = "Tệp {name} bị hỏng hoặc thiếu dữ liệu. Hãy mở thử trên máy của bạn, sau đó lưu hoặc quét lại."


class UploadEncrypted(UploadRefused):
    """The file {name} asks for a password. Remove it (for example print to a new PDF) and try again."""

    code = "upload-encrypted"
    vi = "Tệp {name} có mật khẩu mở. Hãy bỏ mật khẩu (chẳng hạn in ra một tệp PDF mới) rồi tải lên lại."


class UploadPages(UploadRefused):
    """The file {name} has {pages} pages; at most {limit} are accepted. Split it into several files."""

    code = "upload-pages"
    vi = "Tệp {name} có {pages} trang, vượt mức tối đa {limit} trang. Hãy chia thành nhiều tệp."


class UploadPixels(UploadRefused):
    """A picture in {name} has {pixels} megapixels; the limit is {limit}. Scan an A4 page at 300 dpi."""

    code = "upload-pixels"
    vi = "Ảnh trong tệp {name} có {pixels} triệu điểm ảnh, tối đa là {limit}. Hãy quét khổ A4 ở 300 dpi."


class UploadActive(UploadRefused):
    """The file {name} runs commands when opened ({found}). Print it to a new PDF, or scan the paper."""

    code = "upload-active"
    vi = "Tệp {name} chứa lệnh tự chạy khi mở ({found}). Hãy in ra tệp PDF mới hoặc quét bản giấy rồi tải lên."


class UploadVirus(UploadRefused):
    """A virus was found in {name} ({found}). Do not open it; scan your device, then upload a clean file."""

    code = "upload-virus"
    vi = "Tệp {name} có vi-rút ({found}). Đừng mở tệp này; hãy quét vi-rút máy của bạn rồi tải lên tệp sạch."


class UploadQuarantined(ConnectorUnavailable):
    """The virus scanner cannot check the file now. Try again in a few minutes. ({why})"""

    code = "upload-quarantined"
    vi = "Hiện chưa quét vi-rút được nên tệp chưa được nhận. Hãy thử lại sau ít phút. ({why})"
