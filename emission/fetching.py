"""Fetching the files of authorised documents."""

import structlog

from db import tenant
from db.errors import UNAVAILABLE
from emission import files, ownership
from emission.events import Sight
from emission.files import Fetched, FileKind, Missing
from emission.ports import NO_PROVIDER, Clock, Compose, Provider, outcome_of, provider_of, unavailable
from emission.settings import Settings
from pac.emission import File, FileContents, Unavailable

log = structlog.get_logger()


class Fetching:
    """Fetches what documents of the current account lack."""

    def __init__(self, settings: Settings, compose: Compose, clock: Clock) -> None:
        self._settings = settings
        self._compose = compose
        self._clock = clock

    async def handle(self, missing: Missing, provider: Provider | None) -> None:
        """Make an attempt at each file that a document lacks."""
        provider = provider_of(missing.provider, missing.environment, provider)
        attempts = await files.claim(missing, self._clock.now(), self._settings)
        if attempts is None:
            return
        fetched, contents = [], None
        for kind, attempt_id in attempts.items():
            outcome = await self._fetch(missing, provider, kind)
            content = files.kept(outcome)
            if kind is FileKind.XML and content is not None and provider is not None:
                contents = provider.read_xml(content)
                await self._compare(missing, contents)
            fetched.append(Fetched(attempt_id, kind, outcome.evidence, content))
        await files.store(missing, fetched, contents, self._clock.now(), self._settings)

    async def _fetch(self, missing: Missing, provider: Provider | None, kind: FileKind) -> File | Unavailable:
        if provider is None:
            return Unavailable(evidence=NO_PROVIDER)
        adapter = provider.adapter
        fetch = adapter.fetch_xml if kind is FileKind.XML else adapter.fetch_pdf
        fetching = fetch(missing.key, missing.cufe, self._settings.call)
        return await outcome_of(fetching, self._settings.call, unavailable)

    async def _compare(self, missing: Missing, contents: FileContents | None) -> None:
        """Say it where the XML of a document that was authorised at once says something else than the document."""
        try:
            document = await self._compose(tenant.current_account(), missing.document_id)
            is_ours = ownership.judge_contents(contents, document) is Sight.OURS
        except UNAVAILABLE:  # the files are fetched again, and compared then
            raise
        except Exception as error:  # a defect; the file is stored all the same
            log.error("an XML can't be compared", document=str(missing.document_id), exc_info=error)
        else:
            if not is_ours:
                log.error("the XML of an authorised document differs from it", document=str(missing.document_id))
