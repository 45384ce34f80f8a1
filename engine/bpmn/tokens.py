"""Tokens: the library's tasks without its clock, random ids, logging and look-ahead; and the scopes that hold them.

The tree of a scope keeps only what is still needed: its root, finished *splits* whose branches have not all met again
(they are the base of the three-way merge), and leaves. A leaf is a token that waits or runs, or one that has *ended*
(reached an end) with data that the end of the scope still has to merge. A finished step that was followed by exactly
one other is replaced by it, so a loop of any length takes no more room than one pass.

Below a token that is still open hang its *attachments*: boundary events that listen, instances of a repeated activity,
the events behind an event-based gateway.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from engine.bpmn.library import BpmnSubWorkflow, BpmnWorkflow, Task, TaskState
from engine.clock import ZONE

if TYPE_CHECKING:
    from engine.bpmn.runtime import Runtime
    from engine.bpmn.specs import NodeSpec, ScopeSpec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
READY, STARTED, WAITING = TaskState.READY, TaskState.STARTED, TaskState.WAITING
FUTURE, COMPLETED, CANCELLED = TaskState.FUTURE, TaskState.COMPLETED, TaskState.CANCELLED
OPEN = READY | STARTED | WAITING

# Keys of ``internal_data``; one letter each, because they are stored with every instance.
FLOW = "f"  #: id of the flow on which a token came to a join
ENDED = "e"  #: reached an end; the data wait for the end of the scope
APART = "a"  #: a non-interrupting handler: its data are the base of its own branch
LISTENER = "l"  #: "b" boundary event, "h" event sub-process, "s" start event, "g" behind an event-based gateway
DUE = "d"  #: when a timer is due, microseconds since 1970
CYCLE = "c"  #: [how often it fires after this, -1 = for ever; period]
WAS = "w"  #: last value of a condition that is watched
INSTANCE = "i"  #: number of an instance of a repeated activity, from 1
LOOP = "m"  #: progress of a repeated activity


def microseconds(moment: datetime) -> int:
    """``moment`` as microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment_of(value: int) -> datetime:
    """The inverse of ``microseconds``, in the product's zone."""
    return (EPOCH + timedelta(microseconds=value)).astimezone(ZONE)


def token_id(seed: str, number: int) -> str:
    """The id of the ``number``-th token of the instance ``seed``: the same in every run, written like a UUID.

    A text and no ``UUID`` object: loading an instance makes one per token, and each is a key of several mappings.
    """
    digits = blake2b(f"{seed}/{number}".encode(), digest_size=16).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class Token(Task):  # type: ignore[misc]  # the library is untyped
    """A token at a node."""

    workflow: Any
    task_spec: NodeSpec
    data: dict[str, Any]
    internal_data: dict[str, Any]

    def __init__(self, scope: Case | SubCase, spec: Any, *, identity: str, number: int, since: int) -> None:
        self.id = identity
        self.number = number
        self.since = since
        self.workflow = scope
        self.task_spec = spec
        self._parent: str | None = None
        self._children: list[str] = []
        self._state = FUTURE
        self.triggered = False
        self.thread_id = 0
        self.data = {}
        self.internal_data = {}
        self.effect: tuple[dict[str, Any], tuple[str, ...]] = ({}, ())  #: written and deleted at this step
        self.given: tuple[str, ...] = ()  #: keys that the result of this step named, changed or not
        scope.tasks[identity] = self

    @property
    def last_state_change(self) -> float:
        """When the token arrived, in seconds since 1970; the library's field."""
        return self.since / 1e6

    @last_state_change.setter
    def last_state_change(self, value: float) -> None:
        """Set by the instance's clock only."""

    def _set_state(self, value: int) -> None:
        self._state = value

    def run(self) -> bool | None:
        """Run the node's behaviour; a token that it ended, removed or set waiting is left as it is."""
        done: bool | None = self.task_spec._run(self)
        if done:
            self.complete()
        elif self._state == READY:
            self._state = STARTED
        return done

    @property
    def parent(self) -> Token | None:
        """The token above in the tree."""
        return self.workflow.tasks.get(self._parent) if self._parent is not None else None

    @property
    def children(self) -> list[Token]:
        """The tokens below, in order of creation."""
        tasks = self.workflow.tasks
        return [tasks[child] for child in self._children]

    @property
    def is_open(self) -> bool:
        """Whether the token waits or runs."""
        return bool(self._state & OPEN) or self._state == FUTURE

    @property
    def reported(self) -> bool:
        """Whether its end is told: not that of the frame of a repeated activity, whose instances are told."""
        return LOOP not in self.internal_data or not self.internal_data[LOOP]["s"]

    @property
    def element(self) -> str:
        """Id of the flow node."""
        return self.task_spec.name  # type: ignore[no-any-return]


class Case(BpmnWorkflow):  # type: ignore[misc]
    """The scope of the process itself; holds all nested scopes and the counters of the instance."""

    def __init__(self, spec: ScopeSpec, subprocess_specs: dict[str, ScopeSpec], **_: Any) -> None:
        super().__init__(spec, subprocess_specs, script_engine=REFUSING, deserializing=True)
        self.runtime: Runtime
        self.data: dict[str, Any] = {}
        self.counter = 0
        self.objects: dict[str, Any] = {}  #: values of the scope's data objects
        self.visited: set[str] = set()  #: elements that a token has reached
        self.uncaught: str | None = None  #: code of the error end event that ended the process
        self.task_tree: Token

    @property
    def scopes(self) -> list[Case | SubCase]:
        """This scope and every nested one, outermost first."""
        return [self, *self.subprocesses.values()]


class SubCase(BpmnSubWorkflow):  # type: ignore[misc]
    """The scope of a sub-process, a call or an event sub-process."""

    def __init__(self, spec: ScopeSpec, parent_task_id: str, top_workflow: Case, **_: Any) -> None:
        super().__init__(spec, parent_task_id=parent_task_id, top_workflow=top_workflow, deserializing=True)
        self.data: dict[str, Any] = {}
        self.objects: dict[str, Any] = {}
        self.task_tree: Token


class RefusingEngine:
    """Stands where the library would run Python out of a diagram."""

    def evaluate(self, *_: Any, **__: Any) -> Any:
        """Always refuses."""
        raise PermissionError("no Python is evaluated for a diagram")

    execute = evaluate
    call_service = evaluate
    validate = evaluate


REFUSING = RefusingEngine()
