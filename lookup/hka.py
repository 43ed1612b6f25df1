"""ConsultarRucDV as The Factory HKA and EBI define it: what its answers mean.

=====  ================================================  ====================
code   meaning                                           outcome
=====  ================================================  ====================
200    found; ``infoRuc`` holds the taxpayer             Found
102    contribuyente no inscrito, also of another type   NotFound
100    the issuer's token is not valid                   Unavailable, alarm
101    error of the transmission's certificate           Unavailable, alarm
201    error processing the query                        Unavailable
202    error receiving the DGI's answer                  Unavailable
=====  ================================================  ====================

``infoRuc`` has tipoRuc, ruc, dv, razonSocial and afiliadoFE. The DV may come with one digit, and
afiliadoFE is free text, "SI" as far as is known.

Sources: felwiki.thefactoryhka.com.pa and wiki.ebi-pac.com, method ConsultarRucDV; the codes from
clients in use.
"""

from collections.abc import Mapping

from lookup.registry import Answer, NotFound, Question, Reason, Unavailable, found
from rules.vocabulary import CODES, TaxpayerType

_NO_ANSWER = {
    "100": Reason.CREDENTIALS,
    "101": Reason.CERTIFICATE,
    "201": Reason.FAILING,
    "202": Reason.UPSTREAM,
}
_TYPES = {CODES[taxpayer_type]: taxpayer_type for taxpayer_type in TaxpayerType}
_AFFILIATED = {"SI": True, "SÍ": True, "S": True, "1": True, "TRUE": True}
_AFFILIATED |= {"NO": False, "N": False, "0": False, "FALSE": False}


def answer(question: Question, fields: Mapping[str, object]) -> Answer:
    """The outcome of an answer, given as its fields and those of its ``infoRuc`` together."""
    said = {name: str(value).strip() for name, value in fields.items() if isinstance(value, str | int)}
    match said.get("codigo"):
        case "200":
            told = _TYPES.get(said.get("tipoRuc", "").lstrip("0"))
            if told not in (None, question.taxpayer_type):
                raise Unavailable(Reason.GARBLED)
            return found(
                question,
                number=said.get("ruc"),
                dv=said.get("dv"),
                name=said.get("razonSocial"),
                electronic_invoicing=_AFFILIATED.get(said.get("afiliadoFE", "").upper()),
            )
        case "102":
            return NotFound()
        case code:
            raise Unavailable(_NO_ANSWER.get(code or "", Reason.GARBLED))
