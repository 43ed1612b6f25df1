"""What the DGI's rules are applied to, and what they say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias

from pac.sandbox.group import Group
from pac.sandbox.storage import Document, Issuer, Store

TOLERANCE: Final = Decimal("0.01")


class Breach(NamedTuple):
    """A rule that a document breaks, by the DGI's code; ``item`` counts from 1."""

    code: str
    item: int | None = None


@dataclass(frozen=True)
class Submission:
    """A document that an issuer sends, as the DGI gets it. Its members have their formats."""

    issuer: Issuer
    document: Group
    received_at: datetime
    store: Store

    @property
    def transaction(self) -> Group:
        return self.document.group("datosTransaccion")

    @property
    def receiver(self) -> Group:
        return self.transaction.group("cliente")

    @property
    def items(self) -> list[Group]:
        return self.document.items("listaItems")

    @property
    def totals(self) -> Group:
        return self.document.group("totalesSubTotales")

    @property
    def type(self) -> str:
        return self.transaction["tipoDocumento"]

    @property
    def emitted_at(self) -> datetime:
        return datetime.fromisoformat(self.transaction["fechaEmision"])

    @property
    def receiver_number(self) -> str:
        """By what receivers are told apart: a RUC, or a foreigner's number, or nothing."""
        return self.receiver["numeroRUC"] or self.receiver["nroIdentificacionExtranjero"]

    @property
    def references(self) -> list[Group]:
        return self.transaction.items("listaDocsFiscalReferenciados")

    def find_referenced(self, reference: Group) -> Document | None:
        return self.store.find_cufe(reference["cufeFEReferenciada"])


Rule: TypeAlias = Callable[[Submission], Iterator[Breach]]


def differs(given: Decimal, expected: Decimal) -> bool:
    return abs(given - expected) > TOLERANCE
