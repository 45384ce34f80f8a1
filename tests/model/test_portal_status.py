"""The portal is told the truth for every combination of states."""

from __future__ import annotations

from itertools import product

import pytest

from engine.model.portal_status import (
    PORTAL_WORDS,
    TRANSITIONS,
    PortalCode,
    TransitionUndeclared,
    portal_code,
    transition,
)
from engine.model.status import Business, Delivery, Finance

SWITCHES = list(product((False, True), repeat=2))
EVERY = list(product(Business, Finance, Delivery, SWITCHES))


def code(state: tuple[Business, Finance, Delivery, tuple[bool, bool]]) -> PortalCode:
    business, finance, delivery, (waits, five) = state
    return portal_code(business, finance, delivery, waits_for_payment=waits, intake_supplement_as_5=five)


def test_every_combination_has_a_code() -> None:
    assert {code(state) for state in EVERY} == set(PortalCode) == set(PORTAL_WORDS)


def test_only_an_issued_result_is_sent_as_settled() -> None:
    for state in EVERY:
        settled = code(state) in (PortalCode.SETTLED, PortalCode.RETURNED)
        assert settled == (state[0] is Business.RESULT_ISSUED), state


def test_suspended_states_are_sent_as_they_are() -> None:
    for state in EVERY:
        business, finance, _, (waits, _) = state
        if business is Business.WAIT_SUPPLEMENT:
            assert code(state) is PortalCode.SUPPLEMENT
        if business is Business.STOPPED:
            assert code(state) is PortalCode.STOPPED
        if business is Business.IN_PROGRESS and waits and finance in (Finance.DUE, Finance.PENDING):
            assert code(state) is PortalCode.FINANCIAL_DUTY


def test_returned_needs_a_recorded_delivery() -> None:
    for state in EVERY:
        if code(state) is PortalCode.RETURNED:
            assert state[2] is Delivery.DELIVERED


def test_closed_dossier_has_no_way_back() -> None:
    for source, target in product(Business, Business):
        declared = any((item.source, item.target) == (source, target) for item in TRANSITIONS)
        if source.closed or not declared:
            assert not declared
            with pytest.raises(TransitionUndeclared):
                transition(source, target)
        else:
            assert transition(source, target).guards


def test_every_state_is_reached_from_submission_and_can_end() -> None:
    reached = {Business.SUBMITTED}
    for _ in Business:
        reached |= {item.target for item in TRANSITIONS if item.source in reached}
    assert reached == set(Business)
    assert all(any(item.source is state for item in TRANSITIONS) for state in Business if not state.closed)


def test_settled_code_never_turns_back() -> None:
    for item in TRANSITIONS:
        assert item.source is not Business.RESULT_ISSUED
        if item.target is Business.RESULT_ISSUED:
            assert item.source is Business.RESULT_SIGNED
