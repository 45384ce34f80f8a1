"""What can be wrong with a letter."""

from __future__ import annotations

from engine.errors import ConnectorUnavailable, InvalidInput


class TemplateMissing(InvalidInput):
    """There is no letter template named {name}. Known: {known}"""

    code = "letter-template-missing"
    vi = "Không có mẫu văn bản tên {name}. Các mẫu hiện có: {known}"


class TemplateBroken(InvalidInput):
    """The letter template {name} is wrong at line {line}: {why}"""

    code = "letter-template-broken"
    vi = "Mẫu văn bản {name} sai ở dòng {line}: {why}"


class DataMissing(InvalidInput):
    """The letter {name} needs data that was not given: {why}"""

    code = "letter-data-missing"
    vi = "Mẫu văn bản {name} thiếu dữ liệu: {why}"


class FetchRefused(InvalidInput):
    """The letter {name} asks for {url}; letters may only use what stands in them (data: addresses)."""

    code = "letter-fetch-refused"
    vi = "Mẫu văn bản {name} đòi tải {url}; văn bản chỉ được dùng nội dung có sẵn trong mẫu (địa chỉ data:)."


class OriginalUnusable(InvalidInput):
    """The original cannot be copied into a certified copy: {why}"""

    code = "original-unusable"
    vi = "Không lập được bản sao từ tệp bản chính: {why}"


class FontMissing(ConnectorUnavailable):
    """The font Tinos is not installed ({why}). Install the Debian package fonts-croscore and try again."""

    code = "letter-font-missing"
    vi = "Máy chủ chưa cài phông chữ Tinos ({why}). Hãy cài gói fonts-croscore của Debian rồi thử lại."
