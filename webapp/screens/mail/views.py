"""The demo's post office: the mails sent to the signed-in person's address. It does not exist in production."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from connectors.notify.sandbox import mails
from webapp import web

screen = Blueprint("mail", __name__, template_folder="templates")
#: Mails shown, the newest first.
_LIMIT = 50


@screen.get("/mail")
@web.needs_sign_in
def show() -> str:
    """The mails kept for one's own address."""
    sandboxes = web.product().sandboxes
    if web.product().settings.production or sandboxes is None:
        abort(404)
    address = web.signed_in().email
    kept = [mail for mail in mails(sandboxes.mail_folder, address) if mail.to.strip() == address] if address else []
    return render_template("mail/show.html", address=address, mails=kept[:_LIMIT], total=len(kept))
