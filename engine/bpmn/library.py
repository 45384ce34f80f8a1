"""The one door to SpiffWorkflow: the names we build on, and the refusal of any other version.

The classes derived from these replace internals of the library, so an upgrade is a project and not an update.
"""

from __future__ import annotations

from importlib.metadata import version

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task

PINNED = "3.2.0"

__all__ = ["PINNED", "BpmnSubWorkflow", "BpmnTaskSpec", "BpmnWorkflow", "Task", "TaskState", "WorkflowSpec", "require"]


def require(installed: str) -> None:
    """Refuse any version of the library but the one that our subclasses were written and tested for."""
    if installed != PINNED:
        raise ImportError(f"SpiffWorkflow {PINNED} is required, {installed} is installed")


require(version("SpiffWorkflow"))
