"""Findings about conditions, events, data, loops and calls."""

from __future__ import annotations

from typing import Final

WORDING: Final[dict[str, tuple[str, str, str, str]]] = {
    "bpmn-condition-missing": (
        "Luồng “{element}” rời cổng “{gateway}” không có điều kiện và không phải luồng mặc định.",
        "Flow “{element}” leaves gateway “{gateway}” without a condition and is not its default.",
        "Viết điều kiện FEEL cho luồng, hoặc chọn nó làm mặc định.",
        "Write a FEEL condition, or make it the default flow.",
    ),
    "bpmn-condition-misplaced": (
        "Luồng “{element}” có điều kiện nhưng rời “{node}” ({kind}), nơi điều kiện không có tác dụng.",
        "Flow “{element}” has a condition but leaves “{node}” ({kind}), where conditions have no effect.",
        "Bỏ điều kiện, hoặc dùng exclusive/inclusive gateway.",
        "Remove the condition, or use an exclusive or inclusive gateway.",
    ),
    "bpmn-condition-on-default": (
        "Luồng mặc định “{element}” lại có điều kiện; điều kiện này không được xét.",
        "The default flow “{element}” has a condition, which is ignored.",
        "Bỏ điều kiện khỏi luồng mặc định.",
        "Remove the condition from the default flow.",
    ),
    "bpmn-default-unknown": (
        "“{element}” chọn luồng mặc định “{flow}”, nhưng luồng này không rời nó.",
        "“{element}” names “{flow}” as its default flow, which does not leave it.",
        "Chọn lại luồng mặc định trong các luồng đi ra.",
        "Choose the default among its outgoing flows.",
    ),
    "bpmn-default-misplaced": (
        "“{element}” ({kind}) không thể có luồng mặc định.",
        "“{element}” ({kind}) cannot have a default flow.",
        "Bỏ luồng mặc định.",
        "Remove the default flow.",
    ),
    "bpmn-default-alone": (
        "“{element}” có luồng mặc định nhưng không luồng nào có điều kiện.",
        "“{element}” has a default flow but no flow with a condition.",
        "Viết điều kiện cho các luồng khác, hoặc bỏ luồng mặc định.",
        "Write conditions on the other flows, or remove the default.",
    ),
    "bpmn-expression-language": (
        "Biểu thức của “{element}” viết bằng “{language}”; chỉ nhận FEEL.",
        "The expression of “{element}” is written in “{language}”; only FEEL is accepted.",
        "Viết lại bằng FEEL, ví dụ: so_tien > 1000000.",
        "Rewrite it in FEEL, for example: amount > 1000000.",
    ),
    "bpmn-expression-foreign": (
        "Biểu thức “{text}” của “{element}” không dịch được sang FEEL.",
        "The expression “{text}” of “{element}” cannot be translated to FEEL.",
        "Viết lại bằng FEEL; ví dụ ${{x == 'a'}} thành x = \"a\". {hint_vi}",
        "Rewrite it in FEEL; for example ${{x == 'a'}} becomes x = \"a\". {hint_en}",
    ),
    "bpmn-expression-invalid": (
        "Biểu thức “{text}” của “{element}” không đúng FEEL: {why_vi}.",
        "The expression “{text}” of “{element}” is not valid FEEL: {why_en}.",
        "Sửa biểu thức; chuỗi đặt trong ngoặc kép, so sánh bằng viết một dấu =.",
        "Correct it; texts are in double quotes, equality is a single =.",
    ),
    "bpmn-expression-empty": (
        "“{element}” thiếu biểu thức ({what}).",
        "“{element}” lacks an expression ({what}).",
        "Viết biểu thức FEEL.",
        "Write a FEEL expression.",
    ),
    "bpmn-timer-missing": (
        "Bộ hẹn giờ “{element}” không có thời điểm, thời hạn hay chu kỳ.",
        "Timer “{element}” has no date, duration or cycle.",
        "Ghi thời hạn, ví dụ P5D (5 ngày) hoặc PT2H (2 giờ).",
        "Enter a duration such as P5D (5 days) or PT2H (2 hours).",
    ),
    "bpmn-timer-ambiguous": (
        "Bộ hẹn giờ “{element}” có nhiều hơn một trong: thời điểm, thời hạn, chu kỳ.",
        "Timer “{element}” has more than one of date, duration and cycle.",
        "Giữ lại một.",
        "Keep one of them.",
    ),
    "bpmn-timer-invalid": (
        "Bộ hẹn giờ “{element}”: “{text}” không phải {what_vi} hợp lệ.",
        "Timer “{element}”: “{text}” is not a valid {what_en}.",
        "Dùng ISO 8601: P5D, PT2H, 2026-10-12T08:00:00+07:00, R3/PT1H.",
        "Use ISO 8601: P5D, PT2H, 2026-10-12T08:00:00+07:00, R3/PT1H.",
    ),
    "bpmn-timer-naive": (
        "Bộ hẹn giờ “{element}”: thời điểm “{text}” thiếu múi giờ.",
        "Timer “{element}”: the moment “{text}” has no time zone.",
        "Thêm múi giờ, ví dụ +07:00.",
        "Add the zone, for example +07:00.",
    ),
    "bpmn-timer-endless": (
        "Bộ hẹn giờ “{element}”: chu kỳ “{text}” lặp mãi với khoảng cách bằng không.",
        "Timer “{element}”: the cycle “{text}” repeats without any pause.",
        "Ghi khoảng cách lớn hơn 0, ví dụ R/PT1H.",
        "Enter a pause above zero, for example R/PT1H.",
    ),
    "bpmn-reference-missing": (
        "“{element}” không nói {what_vi} nào ({attribute}).",
        "“{element}” does not say which {what_en} ({attribute}).",
        "Chọn {what_vi} cho phần tử này.",
        "Choose the {what_en}.",
    ),
    "bpmn-reference-unknown": (
        "“{element}” chỉ tới “{ref}” ({attribute}) nhưng không có {what_vi} mang mã đó.",
        "“{element}” refers to “{ref}” ({attribute}), but there is no such {what_en}.",
        "Chọn lại hoặc khai báo {what_vi} này.",
        "Choose another or declare it.",
    ),
    "bpmn-boundary-unattached": (
        "Sự kiện biên “{element}” gắn vào “{host}”, không phải việc hay quy trình con cùng cấp.",
        "Boundary event “{element}” is attached to “{host}”, which is no activity beside it.",
        "Gắn lại vào một việc hoặc quy trình con.",
        "Attach it to a task or sub-process.",
    ),
    "bpmn-boundary-interrupting": (
        "Sự kiện lỗi “{element}” phải ngắt việc (cancelActivity/isInterrupting).",
        "The error event “{element}” must interrupt.",
        "Đánh dấu sự kiện là ngắt (interrupting).",
        "Make the event interrupting.",
    ),
    "bpmn-start-count": (
        "“{element}” có {count} sự kiện bắt đầu; ở đây phải có {wanted}.",
        "“{element}” has {count} start events; it must have {wanted} here.",
        "Giữ đúng số sự kiện bắt đầu.",
        "Keep the right number of start events.",
    ),
    "bpmn-link-unmatched": (
        "Liên kết “{link}” của “{element}” không có đầu kia trong cùng quy trình.",
        "Link “{link}” of “{element}” has no counterpart in the same process.",
        "Vẽ đúng một sự kiện link bắt (catch) cùng tên.",
        "Draw exactly one catching link event of that name.",
    ),
    "bpmn-link-duplicate": (
        "Có nhiều sự kiện link bắt (catch) tên “{link}” (“{element}”).",
        "There are several catching link events named “{link}” (“{element}”).",
        "Giữ một, hoặc đặt tên khác nhau.",
        "Keep one, or name them differently.",
    ),
    "bpmn-catch-doubled": (
        "“{element}” bắt đúng điều mà “{other}” ở cùng chỗ đã bắt ({what}).",
        "“{element}” catches just what “{other}” at the same place catches ({what}).",
        "Giữ một trong hai, hoặc cho hai sự kiện hai mã khác nhau.",
        "Keep one of them, or give them different codes.",
    ),
    "bpmn-event-gateway-target": (
        "Sau event-based gateway “{gateway}” có “{element}”, không phải sự kiện chờ hay receive task.",
        "Event-based gateway “{gateway}” leads to “{element}”, which is no catching event or receive task.",
        "Chỉ nối tới sự kiện trung gian message, timer, signal, conditional hoặc receive task.",
        "Lead only to message, timer, signal or conditional catching events, or receive tasks.",
    ),
    "bpmn-event-gateway-branches": (
        "Event-based gateway “{element}” cần ít nhất hai nhánh.",
        "Event-based gateway “{element}” needs at least two branches.",
        "Thêm nhánh, hoặc thay bằng sự kiện chờ.",
        "Add a branch, or use a catching event instead.",
    ),
    "bpmn-gateway-direction": (
        "Cổng “{element}” ghi hướng {direction} nhưng có {incoming} luồng vào, {outgoing} luồng ra.",
        "Gateway “{element}” claims the direction {direction} but has {incoming} flows in and {outgoing} out.",
        "Bỏ gatewayDirection hoặc nối lại luồng.",
        "Remove gatewayDirection or reconnect the flows.",
    ),
    "bpmn-loop-bound": (
        "Việc lặp “{element}” không nói lặp bao nhiêu lần.",
        "The repeated activity “{element}” does not say how often.",
        "Ghi danh sách (collection), số lần (loopCardinality) hoặc điều kiện lặp.",
        "Give a collection, a loopCardinality or a loop condition.",
    ),
    "bpmn-loop-ambiguous": (
        "Việc lặp “{element}” vừa có số lần vừa có danh sách.",
        "The repeated activity “{element}” has both a cardinality and a collection.",
        "Giữ lại một.",
        "Keep one of them.",
    ),
    "bpmn-loop-unsupported": (
        "Việc lặp “{element}”: {what} chưa được hỗ trợ.",
        "The repeated activity “{element}”: {what} is not supported.",
        "Bỏ phần này.",
        "Remove it.",
    ),
    "bpmn-variable-name": (
        "“{name}” của “{element}” không phải tên biến hợp lệ.",
        "“{name}” of “{element}” is not a valid variable name.",
        "Tên gồm chữ, số, gạch dưới, bắt đầu bằng chữ.",
        "Use letters, digits and underscores, starting with a letter.",
    ),
    "bpmn-data-unsupported": (
        "“{element}”: {what} chưa được hỗ trợ.",
        "“{element}”: {what} is not supported.",
        "Dùng motcua:input và motcua:output với biểu thức FEEL.",
        "Use motcua:input and motcua:output with FEEL expressions.",
    ),
    "bpmn-called-missing": (
        "Việc gọi “{element}” không nói gọi quy trình nào.",
        "Call activity “{element}” does not say which process it calls.",
        "Ghi mã quy trình được gọi (calledElement).",
        "Enter the called process (calledElement).",
    ),
    "bpmn-called-unknown": (
        "Việc gọi “{element}” gọi quy trình “{called}”, không có trong bộ tệp.",
        "Call activity “{element}” calls process “{called}”, which is not in the bundle.",
        "Thêm tệp chứa quy trình đó hoặc sửa mã.",
        "Add the file that contains it, or correct the id.",
    ),
    "bpmn-called-dynamic": (
        "Việc gọi “{element}” tính tên quy trình bằng biểu thức “{called}”.",
        "Call activity “{element}” computes the process it calls (“{called}”).",
        "Ghi mã quy trình cố định; rẽ nhánh bằng gateway nếu cần chọn.",
        "Name one fixed process; choose with a gateway.",
    ),
    "bpmn-called-not-executable": (
        "Việc gọi “{element}” gọi quy trình “{called}” không chạy được.",
        "Call activity “{element}” calls process “{called}”, which is not executable.",
        "Đánh dấu quy trình đó là Executable.",
        "Mark that process as executable.",
    ),
    "bpmn-call-recursion": (
        "Quy trình “{process}” gọi lại chính nó qua “{element}” mà không có bước chờ.",
        "Process “{process}” calls itself through “{element}” without any waiting step.",
        "Bỏ vòng gọi, hoặc thêm bước chờ hay điều kiện dừng.",
        "Break the circle, or put a waiting step into it.",
    ),
}
