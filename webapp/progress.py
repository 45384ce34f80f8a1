"""How far a dossier has come, in a citizen's words: status, stages, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import pgettext

from engine.model.status import Business, Delivery, Finance
from webapp.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of the way. ``state`` is done, now, todo or ended."""

    label: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a dossier stands."""

    status: str
    tag: str  #: modifier of the ``tag`` class: done, active, waiting, refused, due-soon or overdue
    stages: tuple[Stage, ...]
    percent: int  #: degree of completion, 0–100

    @property
    def done(self) -> int:
        """How many stages are behind."""
        return sum(stage.state == "done" for stage in self.stages)


_ENDED = frozenset({Business.REFUSED, Business.STOPPED, Business.WITHDRAWN})


def progress(business: Business, finance: Finance, delivery: Delivery, lateness: str = "") -> Progress:
    """The citizen's view of the four dimensions of a dossier's state."""
    pays = finance not in {Finance.NONE, Finance.EXEMPT}
    labels = [_("Nộp hồ sơ")]
    labels += [_("Nộp phí")] if pays else []
    labels += [_("Tiếp nhận"), _("Giải quyết"), _("Ký số và ban hành"), _("Trả kết quả")]
    at = _position(business, finance, delivery) - (0 if pays else 1)
    at = max(at, 1)
    ended = business in _ENDED
    stages = tuple(
        Stage(label=label, state="done" if n < at else ("ended" if ended else "now") if n == at else "todo")
        for n, label in enumerate(labels)
    )
    status, tag = _status(business, finance, delivery)
    if lateness and tag == "active":
        status, tag = (_("Quá hạn trả"), "overdue") if lateness == "overdue" else (status, tag)
    return Progress(status=status, tag=tag, stages=stages, percent=100 if ended else round(100 * at / len(labels)))


def _position(business: Business, finance: Finance, delivery: Delivery) -> int:
    """Number of the present stage when a fee is a stage of its own."""
    match business:
        case Business.SUBMITTED if finance in {Finance.DUE, Finance.PENDING}:
            return 1
        case Business.SUBMITTED | Business.INTAKE_SUPPLEMENT | Business.REFUSED:
            return 2
        case Business.RESULT_SIGNED:
            return 4
        case Business.RESULT_ISSUED:
            return 6 if delivery is Delivery.DELIVERED else 5
    return 3


def _status(business: Business, finance: Finance, delivery: Delivery) -> tuple[str, str]:
    match business:
        case Business.SUBMITTED if finance in {Finance.DUE, Finance.PENDING}:
            return _("Chờ nộp phí"), "waiting"
        case Business.SUBMITTED:
            return _("Chờ tiếp nhận"), "active"
        case Business.INTAKE_SUPPLEMENT | Business.WAIT_SUPPLEMENT:
            return _("Cần bổ sung"), "waiting"
        case Business.REFUSED:
            return _("Không được tiếp nhận"), "refused"
        case Business.STOPPED:
            return pgettext("state", "Dừng giải quyết"), "refused"
        case Business.WITHDRAWN:
            return _("Đã rút"), "refused"
        case Business.WAIT_AGENCY:
            return _("Chờ ý kiến cơ quan khác"), "active"
        case Business.RESULT_SIGNED:
            return _("Đã ký, đang ban hành"), "active"
        case Business.RESULT_ISSUED if delivery is Delivery.DELIVERED:
            return _("Đã trả kết quả"), "done"
        case Business.RESULT_ISSUED:
            return _("Có kết quả"), "done"
    return _("Đang giải quyết"), "active"
