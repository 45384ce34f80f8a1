"""The table of routes: everything the interface offers. Addresses, checks and the OpenAPI document are made from it."""

from __future__ import annotations

from webapp import rates
from webapp.screens.api import access, charges, document, dossiers, drafts, procedures, signatures, tasks
from webapp.screens.api.route import JSON, MERGE_PATCH, MULTIPART, PDF, Body, Gives, Route

_PAGE = {
    "limit": "Rows of a page, 1 to 100; 25 when not given.",
    "after": "Cursor of the page before: its `page.after`.",
}
_ANY = "*/*"

ROUTES: tuple[Route, ...] = (
    Route(
        method="GET", path="/openapi.json", view=document.show, tag="interface", public=True,
        summary="This document", gives=Gives(schema="OpenApi"),
    ),
    Route(
        method="POST", path="/token", view=access.issue, tag="interface", public=True,
        summary="Get a bearer token for a machine", refuses=(401, 429),
        text="The token holds for eight hours; a new password ends it. Send it as `Authorization: Bearer …`.",
        body=Body(schema="Credentials"), gives=Gives(schema="Token"),
    ),
    Route(
        method="GET", path="/procedure", view=procedures.listed, tag="procedure", public=True,
        summary="List or search the procedures in force",
        query={"q": "Words to look for; tone marks do not matter.", **_PAGE}, gives=Gives(schema="ProcedureList"),
    ),
    Route(
        method="GET", path="/procedure/{code}", view=procedures.read, tag="procedure", public=True,
        summary="Read a procedure with its application form, papers, fees and time limits",
        gives=Gives(schema="Procedure"),
    ),
    Route(
        method="POST", path="/dossier", view=drafts.start, tag="draft", key=True, refuses=(404, 409, 502),
        summary="Start a draft of an application, prefilled from the registers",
        text="When the population register cannot be reached nothing is begun (503).",
        body=Body(schema="NewDraft"), gives=Gives(status=201, schema="Draft", etag=True, location=True),
    ),
    Route(
        method="GET", path="/draft/{draft}", view=drafts.read, tag="draft", summary="Read a draft",
        gives=Gives(schema="Draft", etag=True),
    ),
    Route(
        method="PATCH", path="/draft/{draft}", view=drafts.change, tag="draft", if_match="needed", refuses=(409,),
        summary="Change a draft", body=Body(schema="DraftChange", media=(JSON, MERGE_PATCH)),
        text="`data` is merged as RFC 7396 says. A locked field that differs from its register, an unknown field and "
        "a value of a wrong type are refused by name; other mistakes may stand until filing, listed under `errors`.",
        gives=Gives(schema="Draft", etag=True),
    ),
    Route(
        method="DELETE", path="/draft/{draft}", view=drafts.discard, tag="draft", if_match="optional", refuses=(409,),
        summary="Throw a draft away", gives=Gives(status=204),
    ),
    Route(
        method="POST", path="/draft/{draft}/document", view=drafts.attach, tag="draft", key=True, refuses=(409,),
        summary="Upload a paper for a draft", body=Body(schema="Upload", media=(MULTIPART,)),
        text="Put the id of the answer into the form's file field.", gives=Gives(status=201, schema="Uploaded"),
    ),
    Route(
        method="GET", path="/draft/{draft}/fee", view=drafts.fee, tag="draft", refuses=(409, 422),
        summary="Compute the fee by the procedure's decision table", gives=Gives(schema="Fee"),
    ),
    Route(
        method="POST", path="/draft/{draft}/submit", view=drafts.submit, tag="draft", key=True, if_match="optional",
        summary="File the draft as a dossier", body=Body(schema="Nothing", optional=True), refuses=(409,),
        gives=Gives(status=201, schema="Filed", location=True),
    ),
    Route(
        method="POST", path="/dossier/search", view=dossiers.search, tag="dossier", summary="Search dossiers",
        text="Finds only what the person may see: own dossiers, and those of the units the person works in or audits.",
        body=Body(schema="DossierSearch", optional=True), gives=Gives(schema="DossierList"),
    ),
    Route(
        method="GET", path="/dossier/{number}", view=dossiers.read, tag="dossier", summary="Read a dossier",
        gives=Gives(schema="Dossier", etag=True),
    ),
    Route(
        method="GET", path="/dossier/{number}/history", view=dossiers.history, tag="dossier",
        summary="Read the hash-chained history", gives=Gives(schema="History", etag=True),
    ),
    Route(
        method="GET", path="/dossier/{number}/result", view=dossiers.result, tag="dossier", refuses=(406,),
        summary="Download the signed result, or read its facts and signature reports",
        text="The applicant's first download of the file is recorded as the delivery of the result.",
        gives=Gives(schema="Result", files=(PDF,)),
    ),
    Route(
        method="GET", path="/dossier/{number}/document/{document}", view=dossiers.document, tag="dossier",
        summary="Download a document of a dossier", gives=Gives(files=(_ANY,)),
    ),
    Route(
        method="POST", path="/dossier/{number}/verify", view=dossiers.verify, tag="dossier",
        summary="Check chain, files and re-execution of a dossier (auditor)",
        body=Body(schema="Nothing", optional=True), gives=Gives(schema="Verdict"),
    ),
    Route(
        method="GET", path="/dossier/{number}/deadline", view=dossiers.deadline, tag="dossier",
        summary="Explain how the due moment comes about", gives=Gives(schema="Deadline", etag=True),
    ),
    Route(
        method="POST", path="/charge/{charge}/pay", view=charges.pay, tag="charge", key=True, refuses=(409,),
        summary="Begin to pay a charge", body=Body(schema="Nothing", optional=True),
        gives=Gives(status=201, schema="Payment"),
    ),
    Route(
        method="POST", path="/task/search", view=tasks.search, tag="task", summary="Search user tasks",
        body=Body(schema="TaskSearch", optional=True), gives=Gives(schema="TaskList"),
    ),
    Route(
        method="POST", path="/task/count", view=tasks.count, tag="task", summary="Count user tasks, up to 1000",
        body=Body(schema="TaskCount", optional=True), gives=Gives(schema="Count"),
    ),
    Route(
        method="GET", path="/task/{task}", view=tasks.read, tag="task",
        summary="Read a task with its form and prefilled data", gives=Gives(schema="Task", etag=True),
    ),
    Route(
        method="POST", path="/task/{task}/claim", view=tasks.claim, tag="task", if_match="optional", key=True,
        summary="Take a task", body=Body(schema="Nothing", optional=True), refuses=(409,),
        gives=Gives(schema="Held", etag=True),
    ),
    Route(
        method="POST", path="/task/{task}/unclaim", view=tasks.unclaim, tag="task", if_match="optional", key=True,
        summary="Give a task back", body=Body(schema="Nothing", optional=True), refuses=(409,),
        gives=Gives(schema="Held", etag=True),
    ),
    Route(
        method="POST", path="/task/{task}/complete", view=tasks.complete, tag="task", if_match="needed", key=True,
        summary="Complete a task with its form's data", body=Body(schema="Completion"), refuses=(409,),
        text="A task that is no longer open gives 409, told before 412 for one that is open but has changed.",
        gives=Gives(schema="Completed"),
    ),
    Route(
        method="POST", path="/task/{task}/document", view=tasks.attach, tag="task", key=True, refuses=(409,),
        summary="Upload a paper that an open task asks for", body=Body(schema="Upload", media=(MULTIPART,)),
        gives=Gives(status=201, schema="Uploaded"),
    ),
    Route(
        method="POST", path="/signature/verify", view=signatures.verify, tag="signature", public=True,
        summary="Check the signatures of a PDF", body=Body(schema="File", media=(PDF,)), rate=rates.VERIFYING,
        gives=Gives(schema="SignatureCheck"),
    ),
)  # fmt: skip
