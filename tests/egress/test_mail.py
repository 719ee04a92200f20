"""Mail: to a real server on this machine, and to several that do not keep to the rules."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from tests.rig.certificate import Certificate, make_certificate
from tests.rig.connections import KEYS, put_connection
from tests.rig.ownership import put_step

from wingbeat.core.errors import StepError
from wingbeat.core.json_value import JsonObject
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.mail import EXCERPT, Mailer, MailServer, StepMail
from wingbeat.egress.sockets import Sockets
from wingbeat.egress.vault import Vault
from wingbeat.sdk.letter import Attachment, Letter
from wingbeat.sdk.mail import Delivery
from wingbeat.storage.pool import Database

NAME = "mail.example.com"
LONG_PASSWORD = "a-password-of-many-characters/and+signs"  # noqa: S105 - a test's own
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LETTER = Letter(to=["ada@example.com"], subject="Hello", text="How are you?", sender="me@example.com")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """For mail.example.com."""
    return make_certificate(tmp_path_factory.mktemp("certificate"), NAME)


@dataclass
class Postbox:
    """Keeps what arrives; `answers` are what it says to recipients, and to the mail (`DATA`)."""

    answers: dict[str, str] = field(default_factory=dict)
    envelopes: list[Any] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: ANN401, N802 - aiosmtpd's hook
        """Take a recipient, or not."""
        if (refusal := self.answers.get(address)) is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802 - aiosmtpd's hook
        """Take the mail, or not."""
        self.envelopes.append(envelope)
        return self.answers.get("DATA", "250 kept")

    def let_in(self, _server: Any, _session: Any, _envelope: Any, _how: str, data: LoginPassword) -> AuthResult:  # noqa: ANN401 - aiosmtpd's hook
        """One user, one password."""
        self.users.append(data.login.decode())
        return AuthResult(success=(data.login, data.password) == (b"me", b"secret"), handled=False)

    def message(self) -> EmailMessage:
        """The last mail that came in."""
        read = email.message_from_bytes(self.envelopes[-1].content, policy=email.policy.default)
        assert isinstance(read, EmailMessage)
        return read


@asynccontextmanager
async def serving(
    box: Postbox, *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None
) -> AsyncIterator[Postbox]:
    """An SMTP server on 127.0.0.1 that lets nobody send who does not sign in where it speaks TLS."""
    loop = asyncio.get_running_loop()
    made: list[SMTP] = []

    def protocol() -> SMTP:
        server = SMTP(
            box,
            hostname=NAME,
            loop=loop,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=box.let_in,
            auth_require_tls=starttls is not None,
            data_size_limit=30_000_000,
        )
        made.append(server)
        return server

    listener = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
    box.port = listener.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        listener.close()
        for one in made:
            if isinstance(one.transport, asyncio.WriteTransport) and not one.transport.is_closing():
                one.transport.abort()
        await asyncio.sleep(0)


@asynccontextmanager
async def speaking(
    script: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """A server that does what the test says; its port."""
    tasks: list[asyncio.Task[None]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.append(task)
        try:
            await script(reader, writer)
        except (asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.transport.abort()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)


def to(*addresses: str) -> Callable[[str, int], Awaitable[Iterable[str]]]:
    """A name service that gives these for every name."""

    async def resolve(_host: str, _port: int) -> list[str]:
        return list(addresses)

    return resolve


def mailer(authority: Path | None = None, *, allow_private: bool = True) -> Mailer:
    """One that finds every name on this machine."""
    trusted = None if authority is None else str(authority)
    return Mailer(Sockets(Addresses(allow_private=allow_private, resolve=to("127.0.0.1")), trusted))


def plain(port: int, **more: Any) -> MailServer:  # noqa: ANN401 - fields of a server
    """A server without TLS."""
    return MailServer(NAME, port, **{"tls": "none", "sender": "workflow@example.com", **more})


async def send(
    server: MailServer, letter: Letter = LETTER, sender: Mailer | None = None, seconds: float = 60
) -> Delivery:
    """Send a letter as a step does."""
    return await (sender or mailer()).send(server, letter, key="execution:node:", date=WHEN, seconds=seconds)


async def failure(
    server: MailServer, letter: Letter = LETTER, sender: Mailer | None = None, seconds: float = 60
) -> StepError:
    """The error that sending ends in."""
    with pytest.raises(StepError) as caught:
        await send(server, letter, sender, seconds)
    assert caught.value.remedy
    return caught.value


async def test_a_letter_arrives_whole() -> None:
    """Every field is where it belongs; blind copies are on the envelope only."""
    letter = Letter(
        to=["Ada Lovelace <ada@example.com>", "grace@example.com"],
        cc=["kä <c@bücher.example>"],
        bcc=["quiet@example.com", "ada@example.com"],
        reply_to=["answers@example.com"],
        subject="Grüße 🐦",
        text="Täglich",
        html='<p>Täglich</p><img src="cid:bird">',
        headers={"X-Order": "7", "References": "<a@b>"},
        attachments=[
            Attachment("bird.png", "image/png", b"\x89PNG", "bird"),
            Attachment("Rechnung März.pdf", "application/pdf", b"%PDF"),
        ],
    )
    async with serving(Postbox()) as box:
        delivery = await send(plain(box.port), letter)
    message, envelope = box.message(), box.envelopes[0]
    assert envelope.mail_from == "workflow@example.com"
    assert envelope.rcpt_tos == ["ada@example.com", "grace@example.com", "c@xn--bcher-kva.example", "quiet@example.com"]
    assert list(delivery.accepted) == envelope.rcpt_tos
    assert message["To"] == "Ada Lovelace <ada@example.com>, grace@example.com"
    assert (message["Cc"].addresses[0].display_name, message["Bcc"]) == ("kä", None)
    assert (message["Subject"], message["Reply-To"], message["X-Order"]) == ("Grüße 🐦", "answers@example.com", "7")
    assert message["Date"].datetime == WHEN
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert (text and text.get_content().strip(), html and "cid:bird" in html.get_content()) == ("Täglich", True)
    assert [one.get_filename() for one in message.iter_attachments()] == ["Rechnung März.pdf"]
    assert b"\x89PNG" in [part.get_payload(decode=True) for part in message.walk()]
    assert max(len(line) for line in envelope.content.split(b"\r\n")) <= 998


async def test_a_repeated_mail_can_be_told() -> None:
    """Two tries of one step have one Message-ID, another step another."""
    async with serving(Postbox()) as box:
        first, again = await send(plain(box.port)), await send(plain(box.port))
        other = await mailer().send(plain(box.port), LETTER, key="other", date=WHEN, seconds=60)
    assert first.message_id == again.message_id != other.message_id
    assert [message.mail_from for message in box.envelopes] == ["me@example.com"] * 3
    assert box.message()["Message-ID"] == other.message_id


@pytest.mark.parametrize("how", ["tls", "starttls"])
async def test_tls_goes_by_the_name(how: str, certificate: Certificate) -> None:
    """A password goes to a server with the right certificate, and to no other, though we connect to an address."""
    async with serving(Postbox(), **{how: certificate.server()}) as box:
        server = MailServer(NAME, box.port, how, "me", "secret")
        if how == "starttls":
            await send(server, sender=mailer(certificate.certificate))
        await mailer(certificate.certificate).try_out(server._replace(user=""), 20)
        wrong_name = await failure(server._replace(host="evil.example.com"), sender=mailer(certificate.certificate))
        stranger = await failure(server)
    assert [wrong_name.code, stranger.code] == ["EGRESS_TLS_FAILED"] * 2
    assert box.users == (["me"] if how == "starttls" else [])


async def test_a_wrong_password_is_no_reason_to_try_again(certificate: Certificate) -> None:
    """The error says so, and does not hold the password."""
    async with serving(Postbox(), starttls=certificate.server()) as box:
        server = MailServer(NAME, box.port, "starttls", "me", "hunter2")
        error = await failure(server, sender=mailer(certificate.certificate))
    assert (error.code, error.retryable) == ("MAIL_AUTHENTICATION_FAILED", False)
    assert "hunter2" not in str(error.to_json())


async def test_a_server_without_tls_gets_nothing() -> None:
    """Where the connection wants STARTTLS and the server has none, no mail and no password go out."""
    async with serving(Postbox()) as box:
        error = await failure(MailServer(NAME, box.port, "starttls", "me", "secret"))
    assert (error.code, box.users, box.envelopes) == ("MAIL_TLS_MISSING", [], [])


async def test_some_refused_recipients_are_told() -> None:
    """Who was refused and why comes with the delivery; the others have the mail."""
    async with serving(Postbox({"b@example.com": "550 no such user"})) as box:
        delivery = await send(plain(box.port), LETTER._replace(to=["a@example.com", "b@example.com"]))
    assert (list(delivery.accepted), [tuple(one) for one in delivery.refused]) == (
        ["a@example.com"],
        [("b@example.com", 550, "no such user")],
    )


@pytest.mark.parametrize(("answer", "retryable"), [("550 no such user", False), ("451 come back later", True)])
async def test_when_all_are_refused_nothing_is_sent(answer: str, retryable: bool) -> None:
    """A temporary refusal is worth another try."""
    async with serving(Postbox({"ada@example.com": answer})) as box:
        error = await failure(plain(box.port))
    assert (error.code, error.retryable, error.uncertain) == ("MAIL_RECIPIENTS_REFUSED", retryable, False)
    assert box.envelopes == []


@pytest.mark.parametrize(("answer", "retryable"), [("554 spam", False), ("421 shutting down", True)])
async def test_a_refused_mail_is_certain(answer: str, retryable: bool) -> None:
    """The server answered, so nobody need wonder."""
    async with serving(Postbox({"DATA": answer})) as box:
        error = await failure(plain(box.port))
    assert (error.code, error.retryable, error.uncertain) == ("MAIL_REFUSED", retryable, False)


async def dialogue(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take everything up to the end of a mail's text."""
    writer.write(b"220 here\r\n")
    while not (line := await reader.readline()).upper().startswith(b"DATA"):
        assert line
        writer.write(b"250 fine\r\n")
    writer.write(b"354 go on\r\n")
    await reader.readuntil(b"\r\n.\r\n")


