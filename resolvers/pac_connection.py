"""Whether the account's provider answers, and accepts the account's credentials."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final
from uuid import UUID

from db import tenant
from emission.ports import Connect, outcome_of, unavailable
from pac.cipher import Undecryptable
from pac.emission import Evidence, Folios, Unavailable
from rules.faults import Code, Fault, Refusal, Text
from rules.vocabulary import BlockedReason

_LONGEST_ANSWER: Final = 300  # characters of a provider's message


class PacConnections:
    """Asks providers for folios, which changes nothing there: for an account once at a time, ``seconds`` at most.

    While a request waits for the answer, it is within the context that ``while_waiting`` gives.
    """

    def __init__(
        self,
        connect: Connect,
        while_waiting: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
        seconds: float = 10.0,
    ) -> None:
        self._connect = connect
        self._while_waiting = while_waiting
        self._seconds = seconds
        self._asking: set[UUID] = set()

    async def count_folios(self) -> Folios:
        """The current account's folios; raises ``Refusal`` where its provider doesn't tell. Call it outside of
        transactions.
        """
        account = tenant.current_account()
        if account in self._asking:
            raise _refusal(_UNDER_WAY)
        self._asking.add(account)
        try:
            provider = await self._connect(account)
            if provider is None:
                raise _refusal(_NO_PROVIDER)
            async with self._while_waiting():
                found = await outcome_of(provider.adapter.count_folios(self._seconds), self._seconds, unavailable)
        except Undecryptable:
            raise _refusal(_NO_KEY) from None
        finally:
            self._asking.discard(account)
        if isinstance(found, Unavailable):
            raise _refusal(_MESSAGES.get(found.reason, _NO_ANSWER), found.evidence)
        return found


async def count_folios(connections: PacConnections | None) -> Folios:
    """Like ``PacConnections.count_folios``; a process without them can call no provider."""
    if connections is None:
        raise _refusal(_NO_ANSWER)
    return await connections.count_folios()


def _refusal(message: Text, evidence: Evidence | None = None) -> Refusal:
    """With what the provider said, if it said something."""
    said = [evidence.code, evidence.message] if evidence else []
    words = " ".join(" ".join(filter(None, said)).split())[:_LONGEST_ANSWER]
    if words:
        message = Text(f"{message.es} Respuesta: {words}", f"{message.en} Answer: {words}")
    return Refusal(Fault((), Code.NOT_ALLOWED, message))


_NO_PROVIDER: Final = Text("La cuenta todavía no tiene proveedor.", "The account has no provider yet.")
_UNDER_WAY: Final = Text("Ya se está probando la conexión.", "The connection is being tested already.")
_NO_KEY: Final = Text(
    "Este servidor no puede leer las credenciales: PAC_SECRETS_KEY falta o es otra. Guárdalas de nuevo.",
    "This server can't read the credentials: PAC_SECRETS_KEY is missing, or another one. Set them anew.",
)
_NO_ANSWER: Final = Text(
    "El proveedor no dio una respuesta que se pueda usar. Prueba más tarde.",
    "The provider gave no answer that can be used. Try again later.",
)
_MESSAGES: Final[Mapping[BlockedReason | None, Text]] = {
    BlockedReason.CREDENTIALS: Text(
        "El proveedor no acepta las credenciales.", "The provider refuses the credentials."
    ),
    BlockedReason.CERTIFICATE: Text(
        "El proveedor no acepta el certificado de firma.", "The provider refuses the certificate."
    ),
}
