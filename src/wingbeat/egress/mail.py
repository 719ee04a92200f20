"""Hands e-mail to an SMTP server: at a checked address, with TLS by its name, and with an answer to each recipient.

Until the text of the mail is on its way, a failure means that nothing was sent. From then on until the server's answer,
whatever breaks leaves open whether the mail goes out; the error says so (`uncertain`).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
from typing import TYPE_CHECKING, NamedTuple, Protocol

from wingbeat.core.errors import StepError
from wingbeat.egress.kinds import SmtpConfig
from wingbeat.egress.sockets import tls_failed
from wingbeat.egress.vault import Step
from wingbeat.sdk.letter import check, compose, message_id, parse_address
from wingbeat.sdk.mail import Delivery, RefusedRecipient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import datetime
    from email.headerregistry import Address

    from aiosmtplib import SMTP

    from wingbeat.egress.sockets import Sockets
    from wingbeat.egress.vault import Opened, Vault
    from wingbeat.sdk.letter import Letter

STARTTLS, TLS, NO_TLS = "starttls", "tls", "none"
TEMPORARY = range(400, 500)
KNOWN_WAYS = frozenset({"cram-md5", "plain", "login"})
LAST_REFUSAL = 600
GOODBYE_SECONDS = 1.0
EXCERPT = 300
HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class MailServer(NamedTuple):
    """What a connection of kind `smtp` says. `tls` is `starttls`, `tls` or `none`; `sender` the usual From."""

    host: str
    port: int
    tls: str = STARTTLS
    user: str = ""
    password: str = ""
    sender: str = ""


class Mailer:
    """The client. A mail has a connection of its own: servers count mails by connection, and hang up on idle ones."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets

    async def send(self, server: MailServer, letter: Letter, *, key: str, date: datetime, seconds: float) -> Delivery:
        """Check the letter and send it; `seconds` holds for all of it.

        Raises:
            StepError: what `wingbeat.sdk.letter.check` raises, `MAIL_SENDER_MISSING`,
                `MAIL_TLS_MISSING`, `MAIL_AUTHENTICATION_FAILED`,
                `MAIL_PASSWORD_UNPROTECTED`, `MAIL_SENDER_REFUSED`, `MAIL_RECIPIENTS_REFUSED`, `MAIL_REFUSED`,
                `EGRESS_ADDRESS_REFUSED`, `EGRESS_NAME_UNKNOWN`, `EGRESS_CONNECTION_FAILED`, `EGRESS_TLS_FAILED`,
                `EGRESS_TIMEOUT` or `EGRESS_RESPONSE_INVALID`.
        """
        checked = check(letter)
        sender = checked.sender or _usual_sender(server)
        identifier = message_id(key, sender.domain)
        # Megabytes of attachments take a while to encode, and other steps run in this thread.
        message = await asyncio.to_thread(lambda: compose(checked, sender, identifier, date).as_bytes())
        progress = _Progress()
        async with self._session(server, seconds, progress) as client:
            await _name_sender(client, sender.addr_spec, len(message))
            refused = await _name_recipients(client, checked.recipients)
            progress.begun = True
            answer = await client.data(message)
            progress.begun = False
        names = {one.address for one in refused}
        accepted = tuple(one for one in checked.recipients if one not in names)
        return Delivery(identifier, accepted, tuple(refused), _readable(f"{answer.code} {answer.message}"))

    async def try_out(self, server: MailServer, seconds: float) -> None:
        """Connect and sign in, and send nothing; raises as `send` does."""
        async with self._session(server, seconds, _Progress()) as client:
            await client.noop()

    @contextlib.asynccontextmanager
    async def _session(self, server: MailServer, seconds: float, progress: _Progress) -> AsyncIterator[SMTP]:
        """A connection that is signed in; what breaks inside is told as a `StepError`."""
        client: SMTP | None = None
        with _told_as_step_error(server, progress, seconds):
            try:
                async with asyncio.timeout(seconds):
                    client = await self._connect(server, seconds)
                    yield client
                await _say_goodbye(client)
            finally:
                if client is not None:
                    _hang_up(client)

    async def _connect(self, server: MailServer, seconds: float) -> SMTP:
        import aiosmtplib  # noqa: PLC0415 - loaded with the first mail

        opened = await self._sockets.connect(server.host, server.port)
        if server.tls == NO_TLS and server.password and not self._sockets.is_own_network(opened):
            opened.close()
            raise StepError(
                f"The password for {server.host} would go through the internet as plain text.",
                code="MAIL_PASSWORD_UNPROTECTED",
                remedy="Set the connection's 'tls' to 'starttls' or 'tls'.",
            )
        client = aiosmtplib.SMTP(
            hostname=server.host,
            sock=opened,
            timeout=seconds,
            use_tls=server.tls == TLS,
            start_tls=False,
            tls_context=self._sockets.tls(server.host) if server.tls != NO_TLS else None,
            local_hostname=_own_name(),
        )
        try:
            await client.connect()
            if server.tls == STARTTLS:
                await _start_tls(client, server)
            if server.user:
                await _sign_in(client, server)
        except BaseException:
            _hang_up(client)
            opened.close()
            raise
        return client


