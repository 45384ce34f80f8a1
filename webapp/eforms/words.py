"""The few words around a form, in both languages of the product."""

from __future__ import annotations

from typing import Final

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "add": ("Thêm", "Add another:"),
    "after": ("Sau", "After"),
    "before": ("Trước", "Before"),
    "change": ("Thay đổi", "Change"),
    "choose": ("– Chọn –", "– Select –"),
    "draft_failed": ("Mất kết nối – sẽ lưu lại khi có mạng", "Connection lost – will be saved when it is back"),
    "draft_saved": ("Đã lưu nháp", "Draft saved"),
    "draft_saving": ("Đang lưu nháp …", "Saving the draft …"),
    "error": ("Lỗi", "Error"),
    "errors_many": ("Có {count} chỗ cần sửa", "{count} things to correct"),
    "errors_one": ("Có 1 chỗ cần sửa", "1 thing to correct"),
    "field": ("Mục", "Entry"),
    "file_too_large": ("Tệp lớn hơn giới hạn cho phép", "The file is larger than allowed"),
    "known_missing": ("Chưa có thông tin", "Nothing recorded"),
    "limit": ("{kinds}; tối đa {limit}", "{kinds}; at most {limit}"),
    "none": ("Không có thay đổi", "No changes"),
    "optional": ("(không bắt buộc)", "(optional)"),
    "refresh": ("Cập nhật tờ khai", "Update the form"),
    "refresh_why": (
        "Một số mục chỉ hiện theo câu trả lời của bạn. Bấm để cập nhật sau khi chọn.",
        "Some entries depend on your answers. Press to update after choosing.",
    ),
    "remove": ("Xoá", "Remove:"),
    "remove_file": ("Xoá tệp", "Remove the file"),
    "replace_file": ("Chọn tệp khác để thay", "Choose another file to replace it"),
    "save": ("Lưu nháp", "Save draft"),
    "submit": ("Tiếp tục", "Continue"),
    "uploaded": ("Đã tải lên:", "Uploaded:"),
}


def words(language: str) -> dict[str, str]:
    """Every word by its key, Vietnamese for ``vi`` and English otherwise."""
    at = 0 if language == "vi" else 1
    return {key: pair[at] for key, pair in _WORDS.items()}
