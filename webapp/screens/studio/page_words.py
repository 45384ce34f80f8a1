"""The words that the modeller's scripts show, in the person's language."""

from __future__ import annotations

from typing import Any

from webapp.words import gettext as _


def page_words() -> dict[str, Any]:
    """Every word by the name under which the scripts ask for it."""
    return _saving() | _panel() | {"kinds": _kinds(), "modes": _modes()}


def _saving() -> dict[str, str]:
    return {
        "ready": _("Sẵn sàng"),
        "changed": _("Có thay đổi chưa lưu"),
        "saving": _("Đang lưu và kiểm tra…"),
        "saved": _("Đã lưu lúc {at}"),
        "failed": _("Chưa lưu được"),
        "offline": _("Mất kết nối; phần chưa lưu được giữ trong trình duyệt"),
        "theirs": _("Đã mở bản của người kia"),
        "opened": _("Đã mở tệp"),
        "placed": _("Tệp không có hình vẽ; đã tự sắp xếp. Nội dung giữ nguyên"),
        "warnings": _("Sơ đồ có {count} chỗ công cụ vẽ không hiểu; lưu sẽ giữ tệp gốc cho đến khi bạn sửa"),
        "lossy": _("Không lưu phần đã sửa: công cụ vẽ sẽ làm mất {count} chỗ của tệp gốc. Sửa tệp dưới dạng văn bản:"),
        "unreadable": _("Không mở được sơ đồ:"),
        "error": _("Lỗi"),
        "warning": _("Lưu ý"),
        "counts": _("{errors} lỗi, {warnings} lưu ý"),
        "drd": _("Sơ đồ quyết định"),
        "row": _("Dòng"),
    }


def _panel() -> dict[str, str]:
    return _panel_of_tasks() | _panel_of_flow()


def _panel_of_tasks() -> dict[str, str]:
    return {
        "none": _("– chưa chọn –"),
        "unknown": _("không có trong danh sách"),
        "general": _("Chung"),
        "name": _("Tên"),
        "idHint": _("Chữ cái không dấu, số và gạch dưới"),
        "note": _("Ghi chú cho người soạn"),
        "work": _("Biểu mẫu và phân công"),
        "form": _("Biểu mẫu"),
        "role": _("Vai trò"),
        "unit": _("Đơn vị làm việc này"),
        "unitHint": _("Để trống: cơ quan có thẩm quyền. Hoặc tên biến chứa mã đơn vị"),
        "limit": _("Thời hạn của bước"),
        "limitUnit": _("Tính theo"),
        "hours": _("giờ làm việc"),
        "days": _("ngày làm việc"),
        "different": _("Khác người làm bước"),
        "differentHint": _("Mã các bước, cách nhau bằng dấu cách"),
        "result": _("Kết quả ghi vào biến"),
        "resultHint": _("Tên biến, ví dụ: appraise"),
        "operationTitle": _("Tác vụ"),
        "operation": _("Hệ thống làm gì"),
        "moreInputs": _("Dữ liệu vào khác"),
        "inputs": _("Dữ liệu vào"),
        "inputsHint": _("Biến mới và biểu thức FEEL cho giá trị của nó"),
        "outputs": _("Dữ liệu ra"),
        "outputsHint": _("Biến nhận về và biểu thức FEEL trên dữ liệu của quy trình được gọi"),
    }


def _panel_of_flow() -> dict[str, str]:
    return {
        "callTitle": _("Quy trình được gọi"),
        "called": _("Quy trình"),
        "decisionTitle": _("Bảng quyết định"),
        "decision": _("Quyết định"),
        "condition": _("Điều kiện"),
        "conditionLabel": _("Đi đường này khi (FEEL)"),
        "conditionHint": _('Ví dụ: appraise.ket_luan = "approve"'),
        "isDefault": _("Đường mặc định, khi không điều kiện nào đúng"),
        "timer": _("Hẹn giờ"),
        "timerKind": _("Kiểu"),
        "duration": _("Sau một khoảng"),
        "moment": _("Vào lúc"),
        "cycle": _("Lặp lại"),
        "timerValue": _("Khoảng hoặc thời điểm"),
        "timerHint": _("ISO 8601 như P2D, hoặc FEEL: working days after(now(), 3)"),
        "errorCode": _("Mã lỗi bắt được"),
        "errorHint": _("Ví dụ: signature-refused"),
        "repetition": _("Lặp theo danh sách"),
        "collection": _("Danh sách (FEEL)"),
        "elementVariable": _("Biến của từng mục"),
        "outputCollection": _("Biến nhận danh sách kết quả"),
        "outputElement": _("Kết quả của từng mục (FEEL)"),
        "variable": _("Tên biến"),
        "expression": _("Biểu thức của"),
        "drop": _("Bỏ"),
        "add": _("Thêm dòng"),
        "names": _("Gợi ý tên biến"),
        "value": _("Với dữ liệu mẫu:"),
    }


def _modes() -> dict[str, str]:
    return {
        "inside": _("Chạy ngay trong bước, cùng một giao dịch."),
        "outside": _("Chờ kết nối bên ngoài trả lời; hồ sơ không mất khi kết nối hỏng."),
        "awaited": _("Chờ thông báo của bên khác."),
    }


def _kinds() -> dict[str, str]:
    return {
        "bpmn:UserTask": _("Việc của người"),
        "bpmn:ServiceTask": _("Việc của hệ thống"),
        "bpmn:SendTask": _("Gửi"),
        "bpmn:ReceiveTask": _("Chờ nhận"),
        "bpmn:ManualTask": _("Việc ngoài hệ thống"),
        "bpmn:BusinessRuleTask": _("Bảng quyết định"),
        "bpmn:CallActivity": _("Gọi quy trình"),
        "bpmn:SubProcess": _("Quy trình con"),
        "bpmn:ExclusiveGateway": _("Chọn một nhánh"),
        "bpmn:ParallelGateway": _("Làm song song"),
        "bpmn:InclusiveGateway": _("Chọn một hay nhiều nhánh"),
        "bpmn:EventBasedGateway": _("Chờ sự kiện nào tới trước"),
        "bpmn:StartEvent": _("Bắt đầu"),
        "bpmn:EndEvent": _("Kết thúc"),
        "bpmn:BoundaryEvent": _("Sự kiện tại công việc"),
        "bpmn:IntermediateCatchEvent": _("Sự kiện chờ"),
        "bpmn:IntermediateThrowEvent": _("Sự kiện phát"),
        "bpmn:SequenceFlow": _("Đường đi"),
        "bpmn:Process": _("Quy trình"),
        "bpmn:Task": _("Công việc"),
    }
