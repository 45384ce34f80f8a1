"""Takes the README's pictures from a running product of its own: ``python tools/pictures.py [FOLDER] [NAME …]``.

The product is seeded afresh in a temporary folder, its clock stands on a working morning, and the dossiers in it are
played through the same commands as always. Equal code draws equal pictures, up to the browser's fonts.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine.clock import ZONE, SteppingClock  # noqa: E402 - the checkout's own packages, from wherever this is called
from engine.model.permission import Actor  # noqa: E402
from webapp.app import create_app  # noqa: E402
from webapp.bootstrap import Product, assemble  # noqa: E402
from webapp.demo.people import PASSWORD  # noqa: E402
from webapp.demo.run import DemoRun  # noqa: E402
from webapp.demo.seed import seed  # noqa: E402
from webapp.logs import configure_logging  # noqa: E402
from webapp.ports import free_ports  # noqa: E402
from webapp.settings import Settings  # noqa: E402

FOLDER = ROOT / "docs" / "images"
#: The afternoon before, and the morning of the pictures.
EVE, MORNING = datetime(2026, 11, 9, 14, 10, tzinfo=ZONE), datetime(2026, 11, 10, 7, 40, tzinfo=ZONE)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
#: A picture in the README weighs less.
MOST_BYTES = 200_000
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
_CHECKS = ["ban_chinh", "so_trang", "chu_ky_dau", "noi_dung"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The dossiers that are photographed."""

    draft: str  #: filled in by a citizen, not yet filed
    desk: str  #: read, waits at the desk
    sign: str  #: prepared, waits for the leader
    done: str  #: signed and handed over
    result: Path  #: its signed file


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture: who looks, at what size, and what is done before it is taken."""

    name: str
    login: str
    size: dict[str, int]
    show: Callable[[Any, Office], None]
    whole: bool = False  #: the whole page instead of one screen


def play(product: Product, clock: SteppingClock, home: Path) -> Office:
    """Dossiers at several steps, one of them overdue, one due soon."""
    demo = DemoRun(product, say=lambda line: None)
    lan, hung = demo.person("lan"), demo.person("hung")
    _late = _filed(demo, hung)
    clock.set(MORNING)
    demo.worker.drain()
    numbers = []
    for citizen in (lan, hung, lan, hung):
        numbers.append(_filed(demo, citizen))
        clock.set(clock.now() + timedelta(minutes=7))
    done, sign, desk, _other = numbers
    for number in (done, sign):
        demo.complete("binh", number, "desk", {"da_doi_chieu": True, "quyet_dinh": "accept"})
        prepared = {"ket_luan": "certify", "kiem_tra": _CHECKS, "loi_chung": "giay_va_dien_tu"}
        demo.complete("hoa", number, "prepare", prepared)
        clock.set(clock.now() + timedelta(minutes=9))
    demo.complete("toan", done, "sign", {"quyet_dinh": "approve", "da_xem": True})
    result = Path(demo.record(done)["pdf"])
    return Office(draft=demo.prepare(lan), desk=desk, sign=sign, done=done, result=result)


def _filed(demo: DemoRun, citizen: Actor) -> str:
    """A paid dossier that has been read; its number."""
    number = demo.file(citizen)
    demo.pay(citizen, number)
    demo.worker.drain()
    return number


def _application(page: Any, office: Office) -> None:
    page.goto(f"/drafts/{office.draft}")


def _fee(page: Any, office: Office) -> None:
    _application(page, office)
    page.locator('[name="nhan.hinh_thuc"][value="online"]').check()
    page.locator('.actions button[value="submit"]').click()
    page.wait_for_url("**/check")


def _dossier(page: Any, office: Office) -> None:
    page.goto(f"/dossiers/{office.desk}")
    claim = page.get_by_role("button", name="Nhận việc này")
    if claim.count():
        claim.first.click()
    page.locator('[data-tabs] a[href="#giay-to"]').click()
    page.locator(".viewer__page img").first.wait_for()
    page.locator("tr[data-box]").first.focus()


def _sign(page: Any, office: Office) -> None:
    page.goto(f"/dossiers/{office.sign}")
    claim = page.get_by_role("button", name="Nhận việc này")
    if claim.count():
        claim.first.click()
    page.locator("#du-thao img").first.wait_for()


def _verified(page: Any, office: Office) -> None:
    page.goto("/verify")
    page.locator("#file").set_input_files(str(office.result))
    page.get_by_role("button", name="Kiểm tra tệp").click()
    page.locator(".signatures").wait_for()


def _history(page: Any, office: Office) -> None:
    page.goto(f"/dossiers/{office.done}/history")
    page.locator("[data-ready]").wait_for()
    page.locator('[data-diagram="settle"]').click()
    page.locator("[data-slider]").focus()
    page.evaluate("window.scrollTo(0, 0)")


def _studio(page: Any, office: Office) -> None:
    page.goto("/studio/new")
    page.get_by_label("Chép từ").select_option(label="2.000815 – Chứng thực bản sao từ bản chính")
    page.get_by_role("button", name="Soạn phiên bản mới").click()
    page.wait_for_url("**/studio/*")
    page.goto(f"{page.url.rstrip('/')}/diagram")
    page.locator(".djs-element").first.wait_for()
    page.get_by_role("button", name="Vừa khung").click()


def _at(path: str) -> Callable[[Any, Office], None]:
    return lambda page, office: page.goto(path.format(office=office))


PICTURES = (
    Picture(name="start", login="", size=DESK, show=_at("/")),
    Picture(name="form-phone", login="lan", size=PHONE, show=_application),
    Picture(name="fee", login="lan", size=DESK, show=_fee),
    Picture(name="my-dossier", login="lan", size=DESK, show=_at("/my/{office.done}")),
    Picture(name="inbox", login="binh", size=DESK, show=_at("/inbox")),
    Picture(name="dossier", login="binh", size=DESK, show=_dossier),
    Picture(name="sign", login="toan", size=DESK, show=_sign),
    Picture(name="verified", login="", size=DESK, show=_verified),
    Picture(name="history", login="minh", size=DESK, show=_history),
    Picture(name="board", login="toan", size=DESK, show=_at("/board")),
    Picture(name="studio", login="phuc", size=DESK, show=_studio),
)


@contextlib.contextmanager
def served(home: Path) -> Iterator[tuple[Product, SteppingClock]]:
    """A seeded product on free loopback ports, its clock standing."""
    configure_logging("CRITICAL")
    clock, first = SteppingClock(EVE), free_ports(5)
    with assemble(Settings(home=home, port=first, sandbox_port=first + 1), clock=clock) as product:
        seed(product)
        live = make_server("127.0.0.1", first, create_app(product), threaded=True)
        threading.Thread(target=live.serve_forever, daemon=True).start()
        try:
            yield product, clock
        finally:
            live.shutdown()
            live.server_close()


def take(browser: Any, picture: Picture, office: Office, *, address: str, folder: Path) -> Path:
    """Take one picture; refuse one that is too heavy."""
    context = browser.new_context(base_url=address, viewport=picture.size, locale="vi-VN", reduced_motion="reduce")
    page = context.new_page()
    if picture.login:
        page.goto("/sign-in")
        page.fill("#login", picture.login)
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.locator(".account__name").wait_for()
    picture.show(page, office)
    page.wait_for_timeout(400)
    file = folder / f"{picture.name}.png"
    page.screenshot(path=str(file), full_page=picture.whole)
    context.close()
    with Image.open(file) as drawn:
        small = drawn.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    small.save(file, optimize=True)
    if file.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{file.name} weighs {file.stat().st_size} bytes; show less of the page")
    return file


def main(folder: Path, names: set[str]) -> None:
    """Take all pictures, or those of ``names``, into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="motcua-pictures-") as home, served(Path(home)) as (product, clock):
        office = play(product, clock, Path(home))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(_FLAGS))
            for picture in PICTURES:
                if not names or picture.name in names:
                    file = take(browser, picture, office, address=product.settings.address, folder=folder)
                    sys.stdout.write(f"{file.name} {file.stat().st_size // 1000} kB\n")
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER, set(sys.argv[2:]))
