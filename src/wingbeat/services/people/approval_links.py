"""Links by which one approver decides one question: signed, bound to both, and of no use after the question's time."""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.storage.secret_addresses import DECISION_PATH

if TYPE_CHECKING:
    from collections.abc import Iterable

PURPOSE = "approval-links"
ID_BYTES, TIME_BYTES, PERSON_BYTES, SIGNATURE_BYTES = 16, 6, 12, 32
CLAIM_BYTES = ID_BYTES + TIME_BYTES + PERSON_BYTES
LONGEST_TOKEN = 200


class Claim(NamedTuple):
    """What a link says: about which approval, by whom (as `person_of` has them), and until when (0: no end)."""

    approval_id: UUID
    person: bytes
    expires: int

    def names(self, approvers: Iterable[str]) -> str | None:
        """The approver that it was made for."""
        return next((one for one in approvers if hmac.compare_digest(person_of(one), self.person)), None)


@dataclass(frozen=True, slots=True)
class ApprovalLinks:
    """Makes links and reads them. The name of the approver is not in the link, so it is in no log of addresses."""

    key: bytes
    public_url: str

    def url(self, approval_id: UUID, approver: str, expires: float | None) -> str:
        """The whole address; `expires` in seconds since the epoch."""
        seconds = 0 if expires is None else max(1, int(expires))
        claim = approval_id.bytes + seconds.to_bytes(TIME_BYTES, "big") + person_of(approver)
        token = urlsafe_b64encode(claim + self._sign(claim)).rstrip(b"=").decode()
        return f"{self.public_url}{DECISION_PATH}/{token}"

    def read(self, token: str) -> Claim | None:
        """What a link says; None if it is not one of ours, letter by letter."""
        if len(token) > LONGEST_TOKEN or not token.isascii():
            return None
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        claim, signature = raw[:CLAIM_BYTES], raw[CLAIM_BYTES:]
        canonical = urlsafe_b64encode(raw).rstrip(b"=").decode()
        if len(claim) < CLAIM_BYTES or not hmac.compare_digest(signature, self._sign(claim)) or canonical != token:
            return None
        expires = int.from_bytes(claim[ID_BYTES : ID_BYTES + TIME_BYTES], "big")
        return Claim(UUID(bytes=claim[:ID_BYTES]), claim[ID_BYTES + TIME_BYTES :], expires)

    def _sign(self, claim: bytes) -> bytes:
        return hmac.digest(self.key, claim, "sha256")


def person_of(approver: str) -> bytes:
    """What stands for an approver in a link."""
    return hashlib.sha256(approver.encode("utf-8", "surrogatepass")).digest()[:PERSON_BYTES]
