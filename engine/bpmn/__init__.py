"""Processes: definitions that passed the gate, and instances that run them. The only importer of SpiffWorkflow."""

from __future__ import annotations

from engine.bpmn.definition import ENGINE_ABI, Definition, define, loaded_graph
from engine.bpmn.incidents import (
    BpmnErrorUncaught,
    ConditionUndecided,
    DataConflict,
    DecisionUndecided,
    ExpressionFailed,
    InstanceVoid,
    NoFlowTaken,
    ProcessIncident,
    StateUnreadable,
    StepBudgetExceeded,
    TaskNotOpen,
)
from engine.bpmn.instance import Instance
from engine.bpmn.records import Element, OpenTask, Step, Wait, WaitingTimer
from engine.bpmn.rulings import DecisionPort
from engine.bpmn.run_script import run_script

__all__ = [
    "ENGINE_ABI",
    "BpmnErrorUncaught",
    "ConditionUndecided",
    "DataConflict",
    "DecisionPort",
    "DecisionUndecided",
    "Definition",
    "Element",
    "ExpressionFailed",
    "Instance",
    "InstanceVoid",
    "NoFlowTaken",
    "OpenTask",
    "ProcessIncident",
    "StateUnreadable",
    "Step",
    "StepBudgetExceeded",
    "TaskNotOpen",
    "Wait",
    "WaitingTimer",
    "define",
    "loaded_graph",
    "run_script",
]