async def test_without_an_answer_to_the_mail_its_fate_is_unknown() -> None:
    """It may have been taken when the server hangs up or falls silent after the text."""

    async def fall_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await dialogue(reader, writer)
        await reader.read()

    async with speaking(dialogue) as hangs_up, speaking(fall_silent) as silent:
        errors = [await failure(plain(hangs_up)), await failure(plain(silent), seconds=1)]
    assert [error.code for error in errors] == ["EGRESS_CONNECTION_FAILED", "EGRESS_TIMEOUT"]
    assert [(error.retryable, error.uncertain) for error in errors] == [(True, True)] * 2


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Say nothing."""
    await reader.read()


async def slow(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say little, and never come to an end."""
    while True:
        writer.write(b"2")
        await writer.drain()
        await asyncio.sleep(0.01)


async def rubbish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak something else."""
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await reader.read()


async def endless(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say much, and never come to an end."""
    while True:
        writer.write(b"220-" + b"x" * 400 + b"\r\n")
        await writer.drain()


async def hangs_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """End in the middle of a word."""
    writer.write(b"220 he")


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (silent, "EGRESS_TIMEOUT"),
        (slow, "EGRESS_TIMEOUT"),
        (rubbish, "EGRESS_RESPONSE_INVALID"),
        (endless, "EGRESS_RESPONSE_INVALID"),
        (hangs_up, "EGRESS_CONNECTION_FAILED"),
    ],
)
async def test_bad_servers_end_in_an_error_before_anything_is_sent(
    script: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], code: str
) -> None:
    """Typed, in time, and certain."""
    async with speaking(script) as port:
        error = await failure(plain(port), seconds=1)
    assert (error.code, error.retryable, error.uncertain) == (code, True, False)


