"""Every command and its handler, in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.commands import definitions, fees, inbound, intake, moments, organisation, results, tasks

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
    definitions.DeployProcedure: definitions.deploy_procedure,
    organisation.AddUnit: organisation.add_unit,
    organisation.AddAccount: organisation.add_account,
}
