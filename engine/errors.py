"""One tree of errors. A code is stable; the class docstring is the English sentence, ``vi`` the Vietnamese.

Both are templates over the facts given on construction; a fact that is words of a language is a ``Text``, and each
sentence shows its own. Nothing here knows HTTP: the web translates ``status`` hints by class, not by text.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar


class MotcuaError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    vi: ClassVar[str] = "Đã có lỗi."

    def __init__(self, **facts: Any) -> None:
        self.facts: dict[str, Any] = facts
        super().__init__(self.message("en"))

    def message(self, language: str = "vi") -> str:
        """The sentence for a person, in ``vi`` or ``en``."""
        template = self.vi if language == "vi" else " ".join((type(self).__doc__ or self.code).split())
        try:
            return template.format_map(_Facts(self.facts, language))
        except (ValueError, IndexError):  # a fact that is no template argument: better raw than lost
            return f"{template} {self.facts}"


class _Facts(dict[str, Any]):
    """The facts as one language shows them."""

    def __init__(self, facts: dict[str, Any], language: str) -> None:
        super().__init__(facts)
        self._language = language

    def __getitem__(self, key: str) -> Any:
        fact = super().__getitem__(key)
        return fact.in_(self._language) if isinstance(fact, Text) else fact

    def __missing__(self, key: str) -> str:
        return f"<{key}>"


class DomainError(MotcuaError):
    """A rule of the domain says no."""

    code = "domain"
    vi = "Quy tắc nghiệp vụ không cho phép."


class InvalidInput(DomainError):
    """{what} is not valid: {why}"""

    code = "invalid-input"
    vi = "{what} không hợp lệ: {why}"


class NotFound(DomainError):
    """{what} was not found."""

    code = "not-found"
    vi = "Không tìm thấy {what}."


class Forbidden(DomainError):
    """You may not do this: {why}"""

    code = "forbidden"
    vi = "Bạn không được làm việc này: {why}"


class Conflict(DomainError):
    """Somebody else was faster: {what}"""

    code = "conflict"
    vi = "Người khác đã làm trước: {what}"


class TaskAlreadyCompleted(Conflict):
    """This task was completed by {by} at {at}."""

    code = "task-completed"
    vi = "Việc này đã được {by} hoàn thành lúc {at}."


class StaleRevision(Conflict):
    """This page is out of date: {what} has changed since. Reload it and try again."""

    code = "stale-revision"
    vi = "Trang này đã cũ: {what} đã thay đổi. Hãy tải lại rồi làm tiếp."


class FormInvalid(DomainError):
    """The form has {count} mistakes."""

    code = "form-invalid"
    vi = "Tờ khai còn {count} chỗ cần sửa."


class IntegrityBroken(MotcuaError):
    """{what} does not match its digest: {why}"""

    code = "integrity"
    vi = "{what} không khớp mã băm: {why}"


class ConnectorError(MotcuaError):
    """{system} failed: {why}"""

    code = "connector"
    vi = "Hệ thống {system} báo lỗi: {why}"


class ConnectorUnavailable(ConnectorError):
    """{system} cannot be reached now; the work waits and is tried again. ({why})"""

    code = "connector-unavailable"
    vi = "Chưa kết nối được {system}; hồ sơ chờ và sẽ được thử lại. ({why})"


class ConnectorRefused(ConnectorError):
    """{system} refused: {why}"""

    code = "connector-refused"
    vi = "{system} từ chối: {why}"


class DefinitionRefused(DomainError):
    """The definition has {count} problems and was not accepted."""

    code = "definition-refused"
    vi = "Bộ thủ tục có {count} lỗi nên không được nhận."

    def __init__(self, *, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(count=len(problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A sentence in both languages of the product."""

    vi: str
    en: str

    def in_(self, language: str) -> str:
        """The sentence in ``vi`` or, for anything else, English."""
        return self.vi if language == "vi" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding about an authored file: what, where, and what to do.

    ``code`` is stable (for example ``bpmn-condition-missing``); ``element`` is the id of the BPMN, DMN or form
    element, empty when the finding is about the whole file.
    """

    code: str
    message: Text
    remedy: Text
    file: str = ""
    element: str = ""
    severity: str = field(default="error")  #: ``error`` refuses, ``warning`` informs

    def as_json(self) -> dict[str, Any]:
        """The stable JSON form printed by ``motcua check --json``."""
        record = asdict(self)
        record["message_vi"], record["message"] = self.message.vi, self.message.en
        record["remedy_vi"], record["remedy"] = self.remedy.vi, self.remedy.en
        return record
