"""The acts of a claim: send, look, void. The intent is committed, then comes the act, then the result is committed."""

import asyncio
from dataclasses import replace
from typing import Final
from uuid import UUID

import structlog

from db import tenant
from db.errors import UNAVAILABLE
from emission import events, ownership, progress, reconciliation, states, store
from emission.events import Sight
from emission.ports import NO_PROVIDER, Clock, Compose, Provider, Tell, outcome_of, provider_of, unavailable
from emission.progress import Emission
from emission.settings import Settings
from emission.states import Act, Event, Step
from emission.store import Claim, Settled, Waiting
from pac.emission import (
    Authorized,
    Blocked,
    Evidence,
    File,
    FileContents,
    Found,
    LookOutcome,
    NotFound,
    NotSent,
    Rejected,
    SendOutcome,
    Unavailable,
    Unknown,
    VoidOutcome,
    VoidRefusedOrUnknown,
)
from rules.fiscal import cufe
from rules.fiscal.document import FiscalDocument
from rules.vocabulary import BlockedReason, FiscalStatus

_AGAIN_AFTER: Final = 1.0  # seconds, while the database can't take a result

log = structlog.get_logger()


class Acts:
    """Does what is due about the documents of the current account.

    ``compose`` reads a document in the form in which it is sent. ``tell`` is for an operator.
    """

    def __init__(
        self,
        settings: Settings,
        compose: Compose,
        clock: Clock,
        tell: Tell,
    ) -> None:
        self._settings = settings
        self._compose = compose
        self._clock = clock
        self._tell = tell

    async def handle(self, waiting: Waiting, provider: Provider | None) -> None:
        """Make one attempt at a document that is due."""
        row = waiting.row
        version = provider.version if provider else 0
        provider = provider_of(row.provider, row.environment, provider)
        is_sent = states.step(row.status, Event.CLAIM).effects.act is Act.SEND
        document = await self._read(row.document_id) if is_sent else None
        payload = None
        if is_sent and provider is not None and not waiting.is_written:
            payload = self._write(document, provider)
        if is_sent and (document is None or (provider is not None and not waiting.is_written and payload is None)):
            await self._settle_unclaimed(row, Event.UNWRITABLE, "the document can't be written: see the log")
            return
        name = provider.name if provider else None
        claim = await store.claim(waiting, name, version, payload, self._clock.now(), self._settings)
        if claim is None:
            return
        match claim.act:
            case Act.SEND:
                assert document is not None
                await self._send(claim, provider, document, payload)
            case Act.LOOK:
                await self._look(claim, provider)
            case Act.VOID:
                await self._void(claim, provider)

    async def _read(self, document_id: UUID) -> FiscalDocument | None:
        try:
            document = await self._compose(tenant.current_account(), document_id)
            cufe.expected_prefix(document)  # so that it can't fail later
            return document
        except UNAVAILABLE:
            raise
        except Exception as error:  # a defect, which must not stop the other documents
            log.error("document can't be composed", document=str(document_id), exc_info=error)
            return None

    def _write(self, document: FiscalDocument | None, provider: Provider) -> bytes | None:
        if document is None:
            return None
        try:
            return provider.adapter.write(document)
        except Exception as error:
            log.error("document can't be written", number=document.key.number, exc_info=error)
            return None

    async def _settle_unclaimed(self, row: Emission, event: Event, text: str) -> None:
        after, step = progress.advance(row, event, self._clock.now(), self._settings, text=text)
        if await store.settle(row, after, step, Settled()):
            self._tell(after, event, step, None)

    # Sending

    async def _send(
        self, claim: Claim, provider: Provider | None, document: FiscalDocument, payload: bytes | None
    ) -> None:
        outcome: SendOutcome
        if provider is None:
            outcome = Blocked(reason=BlockedReason.CREDENTIALS, evidence=NO_PROVIDER)
        else:
            content = payload or await store.read_payload(claim.row.document_id, claim.row.payload)
            prefix = cufe.expected_prefix(document)
            adapter = provider.adapter
            outcome = await outcome_of(
                adapter.send(content, prefix, self._settings.call), self._settings.call, _unknown
            )
        now = self._clock.now()
        event = Event.NO_PROVIDER if provider is None else events.of_send(outcome, claim.row, now, self._settings)
        after, step = progress.advance(claim.row, event, now, self._settings, outcome)
        if step.effects.forgets_send:
            after = replace(after, sent_until=claim.sent_before)
        await self._settle(claim, after, event, step, outcome, events.of_late(outcome))

    # Looking

    async def _look(self, claim: Claim, provider: Provider | None) -> None:
        outcome: LookOutcome
        if provider is None:
            outcome = Unavailable(evidence=NO_PROVIDER, reason=BlockedReason.CREDENTIALS)
        else:
            adapter = provider.adapter
            outcome = await outcome_of(adapter.look(claim.key, self._settings.call), self._settings.call, unavailable)
        sight, shown, xml = await self._judge(claim, provider, outcome)
        now = self._clock.now()
        event = events.of_look(sight, claim.row, now, self._settings, is_used=claim.is_used)
        text = _EARLIER_FOUND if event is Event.FOUND_EARLIER else ""
        after, step = progress.advance(claim.row, event, now, self._settings, shown, text)
        await self._settle(claim, after, event, step, outcome, None, xml)

    async def _judge(
        self, claim: Claim, provider: Provider | None, outcome: LookOutcome
    ) -> tuple[Sight, Authorized | Rejected | None, bytes | None]:
        """Whose document was found; what became of it, and its XML, where it is ours."""
        if provider is None:
            return Sight.NO_PROVIDER, None, None
        if isinstance(outcome, NotFound):
            return Sight.NOTHING, None, None
        if isinstance(outcome, Rejected):
            # Otherwise it may be what became of earlier bytes: another send shows what becomes of these.
            is_of_these = claim.row.status is FiscalStatus.ACCEPTED
            return (Sight.REJECTED, outcome, None) if is_of_these else (Sight.NOTHING, None, None)
        if not isinstance(outcome, Found):
            return Sight.NO_ANSWER, None, None
        if claim.row.status is FiscalStatus.VOIDING:  # whose it is was seen when it was authorised
            is_ours = outcome.cufe is None or outcome.cufe == claim.row.cufe
            sight = Sight.OURS_VOID if outcome.is_voided else Sight.OURS
            return sight if is_ours else Sight.UNSURE, None, None
        document = await self._read(claim.row.document_id)
        if document is None:
            return Sight.UNSURE, None, None
        by_cufe = ownership.judge_cufe(outcome.cufe, document)
        if by_cufe is Sight.OTHERS:
            return by_cufe, None, None
        fetching = provider.adapter.fetch_xml(claim.key, outcome.cufe, self._settings.call)
        file = await outcome_of(fetching, self._settings.call, unavailable)
        if not isinstance(file, File):
            return Sight.UNSURE, None, None
        contents = provider.read_xml(file.content)
        sight = ownership.judge_contents(contents, document)
        if contents is not None and await self._is_earlier(claim, provider, sight, contents, document):
            return (Sight.OURS_VOID if outcome.is_voided else Sight.EARLIER), None, None
        found = contents and (contents.cufe or (outcome.cufe if by_cufe is Sight.OURS else None))
        if sight is not Sight.OURS or contents is None or not found:
            return Sight.UNSURE if sight is Sight.OURS else sight, None, None
        authorized = _authorized(found, contents, outcome.evidence)
        return (Sight.OURS_VOID if outcome.is_voided else Sight.OURS), authorized, file.content

    async def _is_earlier(
        self, claim: Claim, provider: Provider, sight: Sight, contents: FileContents, document: FiscalDocument
    ) -> bool:
        """Whether the document was found as it was before it was corrected: another number would make a second one."""
        if sight not in (Sight.OURS, Sight.OTHERS) or claim.row.payload == 1:
            return False
        read = provider.adapter.read_payload
        earlier = [read(each) for each in await store.read_earlier_payloads(claim.row.document_id, claim.row.payload)]
        if sight is Sight.OTHERS:
            return any(ownership.is_of_payload(contents, each) for each in earlier)
        now = self._write(document, provider)
        return now is not None and ownership.is_earlier(contents, read(now), earlier)

    # Voiding

    async def _void(self, claim: Claim, provider: Provider | None) -> None:
        outcome: VoidOutcome
        if provider is None:
            outcome = NotSent(evidence=NO_PROVIDER)
        else:
            adapter, reason = provider.adapter, claim.row.void_reason or ""
            outcome = await outcome_of(
                adapter.void(claim.key, reason, self._settings.call), self._settings.call, _unvoided
            )
        now = self._clock.now()
        event = events.of_void(outcome, claim.row, now, self._settings)
        text = outcome.evidence.message or outcome.evidence.code or ""
        if provider is None and event is Event.VOID_NOT_SENT:
            event = Event.NO_PROVIDER
        after, step = progress.advance(claim.row, event, now, self._settings, text=text)
        if isinstance(outcome, NotSent):
            after = replace(after, void_asked_at=None)
        await self._settle(claim, after, event, step, outcome, None)

    # What they share

    async def _settle(
        self,
        claim: Claim,
        after: Emission,
        event: Event,
        step: Step,
        outcome: SendOutcome | LookOutcome | VoidOutcome,
        late: Event | None,
        xml: bytes | None = None,
    ) -> None:
        """Store a result. While the database can't take it, again until the lease is over: a look would cost more."""
        name = _OUTCOMES.get(type(outcome).__name__, type(outcome).__name__.upper())
        if isinstance(outcome, Unknown) and outcome.is_duplicate:
            name = store.DUPLICATE
        settled = Settled(attempt_id=claim.attempt_id, outcome=name, evidence=outcome.evidence, xml=xml)
        version = claim.version if step.effects.reason is BlockedReason.CREDENTIALS else None
        while True:
            try:
                if await store.settle(claim.row, after, step, settled, version):
                    self._tell(after, event, step, outcome.evidence)
                    break
                await store.settle_late(claim, late, settled, self._clock.now(), self._settings)
                log.warning("an answer came late", document=str(claim.row.document_id), outcome=name)
                return
            except store.SettingChanged:  # the refusal is of the old ones: the document goes on by the new ones
                event, version = Event.CREDENTIALS_CHANGED, None
                after, step = progress.advance(claim.row, event, self._clock.now(), self._settings)
                after = replace(after, sent_until=claim.sent_before)
                continue
            except UNAVAILABLE:
                if self._clock.now() >= claim.until:
                    raise
            await asyncio.sleep(_AGAIN_AFTER)
        is_unanswered = isinstance(outcome, _WITHOUT_RESULT) and outcome.evidence.code is None
        if is_unanswered and event is not Event.NO_PROVIDER:
            await reconciliation.ask_soon(self._clock.now(), self._settings)


_WITHOUT_RESULT: Final = (NotSent, Unknown, Unavailable, VoidRefusedOrUnknown)
_EARLIER_FOUND: Final = (
    "La DGI autorizó el documento como estaba antes de corregirlo. Anúlalo en el portal del proveedor y reintenta; "
    "luego emite otro."
)
_OUTCOMES: Final = {"NotSent": "NOT_SENT", "NotFound": "NOT_FOUND", "VoidRefusedOrUnknown": "VOID_NOT_CONFIRMED"}


def _unknown(text: str) -> SendOutcome:
    return Unknown(evidence=Evidence(message=text))


def _unvoided(text: str) -> VoidOutcome:
    return VoidRefusedOrUnknown(evidence=Evidence(message=text))


def _authorized(cufe_found: str, contents: FileContents, evidence: Evidence) -> Authorized:
    return Authorized(
        cufe=cufe_found,
        evidence=evidence,
        qr=contents.qr,
        protocol=contents.protocol,
        received_at=contents.authorized_at,
    )
