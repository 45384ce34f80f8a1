"""Finding a procedure among few and among very many."""

from __future__ import annotations

import dataclasses
import hashlib
import re

import pytest

from engine.store.records import Bundle, Deployment
from tests.webapp.citizen import Citizen, paper
from tests.webapp.conftest import SignIn
from webapp.bootstrap import Product

CERTIFIED = "Chứng thực bản sao từ bản chính"
NATION = 2104  #: procedures of the national catalogue


@pytest.mark.parametrize(
    "asked", ["chung thuc", "CHỨNG THỰC", "ban sao chinh", "2.000815", "certified copy", "đien tử"]
)
def test_procedure_is_found_with_and_without_marks(client: SignIn, asked: str) -> None:
    assert CERTIFIED in client("").get("/procedures", query_string={"q": asked}).text


def test_nothing_found_says_what_to_do(client: SignIn) -> None:
    page = client("").get("/procedures?q=xyzzy").text
    assert "Không có thủ tục nào khớp" in page
    assert CERTIFIED not in page


def test_procedure_page_tells_term_fee_and_ground(client: SignIn) -> None:
    page = client("").get("/procedures/2.000815").text
    for fact in ("Trong ngày làm việc", "15:00", "2.000 đồng/trang", "3152/QĐ-BTP", "Nghị định 23/2015/NĐ-CP"):
        assert fact in page, fact
    assert client("").get("/procedures/9.999999").status_code == 404
    english = client("")
    english.get("/?lang=en")
    assert "Certified copy of an original" in english.get("/procedures/2.000815").text


def test_stranger_is_sent_to_sign_in_and_back(client: SignIn) -> None:
    page = client("").get("/procedures/2.000815").text
    link = re.search(r'href="(/procedures/2\.000815/file)"', page)
    assert link is not None
    assert client("").get(link[1]).location == "/sign-in?next=/procedures/2.000815/file"
    assert "Bạn nộp hồ sơ ở đâu?" in client("lan").get(link[1]).text


@pytest.fixture
def nation(product: Product) -> Product:
    """A product with a national catalogue in force: 2,104 procedures in 16 fields."""
    with product.database.begin() as uow:
        deployed = uow.definitions.in_force("2.000815", product.clock.now())
        assert deployed is not None
        bundle: Bundle = uow.definitions.bundle(deployed.digest)
        for n in range(NATION):
            code, field = f"1.{n:06d}", f"LV{n % 16:02d}"
            manifest = bundle.manifest | {
                "code": code,
                "short_name": {"vi": f"Thủ tục số {n} về đất đai", "en": f"Procedure {n} on land"},
                "field": {"code": field, "name": {"vi": f"Lĩnh vực {field}", "en": f"Field {field}"}},
            }
            digest = hashlib.sha256(code.encode()).hexdigest()
            uow.definitions.add_bundle(dataclasses.replace(bundle, digest=digest, procedure=code, manifest=manifest))
            row: Deployment = dataclasses.replace(deployed, id=f"many-{n}", procedure=code, digest=digest)
            uow.definitions.deploy(row)
    return product


def test_national_catalogue_is_listed_by_field(client: SignIn, nation: Product) -> None:
    visitor = client("")
    page = visitor.get("/procedures").text
    assert "Lĩnh vực LV07" in page
    assert page.count('class="results__item"') == 0
    field = visitor.get("/procedures?field=LV07").text
    assert field.count('class="results__item"') == 50
    assert "Trang 1/3" in field
    last = visitor.get("/procedures?field=LV07&page=3").text
    assert last.count('class="results__item"') == 132 - 100
    found = visitor.get("/procedures?q=so 2047 dat dai").text
    assert found.count('class="results__item"') == 1
    assert "Thủ tục số 2047 về đất đai" in found


def test_upload_is_shown_as_its_safe_copy(client: SignIn, product: Product) -> None:
    citizen = Citizen(client("lan"), product)
    citizen.filled()
    with product.database.read() as connection:
        row = connection.driver.execute("SELECT id FROM document").fetchone()
    assert row is not None
    shown, given = citizen.client.get(f"/documents/{row[0]}?view=1"), citizen.client.get(f"/documents/{row[0]}")
    assert given.data == paper()
    assert shown.data != paper()
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert given.headers["Content-Disposition"].startswith("attachment")
    for answer in (shown, given):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer.headers["Cache-Control"]
