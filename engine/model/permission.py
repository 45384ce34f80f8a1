"""Who acts, and what a role may touch."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    on_behalf_of: str = ""  #: login of the absent holder whom this person stands in for; empty = the own post


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

    def acting(self, role: str, unit: str = "", *, holder: str = "") -> Actor:
        """This person as who does the work of ``role`` in ``unit``: in the own post, else on behalf of its holder.

        With ``holder``, a task that an absent official holds is done on that official's behalf.
        """
        fitting = [post for post in self.posts if post.role == role and (not unit or post.unit == unit)]
        if holder and holder != self.login:
            behalf = next((post.on_behalf_of for post in fitting if post.on_behalf_of == holder), "")
        else:
            behalf = "" if any(not post.on_behalf_of for post in fitting) else _first(fitting)
        return replace(self, on_behalf_of=behalf) if behalf else self

    def stands_in_for(self, login: str, role: str, unit: str) -> bool:
        """Whether the person is the substitute of ``login`` for ``role`` in ``unit`` now."""
        return any(post.on_behalf_of == login and post.role == role and post.unit == unit for post in self.posts)


def _first(posts: list[Post]) -> str:
    return posts[0].on_behalf_of if posts else ""


SYSTEM = Actor(login="system", name="Motcua")