async def test_no_mail_goes_into_the_own_network_unless_allowed() -> None:
    """The address is checked before anything connects."""
    async with serving(Postbox()) as box:
        error = await failure(plain(box.port), sender=mailer(allow_private=False))
    assert error.code == "EGRESS_ADDRESS_REFUSED"


async def test_nobody_there() -> None:
    """A closed port is an error that another try may mend."""
    async with serving(Postbox()) as box:
        pass
    error = await failure(plain(box.port))
    assert (error.code, error.retryable, error.uncertain) == ("EGRESS_CONNECTION_FAILED", True, False)


async def test_a_step_sends_through_its_connection(database: Database, certificate: Certificate) -> None:
    """User, password and sender are the connection's, and the Message-ID the step's; the use is recorded."""
    async with serving(Postbox(), starttls=certificate.server()) as box:
        config: JsonObject = {"host": NAME, "port": box.port, "username": "me", "sender": "shop@example.com"}
        connection = await put_connection(database, "smtp", config, {"password": "secret"})
        context = await put_step(database, idempotency_key="execution:mail:")
        tool = StepMail(mailer(certificate.certificate), Vault(database, KEYS), context)
        first = await tool.send(str(connection), LETTER._replace(sender=""))
        again = await tool.send(str(connection), LETTER._replace(sender=""))
    assert ([envelope.mail_from for envelope in box.envelopes], box.users) == (["shop@example.com"] * 2, ["me"] * 2)
    assert first.message_id == again.message_id == box.message()["Message-ID"]
    assert await database.pool.fetchval("SELECT count(*) FROM audit_log") == 2


