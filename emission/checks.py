"""What the current account's provider really answers, found out by calls that change nothing there.

Much of a provider's contract is known from other programs only. docs/emission.md has the list of what to verify before
going live; here is the part that calls can answer.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from tortoise.connection import get_connection

from db import models, tenant
from emission.ports import outcome_of, unavailable
from emission.rows import KEY, key_of
from pac.emission import Adapter, Evidence, Folios, Found, NotFound, Unavailable
from rules.fiscal.document import DocumentKey
from rules.vocabulary import BlockedReason, DocumentType

NEVER_USED: Final = "9999999999"  # the last number that there is


class Verdict(StrEnum):
    AS_EXPECTED = "ok"
    UNEXPECTED = "unexpected"
    NOT_TRIED = "not tried"
    LACKING = "lacking"


@dataclass(frozen=True)
class Check:
    """A line of the list of docs/emission.md, and what the provider answered."""

    name: str
    verdict: Verdict
    found: str


class Authorised(NamedTuple):
    """A document that the provider must have."""

    key: DocumentKey
    cufe: str


ISSUER: Final = "data of the account"
FOLIOS: Final = "credentials and folios"
UNKNOWN_DOCUMENT: Final = "a document that isn't there"
KNOWN_DOCUMENT: Final = "a document that is there"
XML: Final = "its XML"
PDF: Final = "its PDF"
NAMES: Final = (ISSUER, FOLIOS, UNKNOWN_DOCUMENT, KNOWN_DOCUMENT, XML, PDF)

_NONE_YET: Final = "no document has been authorised at this provider yet: issue one, then try again"


def judge_issuer(lacking: Iterable[str]) -> Check:
    """Whether the account has what its invoices must say of it; ``lacking`` says what is missing."""
    lines = " ".join(lacking)
    if lines:
        return Check(ISSUER, Verdict.LACKING, lines)
    return Check(ISSUER, Verdict.AS_EXPECTED, "RUC, DV and type of taxpayer are known, and it invoices electronically")


async def check_provider(adapter: Adapter, provider: str, seconds: float) -> AsyncIterator[Check]:
    """Ask the provider, each call for so many seconds at most. Without credentials nothing else is asked."""
    folios = await outcome_of(adapter.count_folios(seconds), seconds, unavailable)
    yield _judge_folios(folios)
    if isinstance(folios, Unavailable):
        return
    if never_used := await _find_unused_key():
        yield await _check_unknown(adapter, never_used, seconds)
    known = await _find_authorised(provider)
    if known is None:
        for name in (KNOWN_DOCUMENT, XML, PDF):
            yield Check(name, Verdict.NOT_TRIED, _NONE_YET)
        return
    yield await _check_known(adapter, known, seconds)
    yield await _check_xml(adapter, known, seconds)
    yield await _check_pdf(adapter, known, seconds)


_REFUSALS: Final[Mapping[BlockedReason | None, str]] = {
    BlockedReason.CREDENTIALS: "the credentials are refused",
    BlockedReason.CERTIFICATE: "the certificate is refused",
}


def _judge_folios(folios: Folios | Unavailable) -> Check:
    if isinstance(folios, Unavailable):
        return _unexpected(FOLIOS, folios.evidence, _REFUSALS.get(folios.reason, "no usable answer"))
    parts = [f"Documents left: {folios.available}, used: {folios.used}, of {folios.total}."]
    if folios.licence_until:
        parts.append(f"The licence ends {folios.licence_until}.")
    return Check(FOLIOS, Verdict.AS_EXPECTED, " ".join(parts))


async def _check_unknown(adapter: Adapter, key: DocumentKey, seconds: float) -> Check:
    """Whether "not found" is understood: otherwise a document whose answer was lost would never be sent again."""
    outcome = await outcome_of(adapter.look(key, seconds), seconds, unavailable)
    if isinstance(outcome, NotFound):
        return Check(UNKNOWN_DOCUMENT, Verdict.AS_EXPECTED, f"not found: {_said(outcome.evidence)}")
    if isinstance(outcome, Found):
        return Check(UNKNOWN_DOCUMENT, Verdict.UNEXPECTED, f"there is a document {key.number}: {outcome.cufe}")
    return _unexpected(UNKNOWN_DOCUMENT, outcome.evidence, "this isn't read as “not found”")


async def _check_known(adapter: Adapter, known: Authorised, seconds: float) -> Check:
    outcome = await outcome_of(adapter.look(known.key, seconds), seconds, unavailable)
    if not isinstance(outcome, Found):
        return _unexpected(KNOWN_DOCUMENT, outcome.evidence, f"{known.key.number} isn't found")
    if outcome.cufe != known.cufe or outcome.is_voided:
        state = "void" if outcome.is_voided else f"another one, {outcome.cufe}"
        return Check(KNOWN_DOCUMENT, Verdict.UNEXPECTED, f"{known.key.number} is {state}")
    return Check(KNOWN_DOCUMENT, Verdict.AS_EXPECTED, f"{known.key.number} is found: {_said(outcome.evidence)}")


async def _check_xml(adapter: Adapter, known: Authorised, seconds: float) -> Check:
    outcome = await outcome_of(adapter.fetch_xml(known.key, known.cufe, seconds), seconds, unavailable)
    if isinstance(outcome, Unavailable):
        return _unexpected(XML, outcome.evidence, "it isn't given out")
    contents = adapter.read_xml(outcome.content)
    if contents is None or contents.cufe != known.cufe:
        return Check(XML, Verdict.UNEXPECTED, f"{len(outcome.content)} bytes that aren't the document's XML")
    has = {"protocol": contents.protocol, "QR": contents.qr, "time of the authorisation": contents.authorized_at}
    told = ", ".join(f"{name} {'in it' if value else 'missing'}" for name, value in has.items())
    return Check(XML, Verdict.AS_EXPECTED, f"{len(outcome.content)} bytes; {told}")


async def _check_pdf(adapter: Adapter, known: Authorised, seconds: float) -> Check:
    outcome = await outcome_of(adapter.fetch_pdf(known.key, known.cufe, seconds), seconds, unavailable)
    if isinstance(outcome, Unavailable):
        return _unexpected(PDF, outcome.evidence, "it isn't given out")
    return Check(PDF, Verdict.AS_EXPECTED, f"{len(outcome.content)} bytes")


def _unexpected(name: str, evidence: Evidence, what: str) -> Check:
    return Check(name, Verdict.UNEXPECTED, ": ".join(filter(None, (what, _said(evidence)))))


def _said(evidence: Evidence) -> str:
    """In one line of a terminal: what a provider says may have anything in it."""
    words = " ".join(filter(None, (evidence.code, evidence.message)))
    return " ".join("".join(each if each.isprintable() else " " for each in words).split())[:300]


async def _find_unused_key() -> DocumentKey | None:
    """A key of the account under which there can be no document yet."""
    account: UUID = tenant.current_account()
    point = await models.BillingPoint.filter(account_id=account).order_by("branch", "code").first()
    if point is None:
        return None
    key = DocumentKey(branch=point.branch, billing_point=point.code, number=NEVER_USED, type=DocumentType.INVOICE)
    used = await models.Document.exists(
        account_id=account, branch=key.branch, billing_point=key.billing_point, number=key.number
    )
    return None if used else key


async def _find_authorised(provider: str) -> Authorised | None:
    """The last document of the account that this provider has and that is still valid."""
    _, rows = await get_connection("default").execute_query(_FIND, [tenant.current_account(), provider])
    return Authorised(key_of(rows[0]), rows[0]["cufe"]) if rows else None


_FIND: Final = f"""
    SELECT e.cufe, {KEY} FROM emission e JOIN document d ON d.account_id = $1 AND d.id = e.document_id
    WHERE e.account_id = $1 AND e.provider = $2 AND e.status = 'AUTHORIZED'
    ORDER BY e.authorized_at DESC LIMIT 1
"""
