"""What can be made to go wrong with emission: with all documents, or with those to one of ``SPECIAL_RECEIVERS``."""

from collections.abc import Iterable
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(ge=0, le=3600)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Knobs(BaseModel):
    """How the sandbox behaves towards emission. The defaults are a provider with which nothing goes wrong.

    Those of the first group are about Enviar; ``http_500``, ``http_502``, ``bad_token`` and ``drop_every`` are about
    every method. Where it isn't said otherwise, a document that gets no good answer is not stored.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slow: Seconds = Field(0, description="the document is stored at once and answered after so many seconds")
    lost: bool = Field(False, description="the document is stored, then the connection is closed")
    half: bool = Field(False, description="the document is stored, then half of the answer is sent")
    not_arrived: bool = Field(False, description="the connection is closed, and the request was never read")
    dgi_down: bool = Field(False, description="202")
    dgi_late: Seconds = Field(0, description="202; the document is stored, and can be found after so many seconds")
    asynchronous: Seconds = Field(
        0, description="accepted; so many seconds later the DGI's rules are applied, and EstadoDocumento tells"
    )
    processing_error: bool = Field(False, description="201 at the first Enviar of a key, then good")
    empty: bool = Field(False, description="the document is stored; status 200 without a body")
    no_cufe: bool = Field(False, description="the document is stored; 200 without CUFE")
    wrong_cufe: bool = Field(False, description="the document is stored; 200 with the CUFE of another document")
    duplicate: Literal["", "102", "203"] = Field(
        "", description="somebody else's document has the key already; answered with this code (203 is rule 1513)"
    )
    reject: Annotated[str, Field(pattern="^([0-9]{4}(,[0-9]{1,4})?)?$")] = Field(
        "", description="203 with this rule of the DGI and, after a comma, this item"
    )
    notice: Annotated[str, Field(pattern="^([0-9]{4})?$")] = Field(
        "", description="authorised, with this notice in the message"
    )
    certificate_expired: bool = Field(False, description="101")
    no_folios: bool = Field(False, description="119: none are left")
    few_folios: bool = Field(False, description="FoliosRestantes says that 5 % are left; documents are authorised")
    licence_over: bool = Field(False, description="119: the licence has ended")
    strict_order: bool = Field(True, description="members out of order are dropped, as WCF does")
    registered_receivers: bool = Field(False, description="1602 for a receiver that the registry doesn't have")

    voided_elsewhere: bool = Field(False, description="EstadoDocumento finds the document voided")
    void_lost: bool = Field(False, description="the void is stored, then the connection is closed")
    void_late: Seconds = Field(0, description="202; EstadoDocumento shows the void after so many seconds")
    void_refused: bool = Field(False, description="203: the DGI refuses the void")
    pdf_late: Count = Field(0, description="so many times, DescargaPDF has no file yet")

    http_500: bool = Field(False, description="status 500 with a soap Fault")
    http_502: bool = Field(False, description="status 502 with a web page")
    bad_token: bool = Field(False, description="100")
    drop_every: Count = Field(0, description="the answer to every so manieth call is lost, after its work was done")


# What goes wrong with a document to each of these receivers, whatever else the sandbox's knobs say.
_EFFECTS: Final[tuple[dict[str, object], ...]] = (
    {"slow": 5},
    {"slow": 40},
    {"lost": True},
    {"half": True},
    {"not_arrived": True},
    {"dgi_down": True},
    {"dgi_late": 5},
    {"processing_error": True},
    {"http_500": True},
    {"http_502": True},
    {"empty": True},
    {"no_cufe": True},
    {"wrong_cufe": True},
    {"duplicate": "102"},
    {"duplicate": "203"},
    {"reject": "2152,1"},
    {"notice": "2509"},
    {"certificate_expired": True},
    {"bad_token": True},
    {"no_folios": True},
    {"licence_over": True},
    {"pdf_late": 3},
    {"void_lost": True},
    {"void_late": 5},
    {"void_refused": True},
    {"voided_elsewhere": True},
    {"asynchronous": 5},
)
# Companies' RUCs with a folio and year that no company has; the look-up's begin at 999999901.
_FIRST_SPECIAL: Final = 999999921
SPECIAL_RECEIVERS: Final = {f"{number}-2-2014": effect for number, effect in enumerate(_EFFECTS, _FIRST_SPECIAL)}


def special_receiver(**effect: object) -> str:
    """The RUC of the receiver whose documents meet this.

    >>> special_receiver(slow=5), special_receiver(voided_elsewhere=True)
    ('999999921-2-2014', '999999946-2-2014')
    """
    return next(number for number, each in SPECIAL_RECEIVERS.items() if each == effect)


def describe(effect: dict[str, object]) -> str:
    """
    >>> describe({"slow": 5}), describe({"lost": True})
    ('slow=5', 'lost')
    """
    return ", ".join(name if value is True else f"{name}={value}" for name, value in effect.items())


def read_knobs(settings: Iterable[str]) -> Knobs:
    """The knobs of texts like ``lost`` and ``slow=5``; raises pydantic's ``ValidationError``.

    >>> read_knobs(["lost", "drop-every=7", "strict-order=no"]).drop_every
    7
    """
    values: dict[str, object] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        values[name.replace("-", "_")] = value if equals else True
    return Knobs.model_validate(values)
