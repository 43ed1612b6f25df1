"""ConsultarRucDV as The Factory HKA and EBI define it: asking, over SOAP or REST, and reading the answer.

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
from functools import partial
from typing import Final
from xml.etree.ElementTree import Element

import aiohttp

from lookup.answers import Answer, NotFound, Question, read_taxpayer
from pac.failures import Reason, Unavailable
from pac.providers import Provider
from pac.rest import RestService
from pac.soap import SoapService, local_name, write_fields
from rules.vocabulary import CODES, TaxpayerType

METHOD: Final = "ConsultarRucDV"

_FAILURES: Final = {
    "100": Reason.CREDENTIALS,
    "101": Reason.CERTIFICATE,
    "201": Reason.FAILING,
    "202": Reason.UPSTREAM,
}
_TYPES: Final = {CODES[taxpayer_type]: taxpayer_type for taxpayer_type in TaxpayerType}
_AFFILIATED: Final = {
    **dict.fromkeys(("SI", "SÍ", "S", "1", "TRUE"), True),
    **dict.fromkeys(("NO", "N", "0", "FALSE"), False),
}


class HkaSoap:
    def __init__(self, provider: Provider, session: aiohttp.ClientSession) -> None:
        self._service = SoapService(provider, session)

    async def ask(self, question: Question) -> Answer:
        # Other methods of the service have the tokens beside their request; this one has them inside.
        fields = write_fields("ser", {**self._service.tokens, **_question_fields(question)})
        request = f"<tem:consultarRucDVRequest>{fields}</tem:consultarRucDVRequest>"
        return read_soap(question, await self._service.call(METHOD, request))


class HkaRest:
    def __init__(self, provider: Provider, session: aiohttp.ClientSession) -> None:
        self._service = RestService(provider, session)

    async def ask(self, question: Question) -> Answer:
        return await self._service.call("/api/ConsultaRucDv", _question_fields(question), partial(read_rest, question))


def _question_fields(question: Question) -> dict[str, str]:
    return {"tipoRuc": CODES[question.taxpayer_type], "ruc": question.ruc.dgi}


def read_soap(question: Question, result: Element) -> Answer:
    """The outcome in a method's result; raises ``Unavailable``."""
    return read_fields(question, {local_name(element): element.text for element in result.iter()})


def read_rest(question: Question, answer: Mapping[str, object]) -> Answer:
    """The outcome in an answer's object; raises ``Unavailable``."""
    info = answer.get("infoRuc")
    return read_fields(question, {**answer, **info} if isinstance(info, dict) else answer)


def read_fields(question: Question, fields: Mapping[str, object]) -> Answer:
    """The outcome in an answer's fields, together with those of its ``infoRuc``; raises ``Unavailable``."""
    texts = {name: str(value).strip() for name, value in fields.items() if isinstance(value, str | int)}
    match texts.get("codigo"):
        case "200":
            taxpayer_type = _TYPES.get(texts.get("tipoRuc", "").lstrip("0"))
            if taxpayer_type not in (None, question.taxpayer_type):
                raise Unavailable(Reason.GARBLED)
            return read_taxpayer(
                question,
                number=texts.get("ruc"),
                dv=texts.get("dv"),
                name=texts.get("razonSocial"),
                electronic_invoicing=_AFFILIATED.get(texts.get("afiliadoFE", "").upper()),
            )
        case "102":
            return NotFound()
        case code:
            raise Unavailable(_FAILURES.get(code or "", Reason.GARBLED))
