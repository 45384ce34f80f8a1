"""Every command and its handler, in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.commands import (
    alerts,
    assignments,
    comments,
    definitions,
    extensions,
    fees,
    inbound,
    intake,
    moments,
    organisation,
    results,
    substitutions,
    tasks,
    withdrawal,
)

HANDLERS: dict[type, Callable[..., dict[str, Any]]] = {
    intake.StartDraft: intake.start_draft,
    intake.SaveDraft: intake.save_draft,
    intake.DiscardDraft: intake.discard_draft,
    intake.AttachUpload: intake.attach_upload,
    intake.FileDossier: intake.file_dossier,
    tasks.ClaimTask: tasks.claim_task,
    tasks.ReleaseTask: tasks.release_task,
    tasks.CompleteTask: tasks.complete_task,
    fees.BeginPayment: fees.begin_payment,
    fees.RecordPayment: fees.record_payment,
    fees.FinishRefund: fees.finish_refund,
    inbound.RecordAnswer: inbound.record_answer,
    inbound.RecordRefusal: inbound.record_refusal,
    inbound.DeferDelivery: inbound.defer_delivery,
    inbound.RetryDelivery: inbound.retry_delivery,
    moments.FireTimer: moments.fire_timer,
    moments.FailTimer: moments.fail_timer,
    results.HandOver: results.hand_over,
    assignments.AssignTask: assignments.assign_task,
    assignments.DelegateTask: assignments.delegate_task,
    assignments.ResolveTask: assignments.resolve_task,
    assignments.SetFollowUp: assignments.set_follow_up,
    assignments.SetPriority: assignments.set_priority,
    comments.AddComment: comments.add_comment,
    comments.WatchDossier: comments.watch_dossier,
    substitutions.EnterSubstitution: substitutions.enter_substitution,
    substitutions.RevokeSubstitution: substitutions.revoke_substitution,
    alerts.RecordLatenessReason: alerts.record_lateness_reason,
    withdrawal.WithdrawDossier: withdrawal.withdraw_dossier,
    withdrawal.StopDossier: withdrawal.stop_dossier,
    extensions.RequestExtension: extensions.request_extension,
    extensions.DecideExtension: extensions.decide_extension,
    definitions.DeployProcedure: definitions.deploy_procedure,
    organisation.AddUnit: organisation.add_unit,
    organisation.AddAccount: organisation.add_account,
}
