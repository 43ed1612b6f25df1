"""A call of a method of emission, whichever contract it came by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pac.hka.member import Content

# In the order in which they are read.
KEY_MEMBERS: Final = (
    "codigoSucursalEmisor",
    "numeroDocumentoFiscal",
    "puntoFacturacionFiscal",
    "serialDispositivo",
    "tipoDocumento",
    "tipoEmision",
)


@dataclass(frozen=True, kw_only=True)
class Call:
    """``user`` and ``password`` name the issuer. ``texts`` are values such as ``motivoAnulacion``, ``key`` the members
    of ``datosDocumento``, ``document`` what Enviar has, ``addresses`` those that EnvioCorreo is asked to write to.
    """

    method: str
    user: str
    password: str
    request: bytes
    texts: Mapping[str, str] = field(default_factory=dict)
    key: Mapping[str, str] = field(default_factory=dict)
    document: Content = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