async def _start_tls(client: SMTP, server: MailServer) -> None:
    await client.ehlo()
    if not client.supports_extension("starttls"):
        raise StepError(
            f"{server.host} does not offer to go on in TLS.",
            code="MAIL_TLS_MISSING",
            remedy="Set the connection's 'tls' to what the server speaks; port 465 is usually 'tls'.",
        )
    await client.starttls()


async def _sign_in(client: SMTP, server: MailServer) -> None:
    await client.ehlo()
    if not set(client.server_auth_methods) & KNOWN_WAYS:
        raise StepError(
            f"{server.host} offers no way to sign in that is known here.",
            code="MAIL_AUTHENTICATION_FAILED",
            remedy="Leave the connection's user empty, or set its 'tls'; many servers let users in with TLS only.",
        )
    await client.login(server.user, server.password)


class StepMail:
    """The mail tool of one step."""

    def __init__(self, mailer: Mailer, vault: Vault, step: MailStep) -> None:
        self._mailer = mailer
        self._vault = vault
        self._step = step

    async def send(self, connection: str, letter: Letter, *, timeout_seconds: float = 30.0, part: str = "") -> Delivery:
        """Hand the letter to the connection's server; see `wingbeat.sdk.mail.Mail`."""
        step = self._step
        key = f"{step.idempotency_key}\n{part}" if part else step.idempotency_key
        async with self._vault.use(connection, step, ("smtp",)) as opened:
            delivery = await self._mailer.send(
                server_of(opened), letter, key=key, date=step.now, seconds=timeout_seconds
            )
            # What the server says about it was cut to length already.
            hide = opened.scrubber.scrub_cut
            refused = tuple(one._replace(reason=hide(one.reason)) for one in delivery.refused)
            return delivery._replace(refused=refused, response=hide(delivery.response))


def server_of(opened: Opened) -> MailServer:
    """What a connection of the kind `smtp` says."""
    config = opened.config_as(SmtpConfig)
    opened.require_host(config.host)
    password = opened.reveal("password") or ""
    return MailServer(config.host, config.port, config.security, config.username or "", password, config.sender or "")


class MailStep(Step, Protocol):
    """The step on whose behalf a mail is sent; the sdk's `Context` is one."""

    @property
    def idempotency_key(self) -> str:
        """The same for every try of the step."""
        ...

    @property
    def now(self) -> datetime:
        """When the step began."""
        ...


class _Progress:
    """Whether the text of the mail may be on its way while nobody has answered for it."""

    begun = False


@contextlib.contextmanager
def _told_as_step_error(server: MailServer, progress: _Progress, seconds: float) -> Iterator[None]:
    import aiosmtplib  # noqa: PLC0415 - loaded with the first mail

    try:
        yield
    except aiosmtplib.SMTPAuthenticationError as error:
        # Not what the server says: it has just seen the password, and may repeat it.
        raise StepError(
            f"{server.host} does not let '{server.user}' in ({error.code}).",
            code="MAIL_AUTHENTICATION_FAILED",
            remedy="Check the connection's user and password; some providers want a password made for programs.",
            retryable=error.code in TEMPORARY,
        ) from None
    except aiosmtplib.SMTPResponseException as error:
        raise _refusal(server, error.code, error.message, progress) from error
    except (TimeoutError, aiosmtplib.SMTPTimeoutError) as error:
        raise _broken(server, "EGRESS_TIMEOUT", f"did not answer within {seconds:g} seconds", progress) from error
    except (OSError, aiosmtplib.SMTPException) as error:
        cause = error.__cause__ or error
        if isinstance(cause, ssl.SSLError):
            raise tls_failed(server.host, cause) from error
        why = f"broke the connection: {_readable(str(error)) or type(error).__name__}"
        raise _broken(server, "EGRESS_CONNECTION_FAILED", why, progress) from error


