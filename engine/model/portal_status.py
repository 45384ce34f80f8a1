"""The code the national portal is told, and the declared moves of the business dimension.

The portal code is a pure function of the dossier's state and never stored: what is suspended is sent as suspended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from engine.errors import DomainError, Text
from engine.model.status import Business, Delivery, Finance


class PortalCode(IntEnum):
    """Trạng thái hồ sơ on the national portal."""

    REGISTERED = 1  #: mới đăng ký
    RECEIVED = 2  #: được tiếp nhận
    NOT_RECEIVED = 3  #: không được tiếp nhận
    IN_PROGRESS = 4  #: đang xử lý
    SUPPLEMENT = 5  #: yêu cầu bổ sung giấy tờ
    FINANCIAL_DUTY = 6  #: yêu cầu thực hiện nghĩa vụ tài chính
    WITHDRAWN = 7  #: công dân rút hồ sơ
    STOPPED = 8  #: dừng xử lý
    SETTLED = 9  #: đã xử lý xong
    RETURNED = 10  #: đã trả kết quả


PORTAL_WORDS: Mapping[PortalCode, Text] = MappingProxyType(
    {
        PortalCode.REGISTERED: Text(vi="Mới đăng ký", en="Registered"),
        PortalCode.RECEIVED: Text(vi="Được tiếp nhận", en="Received"),
        PortalCode.NOT_RECEIVED: Text(vi="Không được tiếp nhận", en="Not received"),
        PortalCode.IN_PROGRESS: Text(vi="Đang xử lý", en="In progress"),
        PortalCode.SUPPLEMENT: Text(vi="Yêu cầu bổ sung giấy tờ", en="Supplement requested"),
        PortalCode.FINANCIAL_DUTY: Text(vi="Yêu cầu thực hiện nghĩa vụ tài chính", en="Financial duty requested"),
        PortalCode.WITHDRAWN: Text(vi="Công dân rút hồ sơ", en="Withdrawn by the citizen"),
        PortalCode.STOPPED: Text(vi="Dừng xử lý", en="Stopped"),
        PortalCode.SETTLED: Text(vi="Đã xử lý xong", en="Settled"),
        PortalCode.RETURNED: Text(vi="Đã trả kết quả", en="Result returned"),
    }
)

_BY_BUSINESS: Mapping[Business, PortalCode] = MappingProxyType(
    {
        Business.SUBMITTED: PortalCode.REGISTERED,
        Business.INTAKE_SUPPLEMENT: PortalCode.REGISTERED,
        Business.REFUSED: PortalCode.NOT_RECEIVED,
        Business.RECEIVED: PortalCode.RECEIVED,
        Business.IN_PROGRESS: PortalCode.IN_PROGRESS,
        Business.WAIT_SUPPLEMENT: PortalCode.SUPPLEMENT,
        Business.WAIT_AGENCY: PortalCode.IN_PROGRESS,
        Business.STOPPED: PortalCode.STOPPED,
        Business.RESULT_SIGNED: PortalCode.IN_PROGRESS,
        Business.RESULT_ISSUED: PortalCode.SETTLED,
        Business.WITHDRAWN: PortalCode.WITHDRAWN,
    }
)

#: Money that is still owed; processing waits for it only when the version's fee rule says so.
OWED = frozenset({Finance.DUE, Finance.PENDING})


def portal_code(
    business: Business,
    finance: Finance,
    delivery: Delivery,
    *,
    waits_for_payment: bool = False,
    intake_supplement_as_5: bool = False,
) -> PortalCode:
    """The code for the portal; total over every combination. How far a message got is no input of it.

    ``waits_for_payment``: the bound fee rule stops processing until it is paid. ``intake_supplement_as_5``: the portal
    accepts 5 before reception (unverified, so off). A signed result that is not issued yet is still 4.
    """
    if business is Business.RESULT_ISSUED and delivery is Delivery.DELIVERED:
        return PortalCode.RETURNED
    if business is Business.IN_PROGRESS and waits_for_payment and finance in OWED:
        return PortalCode.FINANCIAL_DUTY
    if business is Business.INTAKE_SUPPLEMENT and intake_supplement_as_5:
        return PortalCode.SUPPLEMENT
    return _BY_BUSINESS[business]


class TransitionUndeclared(DomainError):
    """A dossier that is {source} cannot become {target}."""

    code = "transition-undeclared"
    vi = "Hồ sơ đang ở trạng thái {source} không thể chuyển sang {target}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One declared move. Every guard named here must hold, and refuses with its own code."""

    source: Business
    target: Business
    name: str  #: the command that makes it
    guards: tuple[str, ...] = ()
    ground: str = ""


