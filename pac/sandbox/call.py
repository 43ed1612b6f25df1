"""A call of a method of emission, whichever contract it came by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pac.hka.member import Content


@dataclass(frozen=True, kw_only=True)
class Call:
    """``user`` and ``password`` name the issuer. ``texts`` are values such as ``motivoAnulacion``, ``key`` the members
    of ``datosDocumento`` as they came; ``is_ordered`` says whether their order counts.

    ``read_document`` reads what Enviar has; where its argument is true, members out of order are dropped.
    """

    method: str
    user: str
    password: str
    request: bytes
    texts: Mapping[str, str] = field(default_factory=dict)
    key: Mapping[str, str] = field(default_factory=dict)
    is_ordered: bool = True
    read_document: Callable[[bool], Content] = lambda in_order: {}
