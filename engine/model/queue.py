"""Topics of the outbox: in which queue their work waits, which connector does it, and what has to keep its order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.errors import InvalidInput, Text

#: The queue of timers; every other queue holds rows of the outbox.
TIMERS = "timers"
#: What stands for a topic where a timer is meant.
TIMER = "timer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """How one kind of work is handed out."""

    name: str
    queue: str
    connector: str  #: what a circuit breaker watches; empty = our own database alone
    priority: int = 0  #: larger first
    ordered: bool = False  #: of one dossier, the earlier row is finished before the later one begins
    slow: int = 60  #: seconds from which an answer counts as a failure of the connector


def _topics(*topics: Topic) -> Mapping[str, Topic]:
    return {topic.name: topic for topic in topics}


#: Every topic that a row of the outbox may have.
TOPICS: Mapping[str, Topic] = _topics(
    Topic(name="result.sign", queue="signing", connector="signing", priority=20),
    Topic(name="letter.sign", queue="signing", connector="signing", priority=20),
    Topic(name="slip.sign", queue="signing", connector="signing", priority=10),
    Topic(name="registry.look_up", queue="registers", connector="registry", priority=10),
    Topic(name="registry.register", queue="registers", connector="registry", priority=10, ordered=True),
    Topic(name="letter.render", queue="letters", connector="letters", priority=10, slow=120),
    Topic(name="copy.render", queue="letters", connector="letters", priority=10, slow=120),
    Topic(name="slip.render", queue="letters", connector="letters", slow=120),
    Topic(name="papers.read", queue="ocr", connector="ocr", slow=300),
    Topic(name="notify.send", queue="mail", connector="mail", ordered=True),
    Topic(name="mail.send", queue="mail", connector="mail", priority=-10, ordered=True),
    Topic(name="batch.item", queue="bulk", connector="", priority=-20),
)
ORDERED = tuple(topic.name for topic in TOPICS.values() if topic.ordered)
#: Every queue, in the order in which an operator reads them.
QUEUES: tuple[str, ...] = (TIMERS, *dict.fromkeys(topic.queue for topic in TOPICS.values()))


def topic(name: str) -> Topic:
    """The topic; ``InvalidInput`` for one that is not listed, since nobody would ever deliver it."""
    known = TOPICS.get(name)
    if known is None:
        raise InvalidInput(what=f"topic {name}", why="engine/model/queue.py lists no such topic")
    return known


def topics_of(queues: Iterable[str]) -> tuple[str, ...]:
    """The topics that wait in ``queues``."""
    wanted = set(queues)
    return tuple(topic.name for topic in TOPICS.values() if topic.queue in wanted)


def chosen(text: str) -> tuple[str, ...]:
    """The queues of a list like ``ocr,signing``; all for an empty one, ``InvalidInput`` names what there is not."""
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    unknown = [name for name in names if name not in QUEUES]
    if unknown:
        there = ", ".join(QUEUES)
        names_told = ", ".join(unknown)
        raise InvalidInput(
            what="queues", why=Text(vi=f"không có {names_told}; có {there}", en=f"no {names_told}; there are {there}")
        )
    return names or QUEUES
