"""Why an instance cannot go on. Each names the element; after any of them the instance in memory is void."""

from __future__ import annotations

from engine.errors import Conflict, DomainError, IntegrityBroken, MotcuaError, Text


class ProcessIncident(DomainError):
    """The process cannot go on at {element}."""

    code = "bpmn-incident"
    vi = "Quy trình không chạy tiếp được tại {element}."


class ConditionUndecided(ProcessIncident):
    """The condition {source} at {element} is neither true nor false: {why}. Correct the data or the condition."""

    code = "bpmn-condition-undecided"
    vi = "Điều kiện {source} tại {element} không cho kết quả đúng hay sai: {why}. Hãy sửa dữ liệu hoặc điều kiện."


class DecisionUndecided(ProcessIncident):
    """The decision {decision} gives no result: {why}. Add a rule or a default."""

    code = "bpmn-decision-undecided"
    vi = "Bảng quyết định {decision} không cho kết quả: {why}. Hãy thêm quy tắc hoặc giá trị mặc định."


class ExpressionFailed(ProcessIncident):
    """The expression {source} at {element} gives no usable value: {why}."""

    code = "bpmn-expression-failed"
    vi = "Biểu thức {source} tại {element} không cho giá trị dùng được: {why}."


class NoFlowTaken(ProcessIncident):
    """No outgoing flow of {element} may be taken: no condition is true and there is no default flow."""

    code = "bpmn-no-flow"
    vi = "Không có nhánh nào ra khỏi {element}: không điều kiện nào đúng và không có nhánh mặc định."


class DataConflict(ProcessIncident):
    """Two branches that meet at {element} gave {key} different values: {first} from {first_branch}, {second} from
    {second_branch}. Let only one branch write it."""

    code = "bpmn-data-conflict"
    vi = (
        "Hai nhánh gặp nhau tại {element} ghi {key} khác nhau: {first} từ {first_branch}, {second} từ {second_branch}. "
        "Chỉ để một nhánh ghi giá trị này."
    )


class BpmnErrorUncaught(ProcessIncident):
    """Nothing in the process catches the error {error} of {element}: {message}"""

    code = "bpmn-error-uncaught"
    vi = "Quy trình không có chỗ bắt lỗi {error} của {element}: {message}"


class StepBudgetExceeded(ProcessIncident):
    """The process was stopped at {element}: more than {limit} {what} in one command."""

    code = "bpmn-budget"
    vi = "Quy trình bị dừng tại {element}: hơn {limit} {what} trong một lệnh."


class TaskNotOpen(Conflict):
    """The task {task} is not open for this: {why}"""

    code = "bpmn-task-not-open"
    vi = "Việc {task} không ở trạng thái làm được: {why}"


class InstanceVoid(DomainError):
    """This instance failed in the middle of a step and must be loaded again."""

    code = "bpmn-instance-void"
    vi = "Phiên chạy này đã hỏng giữa chừng, phải nạp lại."


class StateUnreadable(IntegrityBroken):
    """The stored process state cannot be read: {why}"""

    code = "bpmn-state-unreadable"
    vi = "Không đọc được trạng thái quy trình đã lưu: {why}"


def both(error: MotcuaError) -> Text:
    """What an error says, in both languages."""
    return Text(vi=error.message("vi"), en=error.message("en"))


def not_open(kinds: tuple[str, ...]) -> Text:
    """No task of these kinds is open."""
    return Text(vi=f"không có việc loại {', '.join(kinds)} nào đang mở", en=f"no open {' or '.join(kinds)} task")