def _moves() -> tuple[Transition, ...]:
    new, intake, got, run = Business.SUBMITTED, Business.INTAKE_SUPPLEMENT, Business.RECEIVED, Business.IN_PROGRESS
    wait, agency, signed = Business.WAIT_SUPPLEMENT, Business.WAIT_AGENCY, Business.RESULT_SIGNED
    competent, slips = "competent-unit", "Circular 03/2025/TT-VPCP"
    table: list[tuple[Business, Business, str, tuple[str, ...], str]] = [
        (new, intake, "RequestIntakeSupplement", ("listed-papers-only", "one-request-per-stage"), f"{slips}, form 02"),
        (intake, new, "AnswerSupplement", ("answer-recorded",), f"{slips}, form 02"),
        (new, got, "AcceptDossier", (competent, "papers-complete", "version-bound"), f"{slips}, form 01"),
        (new, Business.REFUSED, "DeclineDossier", ("reason-given", "head-of-desk"), f"{slips}, form 03"),
        (intake, Business.REFUSED, "DeclineDossier", ("reason-given", "head-of-desk"), f"{slips}, form 03"),
        (got, run, "DispatchDossier", (competent,), f"{slips}, form 06"),
        (
            run,
            wait,
            "RequestSupplement",
            ("listed-papers-only", "one-request-per-stage", "document-issued"),
            f"{slips}, form 02",
        ),
        (wait, run, "AnswerSupplement", ("answer-recorded",), f"{slips}, form 02"),
        (run, agency, "ConsultAgency", ("document-issued",), "Decree 118/2025"),
        (agency, run, "RecordOpinion", ("answer-or-silence-recorded",), "Decree 118/2025"),
        (
            run,
            signed,
            "SignResult",
            (competent, "signature-valid", "drafter-is-not-signer", "fee-settled", "lateness-explained"),
            "Decree 30/2020",
        ),
        (signed, run, "SendBackResult", ("reason-given",), "Decree 30/2020"),
        (
            signed,
            Business.RESULT_ISSUED,
            "IssueResult",
            ("number-unique", "result-of-this-dossier-alone"),
            "Decree 30/2020",
        ),
    ]
    stop = ("reason-given", "document-issued", "head-of-unit")
    table += [(state, Business.STOPPED, "HaltDossier", stop, f"{slips}, form 05") for state in (got, run, wait, agency)]
    withdraw = ("asked-by-holder", "result-not-issued")
    open_states = (new, intake, got, run, wait, agency)
    table += [(state, Business.WITHDRAWN, "WithdrawDossier", withdraw, "Circular 03/2025") for state in open_states]
    return tuple(
        Transition(source=source, target=target, name=name, guards=guards, ground=ground)
        for source, target, name, guards, ground in table
    )


#: Every declared move; a closed dossier has none and is never reopened.
TRANSITIONS: tuple[Transition, ...] = _moves()
_INDEX: Mapping[tuple[Business, Business], Transition] = MappingProxyType(
    {(item.source, item.target): item for item in TRANSITIONS}
)


def transition(source: Business, target: Business) -> Transition:
    """The declared move between two states, or ``TransitionUndeclared``."""
    found = _INDEX.get((source, target))
    if found is None:
        raise TransitionUndeclared(source=source.value, target=target.value)
    return found