async def _name_sender(client: SMTP, sender: str, size: int) -> None:
    import aiosmtplib  # noqa: PLC0415 - loaded by now

    options = [f"size={size}"] if client.supports_extension("size") else []
    try:
        await client.mail(sender, options=options)
    except aiosmtplib.SMTPSenderRefused as error:
        raise StepError(
            f"The server does not take mail from '{sender}': {_readable(error.message)}",
            code="MAIL_SENDER_REFUSED",
            remedy="Use the address that the connection's user may send from.",
            details={"status": error.code, "sender": sender},
            retryable=error.code in TEMPORARY,
        ) from error


async def _name_recipients(client: SMTP, recipients: tuple[str, ...]) -> list[RefusedRecipient]:
    """Those whom the server refuses; raises when that is everybody."""
    import aiosmtplib  # noqa: PLC0415 - loaded by now

    refused: list[RefusedRecipient] = []
    for recipient in recipients:
        try:
            await client.rcpt(recipient)
        except aiosmtplib.SMTPRecipientRefused as error:
            refused.append(RefusedRecipient(recipient, error.code, _readable(error.message)))
    if len(refused) < len(recipients):
        return refused
    raise StepError(
        f"The server takes the mail for none of its {len(recipients)} recipients; of the first it says: "
        f"{refused[0].reason}",
        code="MAIL_RECIPIENTS_REFUSED",
        remedy="Check the addresses.",
        details={"refused": [one._asdict() for one in refused]},
        retryable=all(one.status in TEMPORARY for one in refused),
    )


async def _say_goodbye(client: SMTP) -> None:
    """The mail is delivered by now, so it does not matter what comes of this."""
    import aiosmtplib  # noqa: PLC0415 - loaded by now

    with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
        await client.quit(timeout=GOODBYE_SECONDS)


def _refusal(server: MailServer, status: int, text: str, progress: _Progress) -> StepError:
    if not TEMPORARY.start <= status < LAST_REFUSAL:
        why = f"does not speak SMTP: {_readable(text)}"
        return _broken(server, "EGRESS_RESPONSE_INVALID", why, progress)
    return StepError(
        f"{server.host} refused the mail ({status}): {_readable(text)}",
        code="MAIL_REFUSED",
        remedy="The server says why; a 4.. may pass with time, a 5.. will not.",
        details={"status": status},
        retryable=status in TEMPORARY,
    )


def _broken(server: MailServer, code: str, why: str, progress: _Progress) -> StepError:
    known = " It may have taken the mail all the same." if progress.begun else ""
    return StepError(
        f"The mail server {server.host}:{server.port} {why}.{known}",
        code=code,
        remedy="Check the connection's host, port and 'tls' (465 is usually 'tls', 587 'starttls'), or try later.",
        retryable=True,
        uncertain=progress.begun,
    )


def _hang_up(client: SMTP) -> None:
    """At once, for closing in TLS would wait for the other side's goodbye."""
    transport = client.transport
    # One that is closed already has nothing left to abort, and in Python before 3.11.5 says so with an error.
    if isinstance(transport, asyncio.WriteTransport) and not transport.is_closing():
        transport.abort()
    client.close()


def _usual_sender(server: MailServer) -> Address:
    if not server.sender:
        raise StepError(
            "Nobody says who the mail is from.",
            code="MAIL_SENDER_MISSING",
            remedy="Set the node's 'from', or the connection's 'sender'.",
            details={"parameter": "from"},
        )
    return parse_address("from", server.sender)


def _readable(text: str) -> str:
    """What a server said, on one line, within bounds, and without half characters."""
    whole = text.encode("utf-8", "replace").decode()
    return " ".join("".join(one if one.isprintable() else " " for one in whole[:EXCERPT]).split())


def _own_name() -> str:
    """How this machine calls itself to servers."""
    name = socket.gethostname()
    return name if HOST_NAME.fullmatch(name) else "localhost"