async def test_a_server_that_repeats_the_password_shows_nothing(database: Database, certificate: Certificate) -> None:
    """Neither in what it says of a mail that it took, nor of a recipient, nor where that is cut in the middle of it."""
    password = "secret"  # noqa: S105 - the one that the server knows
    answers = {"DATA": f"250 kept for {password}", "eve@example.com": f"550 not with {password}"}
    letter = LETTER._replace(to=["ada@example.com", "eve@example.com"])
    async with serving(Postbox(answers), starttls=certificate.server()) as box:
        config: JsonObject = {"host": NAME, "port": box.port, "username": "me"}
        connection = await put_connection(database, "smtp", config, {"password": password})
        tool = StepMail(mailer(certificate.certificate), Vault(database, KEYS), await put_step(database))
        delivery = await tool.send(str(connection), letter)
    assert (delivery.response, delivery.refused[0].reason) == ("250 kept for ***", "not with ***")
    box = Postbox({"DATA": f"554 {'x' * (EXCERPT - 12)}{LONG_PASSWORD}"})
    async with serving(box) as box:
        config = {"host": NAME, "port": box.port, "security": "none"}
        connection = await put_connection(database, "smtp", config, {"password": LONG_PASSWORD})
        with pytest.raises(StepError) as caught:
            await StepMail(mailer(), Vault(database, KEYS), await put_step(database)).send(str(connection), LETTER)
    assert caught.value.code == "MAIL_REFUSED"
    assert LONG_PASSWORD[:8] not in caught.value.message


async def test_a_connection_of_another_kind_is_refused(database: Database) -> None:
    """And one without a sender, if the mail has none either."""
    basic = await put_connection(database, "basic", {"username": "me"}, {"password": "x"}, allowed_hosts=["a.example"])
    nobody = await put_connection(database, "smtp", {"host": NAME, "port": 25, "security": "none"})
    tool = StepMail(mailer(), Vault(database, KEYS), await put_step(database))
    codes = []
    for connection in (basic, nobody):
        with pytest.raises(StepError) as caught:
            await tool.send(str(connection), LETTER._replace(sender=""))
        codes.append(caught.value.code)
    assert codes == ["CONNECTION_WRONG_KIND", "MAIL_SENDER_MISSING"]
