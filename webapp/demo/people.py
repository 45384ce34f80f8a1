"""The demo's invented people and the units they work in. Any likeness to living persons is chance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.clock import ZONE
from engine.model import permission as role
from engine.store.records import Unit
from webapp.calendar_files import read_hours

#: The registers' invented records.
PEOPLE_FILE = Path(__file__).with_name("registers.json")
#: Every demo person's password; demo people do not exist in production.
PASSWORD = "motcua-demo"  # noqa: S105 - the demo's, printed on its start page

_SINCE = datetime(2025, 7, 1, tzinfo=ZONE)
_PARENT = "Ủy ban nhân dân tỉnh Thanh Hóa"


def _unit(code: str, name: str, short: str, account: str, *, kind: str = "commune") -> Unit:
    return Unit(
        code=code,
        valid_from=_SINCE,
        valid_to=None,
        name=name,
        short_name=short,
        kind=kind,
        parent=_PARENT,
        schedule=read_hours(),
        bank="970436",
        account=account,
        beneficiary=f"UBND {short.upper()}",
        address=f"Trụ sở UBND {short}, tỉnh Thanh Hóa",
        phone="0237 000 000",
        certificate="",
    )


UNITS = (
    _unit("H56.12", "Ủy ban nhân dân xã Hoa Lộc", "xã Hoa Lộc", "0491000123456"),
    _unit("H56", "Trung tâm Phục vụ hành chính công tỉnh", "tỉnh Thanh Hóa", "0491000999999", kind="province"),
    _unit("H56.40", "Ủy ban nhân dân phường Hạc Thành", "phường Hạc Thành", "0491000654321"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A demo person: who, and which posts."""

    login: str
    name: str
    what: str  #: what the start page says of the person, in Vietnamese
    what_en: str
    person_id: str = ""
    posts: tuple[tuple[str, str], ...] = ()


PEOPLE = (
    Person(login="lan", name="Nguyễn Thị Lan", what="Người dân", what_en="Citizen", person_id="038190001234"),
    Person(login="hung", name="Lê Quang Hùng", what="Người dân", what_en="Citizen", person_id="038088005678"),
    Person(
        login="binh",
        name="Lê Văn Bình",
        what="Cán bộ Bộ phận Một cửa, xã Hoa Lộc",
        what_en="One-stop desk, xã Hoa Lộc",
        posts=(("H56.12", role.DESK),),
    ),
    Person(
        login="hoa",
        name="Phạm Thị Hòa",
        what="Công chức tư pháp – hộ tịch, xã Hoa Lộc",
        what_en="Judicial officer, xã Hoa Lộc",
        posts=(("H56.12", role.SPECIALIST),),
    ),
    Person(
        login="toan",
        name="Trần Quốc Toàn",
        what="Chủ tịch UBND xã Hoa Lộc (ký kết quả)",
        what_en="Chairman, xã Hoa Lộc (signs results)",
        posts=(("H56.12", role.LEADER),),
    ),
    Person(
        login="ngan",
        name="Đỗ Kim Ngân",
        what="Kế toán, xã Hoa Lộc",
        what_en="Accountant, xã Hoa Lộc",
        posts=(("H56.12", role.ACCOUNTANT),),
    ),
    Person(
        login="cuong",
        name="Vũ Mạnh Cường",
        what="Bộ phận Một cửa, phường Hạc Thành",
        what_en="One-stop desk, phường Hạc Thành",
        posts=(("H56.40", role.DESK),),
    ),
    Person(
        login="thuy",
        name="Hoàng Thu Thủy",
        what="Công chức tư pháp – hộ tịch, phường Hạc Thành",
        what_en="Judicial officer, phường Hạc Thành",
        posts=(("H56.40", role.SPECIALIST),),
    ),
    Person(
        login="son",
        name="Bùi Thanh Sơn",
        what="Chủ tịch UBND phường Hạc Thành",
        what_en="Chairman, phường Hạc Thành",
        posts=(("H56.40", role.LEADER),),
    ),
    Person(
        login="dung",
        name="Lê Tiến Dũng",
        what="Giám đốc Trung tâm Phục vụ hành chính công tỉnh (theo dõi hồ sơ trễ)",
        what_en="Head of the province's service centre (watches late dossiers)",
        posts=(("H56", role.LEADER),),
    ),
    Person(
        login="hai",
        name="Nguyễn Minh Hải",
        what="Phó Chủ tịch UBND xã Hoa Lộc (thay khi Chủ tịch vắng)",
        what_en="Vice chairman, xã Hoa Lộc (stands in for the chairman)",
        posts=(("H56.12", role.CLERK),),
    ),
    Person(
        login="minh",
        name="Ngô Đức Minh",
        what="Kiểm tra, thanh tra (xem lịch sử hồ sơ)",
        what_en="Auditor (replays history)",
        posts=(("H56.12", role.AUDITOR), ("H56.40", role.AUDITOR)),
    ),
    Person(
        login="phuc",
        name="Đinh Hồng Phúc",
        what="Người soạn quy trình",
        what_en="Analyst (authors procedures)",
        posts=(("H56.12", role.ANALYST),),
    ),
    Person(
        login="giang",
        name="Lưu Hương Giang",
        what="Người duyệt quy trình (người soạn thứ hai)",
        what_en="Approves procedures (second analyst)",
        posts=(("H56.12", role.ANALYST),),
    ),
    Person(
        login="tam",
        name="Mai Thanh Tâm",
        what="Quản trị vận hành",
        what_en="Operator",
        posts=(("H56.12", role.OPERATOR),),
    ),
)

#: Officials who sign only when they stand in.
_VICE = {"hai"}

#: Who holds a signing key: login, name, unit.
OFFICERS = tuple(
    (person.login, person.name, person.posts[0][0])
    for person in PEOPLE
    if any(post in {role.LEADER, role.ANALYST} for _, post in person.posts) or person.login in _VICE
)
