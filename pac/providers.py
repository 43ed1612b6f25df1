"""The providers that can be called, and our credentials with them.

A further provider with a contract that we know is a line in ``KINDS``; a further contract is a member
of ``Contract``, its transport here, and an adapter for each thing that is asked, such as ``lookup.hka``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from pydantic import SecretStr


class Contract(Enum):
    """How a provider is spoken to. HKA is The Factory HKA, which defined these two."""

    HKA_SOAP = "HKA_SOAP"
    HKA_REST = "HKA_REST"


class Kind(NamedTuple):
    """A provider's contract and usual address, and whether it is for trying things out."""

    contract: Contract
    url: str
    sandbox: bool


# The server of ours that plays a provider, in either contract.
SANDBOX: Final = "sandbox"
SANDBOX_REST: Final = "sandbox-rest"
SANDBOXES: Final = (SANDBOX, SANDBOX_REST)
SOAP_PATH: Final = "/ws/obj/v1.0/Service.svc"

KINDS: Final = {
    "hka-soap": Kind(Contract.HKA_SOAP, "https://emision.thefactoryhka.com.pa" + SOAP_PATH, sandbox=False),
    "hka-soap-demo": Kind(Contract.HKA_SOAP, "https://demoemision.thefactoryhka.com.pa" + SOAP_PATH, sandbox=True),
    "ebi-soap": Kind(Contract.HKA_SOAP, "https://emision.ebi-pac.com" + SOAP_PATH, sandbox=False),
    "ebi-soap-demo": Kind(Contract.HKA_SOAP, "https://demointegracion.ebi-pac.com" + SOAP_PATH, sandbox=True),
    "hka-rest": Kind(Contract.HKA_REST, "https://integracion.thefactoryhka.com.pa", sandbox=False),
    "hka-rest-demo": Kind(Contract.HKA_REST, "https://demointegracion.thefactoryhka.com.pa", sandbox=True),
    SANDBOX: Kind(Contract.HKA_SOAP, "http://127.0.0.1:8090" + SOAP_PATH, sandbox=True),
    SANDBOX_REST: Kind(Contract.HKA_REST, "http://127.0.0.1:8090", sandbox=True),
}

# The sandbox server has no secrets.
SANDBOX_USER: Final = "sandbox"
SANDBOX_PASSWORD: Final = "sandbox"


@dataclass(frozen=True)
class Provider:
    """A provider to call: its address and our credentials.

    ``name`` is a key of ``KINDS``. ``sandbox`` says that its answers are made up.
    """

    name: str
    url: str
    user: SecretStr
    password: SecretStr
    sandbox: bool = False

    @property
    def contract(self) -> Contract:
        return KINDS[self.name].contract


class Misconfigured(ValueError):
    """The settings name no usable provider. The message names variables, never their values."""


def read_providers(names: str, environ: Mapping[str, str]) -> tuple[Provider, ...]:
    """Read the providers of a list like ``hka-soap, ebi-soap``; raises ``Misconfigured``.

    For ``hka-soap`` the variables are ``HKA_SOAP_USER``, ``HKA_SOAP_PASSWORD`` and, for another address
    than the usual one, ``HKA_SOAP_URL``. ``HKA_SOAP_PASSWORD_FILE`` names a file that has the value
    instead; likewise for the others. The user is tokenEmpresa or usuario, the password tokenPassword
    or clave.

    >>> [provider] = read_providers("sandbox", {"SANDBOX_URL": "http://sandbox:8090/ws/obj/v1.0/Service.svc"})
    >>> provider.url, provider.sandbox
    ('http://sandbox:8090/ws/obj/v1.0/Service.svc', True)
    """
    providers = tuple([_read_provider(name.strip(), environ) for name in names.split(",") if name.strip()])
    if len({provider.name for provider in providers}) < len(providers):
        raise Misconfigured("a provider is named twice")
    if len({provider.sandbox for provider in providers}) > 1:
        raise Misconfigured("sandboxes and real providers can't be used together: their answers would mix")
    return providers


def _read_provider(name: str, environ: Mapping[str, str]) -> Provider:
    if name not in KINDS:
        raise Misconfigured(f"no provider is called {name!r}; there are {', '.join(KINDS)}")
    kind = KINDS[name]
    prefix = _prefix(name)
    is_own = name in SANDBOXES
    url = read_url(name, environ)
    user = _read_value(f"{prefix}_USER", environ, SANDBOX_USER if is_own else None)
    password = _read_value(f"{prefix}_PASSWORD", environ, SANDBOX_PASSWORD if is_own else None)
    return Provider(name, url, SecretStr(user), SecretStr(password), kind.sandbox)


def read_url(name: str, environ: Mapping[str, str]) -> str:
    """The address of a provider of ``KINDS``: the usual one, or that of its variable; raises ``Misconfigured``.

    >>> read_url("sandbox", {})
    'http://127.0.0.1:8090/ws/obj/v1.0/Service.svc'
    """
    kind, variable = KINDS[name], f"{_prefix(name)}_URL"
    url = _read_value(variable, environ, kind.url).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and kind.sandbox):
        raise Misconfigured(f"{variable} must begin with https://, since credentials go there")
    return url


def _prefix(name: str) -> str:
    return name.upper().replace("-", "_")


def _read_value(variable: str, environ: Mapping[str, str], default: str | None) -> str:
    value = environ.get(variable)
    if file := environ.get(f"{variable}_FILE"):
        try:
            value = Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(f"{variable}_FILE can't be read: {type(error).__name__}") from None
    value = (value or "").strip() or default
    if value is None:
        raise Misconfigured(f"{variable} or {variable}_FILE must be set")
    if not value.isprintable():
        raise Misconfigured(f"{variable} has characters that can't be typed")
    return value
