"""Mail over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import make_msgid

from connectors.patience import hung_up
from engine.errors import ConnectorRefused, ConnectorUnavailable, Text
from engine.ports import Message

_READY = 220
_SYSTEM = Text(vi="Máy chủ thư", en="mail server")


class MailNotifier:
    """Port ``Notifier`` over SMTP, with STARTTLS and a log-in when they are configured.

    The certificate has to be that of the host, from an authority that the machine trusts (``SSL_CERT_FILE`` names
    others).
    """

    #: Seconds that the server may be silent, and that it has for everything together.
    patience, whole = 10.0, 30.0

    def __init__(
        self, *, host: str, port: int, sender: str, user: str = "", password: str = "", starttls: bool = False
    ) -> None:
        self._host, self._port, self._sender = host, port, sender
        self._user, self._password, self._starttls = user, password, starttls

    def send(self, message: Message) -> None:
        """Hand the mail over; returning means the server took it. The key becomes the Message-ID's left part."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, message.to, message.subject
        mail["Message-ID"] = make_msgid(idstring=message.key.replace("@", "."), domain="motcua.invalid")
        mail["X-Motcua-Key"] = message.key
        mail.set_content(message.body)
        for name, media_type, content in message.attachments:
            main, _, sub = media_type.partition("/")
            mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
        server = smtplib.SMTP(timeout=self.patience)
        try:
            with hung_up(lambda: server.sock, after=self.whole):
                self._hand_over(server, mail)
        except smtplib.SMTPRecipientsRefused as error:
            if not all(_for_good(code) for code, _ in error.recipients.values()):
                raise _away(error) from error
            why = Text(vi=f"địa chỉ bị từ chối: {message.to}", en=f"address refused: {message.to}")
            raise ConnectorRefused(system=_SYSTEM, why=why) from error
        except smtplib.SMTPSenderRefused as error:
            if not _for_good(error.smtp_code):
                raise _away(error) from error
            why = Text(vi=f"người gửi bị từ chối: {self._sender}", en=f"sender refused: {self._sender}")
            raise ConnectorRefused(system=_SYSTEM, why=why) from error
        except (smtplib.SMTPException, OSError) as error:
            raise _away(error) from error
        finally:
            server.close()

    def _hand_over(self, server: smtplib.SMTP, mail: EmailMessage) -> None:
        # Not connected by its making: the greeting, too, may come byte by byte.
        code, greeting = server.connect(self._host, self._port)
        if code != _READY:
            raise smtplib.SMTPConnectError(code, greeting)
        if self._starttls:
            server._host = self._host  # type: ignore[attr-defined]  # whose certificate it has to be
            server.starttls(context=ssl.create_default_context())
        if self._user:
            server.login(self._user, self._password)
        server.send_message(mail)
        with suppress(smtplib.SMTPException, OSError):  # it was taken: a farewell that fails must not send it again
            server.quit()


def _for_good(code: int) -> bool:
    """Whether a reply will be the same next time (RFC 5321, 4.2.1); 450 is how a server greets who is new to it."""
    return 500 <= code <= 599


def _away(error: Exception) -> ConnectorUnavailable:
    return ConnectorUnavailable(system=_SYSTEM, why=type(error).__name__)
