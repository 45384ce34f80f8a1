"""Faults recorded by playing: each is kept as data, comes to the same again, and without it the scenario fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from webapp.bootstrap import Product

SignIn = Callable[..., FlaskClient]
ROOT = Path(__file__).resolve().parents[2] / "processes"
Json = dict[str, Any]
#: What the form proposes and a browser sends along.
PROPOSED = {"lien_he.dien_thoai": ["0912000111"], "nhan.hinh_thuc": ["online"]}


class Recorder:
    """An analyst who records a scenario of a copy of a published procedure by its screens."""

    def __init__(self, client: FlaskClient, product: Product, code: str, played: str) -> None:
        self.client = client
        with product.database.begin() as uow:
            current = uow.definitions.in_force(code, product.clock.now())
        assert current is not None
        begun = client.post("/studio/new", data={"way": "copy", "digest": current.digest})
        self.draft = begun.location.rpartition("/")[2]
        self.page = f"/studio/{self.draft}/scenarios/loi"
        self._steps = orjson.loads((ROOT / code / "scenarios" / f"{played}.json").read_bytes())["steps"]

    def plain(self, kind: str, value: str) -> Json:
        """Record a step that needs no form; the scenario's last step."""
        answer = self.client.post(f"{self.page}/record?title=L%E1%BB%97i", data={"step": kind, "value": value})
        assert answer.status_code == 302, answer.text
        return self._last(kind)

    def filled(self, task: str) -> Json:
        """Fill in a form as the shipped scenario does; the scenario's last step."""
        step = next(
            one for one in self._steps if one.get("complete") == task or ("file" in one and task == "application")
        )
        proposed = PROPOSED if task == "application" else {}
        fields = proposed | flat(step.get("data", {})) | {"act": ["submit"]}
        answer = self.client.post(f"{self.page}/record?title=L%E1%BB%97i&task={task}", data=fields)
        assert answer.status_code == 302, answer.text
        return self._last("file" if task == "application" else "complete")

    def _last(self, act: str) -> Json:
        shown = self.client.get(f"{self.page}/record")
        assert "banner--error" not in shown.text, shown.text
        step: Json = self.stored()["steps"][-1]
        assert act in step, step
        return step

    def stored(self) -> Json:
        """The scenario as it is kept."""
        content = self.client.get(f"/studio/{self.draft}/source/scenarios/loi.json").data
        return orjson.loads(content)  # type: ignore[no-any-return]

    def runs(self) -> bool:
        """Whether it comes to the same again."""
        text = self.client.get(self.page).text
        assert ("Chạy đúng như mong đợi" in text) != ("Không đúng như mong đợi" in text)
        return "Chạy đúng như mong đợi" in text

    def without(self, **step: str) -> bool:
        """Whether it would still hold without its last step of a kind, or with another value of it."""
        whole = self.stored()
        (act, value), *_ = step.items()
        place = max(number for number, one in enumerate(whole["steps"]) if act in one)
        steps = [*whole["steps"]]
        steps[place : place + 1] = [steps[place] | {act: value}] if value else []
        self._put(whole | {"steps": steps})
        held = self.runs()
        self._put(whole)
        return held

    def _put(self, scenario: Json) -> None:
        address = f"/studio/{self.draft}/source/scenarios/loi.json"
        tag = self.client.get(address).headers["ETag"]
        answer = self.client.put(address, data=orjson.dumps(scenario), headers={"If-Match": tag})
        assert answer.status_code == 200, answer.text


def flat(data: Mapping[str, Any], place: str = "") -> dict[str, list[str]]:
    """Data as a browser posts it: dotted names, lists of choices by one name, groups by number."""
    fields: dict[str, list[str]] = {}
    for name, value in data.items():
        at = f"{place}{name}"
        if isinstance(value, Mapping):
            fields |= flat(value, f"{at}.")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            fields[f"{at}.count"] = [str(len(value))]
            for number, item in enumerate(value):
                fields |= flat(item, f"{at}.{number}.")
        elif isinstance(value, list):
            fields[at] = [str(item) for item in value]
        elif isinstance(value, bool):
            fields[at] = [str(value).lower()]
        else:
            fields[at] = [str(value)]
    return fields


@pytest.fixture
def copies(client: SignIn, product: Product) -> Recorder:
    """Certified copies: they are read, paid for and signed."""
    return Recorder(client("phuc"), product, "2.000815", "accepted")


def test_text_reader_that_is_down_is_recorded(copies: Recorder) -> None:
    copies.plain("fault", "ocr")
    filed = copies.filled("application")
    assert "OCR" in filed["expect"]["waiting"]
    assert filed["expect"]["finance"] == "NONE"
    copies.plain("repair", "ocr")
    after = copies.plain("advance", "PT1H")
    assert "waiting" not in after["expect"]
    assert after["expect"]["finance"] == "DUE"
    assert copies.runs()
    assert not copies.without(fault="")


def test_payment_made_twice_is_recorded(copies: Recorder) -> None:
    copies.filled("application")
    paid = copies.plain("pay", "twice")
    assert paid["expect"]["refunds"] == 6000
    assert paid["expect"]["open"] == ["desk"]
    assert copies.runs()
    assert not copies.without(pay="once")


def test_signature_that_is_refused_is_recorded(copies: Recorder) -> None:
    copies.filled("application")
    copies.plain("pay", "once")
    copies.filled("desk")
    copies.filled("prepare")
    copies.plain("fault", "signature")
    refused = copies.filled("sign")
    assert refused["expect"]["open"] == ["sign"]
    assert "result" not in refused["expect"]
    copies.plain("repair", "signature")
    assert copies.filled("sign")["expect"]["result"] == "KQ.G15.000021"
    assert copies.runs()
    assert not copies.without(fault="")


def test_agency_that_does_not_answer_is_recorded(client: SignIn, product: Product) -> None:
    permit = Recorder(client("phuc"), product, "1.013225", "consultation-silent")
    permit.filled("application")
    permit.plain("pay", "once")
    permit.filled("desk")
    asked = permit.filled("appraise")
    assert asked["expect"]["business"] == "WAIT_AGENCY"
    assert asked["expect"]["open"].count("consult") == 2
    permit.plain("advance", "P1D")
    permit.filled("inspect")
    silent = permit.plain("advance", "P30D")
    assert silent["expect"]["open"] == ["appraise"]
    assert silent["expect"]["business"] == "IN_PROGRESS"
    assert permit.runs()
    assert not permit.without(advance="P3D")  # the last one


def test_only_what_is_whole_can_be_broken_and_what_is_broken_mended(copies: Recorder) -> None:
    shown = copies.client.get(f"{copies.page}/record").text
    assert 'value="ocr"' in shown
    assert 'value="repair"' not in shown
    copies.plain("fault", "ocr")
    copies.filled("application")
    shown = copies.client.get(f"{copies.page}/record").text
    assert "Đang hỏng" in shown
    fault, repair = (shown.partition(f'id="{name}"')[2].partition("</select>")[0] for name in ("fault", "repair"))
    assert "ocr" not in fault
    assert "signature" not in repair
    assert "ocr" in repair
