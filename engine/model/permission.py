"""Who acts, and what a role may touch."""

from __future__ import annotations

from dataclasses import dataclass

#: Roles of the product; a procedure's diagram names them at its user tasks.
APPLICANT = "applicant"  #: người nộp
DESK = "desk"  #: cán bộ Bộ phận Một cửa
SPECIALIST = "specialist"  #: công chức chuyên môn
LEADER = "leader"  #: lãnh đạo ký
CLERK = "clerk"  #: văn thư
ANALYST = "analyst"  #: người soạn quy trình
AUDITOR = "auditor"  #: người kiểm tra
OPERATOR = "operator"  #: quản trị vận hành
ACCOUNTANT = "accountant"  #: kế toán

ROLES = frozenset({APPLICANT, DESK, SPECIALIST, LEADER, CLERK, ANALYST, AUDITOR, OPERATOR, ACCOUNTANT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One role in one unit, held now."""

    unit: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person, or the system itself, on whose word a command runs."""

    login: str
    name: str
    person_id: str = ""
    posts: tuple[Post, ...] = ()
    on_behalf_of: str = ""
    email: str = ""

    @property
    def is_system(self) -> bool:
        """Whether no person stands behind the command (timers, connector answers)."""
        return self.login == "system"

    @property
    def official(self) -> bool:
        """Whether the person holds any post."""
        return bool(self.posts)

    @property
    def unit(self) -> str:
        """The unit of the first post, empty for a citizen."""
        return self.posts[0].unit if self.posts else ""

    def holds(self, role: str, unit: str = "") -> bool:
        """Whether the person holds ``role``, in ``unit`` if one is named."""
        return any(post.role == role and (not unit or post.unit == unit) for post in self.posts)


SYSTEM = Actor(login="system", name="Motcua")
