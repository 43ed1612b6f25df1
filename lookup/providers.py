"""The providers that can be asked. A further one is an adapter's file and its line in ``KINDS``."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr

from lookup.hka_rest import HkaRest
from lookup.hka_soap import HkaSoap
from lookup.registry import Registry
from lookup.settings import Provider


class Kind(NamedTuple):
    """How to speak to it, its address, and whether it is for trying things out."""

    adapter: Callable[[Provider, aiohttp.ClientSession], Registry]
    url: str
    sandbox: bool


SOAP_PATH = "/ws/obj/v1.0/Service.svc"

KINDS = {
    "hka-soap": Kind(HkaSoap, "https://emision.thefactoryhka.com.pa" + SOAP_PATH, sandbox=False),
    "hka-soap-demo": Kind(HkaSoap, "https://demoemision.thefactoryhka.com.pa" + SOAP_PATH, sandbox=True),
    "ebi-soap": Kind(HkaSoap, "https://emision.ebi-pac.com" + SOAP_PATH, sandbox=False),
    "ebi-soap-demo": Kind(HkaSoap, "https://demointegracion.ebi-pac.com" + SOAP_PATH, sandbox=True),
    "hka-rest": Kind(HkaRest, "https://integracion.thefactoryhka.com.pa", sandbox=False),
    "hka-rest-demo": Kind(HkaRest, "https://demointegracion.thefactoryhka.com.pa", sandbox=True),
    "sandbox": Kind(HkaSoap, "http://127.0.0.1:8090" + SOAP_PATH, sandbox=True),
}

# The sandbox server has no secrets.
SANDBOX_USER = SANDBOX_PASSWORD = "sandbox"


def build(provider: Provider, session: aiohttp.ClientSession) -> Registry:
    return KINDS[provider.name].adapter(provider, session)


class Misconfigured(ValueError):
    """The settings name no usable provider. The message names variables, never their values."""


def read(names: str, environ: Mapping[str, str]) -> tuple[Provider, ...]:
    """The providers of a list like ``hka-soap, ebi-soap``; raises ``Misconfigured``.

    For ``hka-soap`` the variables are ``HKA_SOAP_USER``, ``HKA_SOAP_PASSWORD`` and, to ask elsewhere
    than at its usual address, ``HKA_SOAP_URL``. ``HKA_SOAP_PASSWORD_FILE`` names a file with the
    value instead; likewise for the others. The user is tokenEmpresa or usuario, the password
    tokenPassword or clave.

    >>> [provider] = read("sandbox", {"SANDBOX_URL": "http://sandbox:8090/ws/obj/v1.0/Service.svc"})
    >>> provider.url, provider.sandbox
    ('http://sandbox:8090/ws/obj/v1.0/Service.svc', True)
    """
    providers = tuple([_read(name.strip(), environ) for name in names.split(",") if name.strip()])
    if len({provider.name for provider in providers}) < len(providers):
        raise Misconfigured("a provider is named twice")
    if len({provider.sandbox for provider in providers}) > 1:
        raise Misconfigured("sandboxes and real providers can't stand side by side: their answers would mix")
    return providers


def _read(name: str, environ: Mapping[str, str]) -> Provider:
    if name not in KINDS:
        raise Misconfigured(f"no provider is called {name!r}; there are {', '.join(KINDS)}")
    kind = KINDS[name]
    prefix = name.upper().replace("-", "_")
    own = SANDBOX_USER if name == "sandbox" else None
    url = _value(f"{prefix}_URL", environ, kind.url).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and kind.sandbox):
        raise Misconfigured(f"{prefix}_URL must begin with https://, since credentials go there")
    user = _value(f"{prefix}_USER", environ, own)
    password = _value(f"{prefix}_PASSWORD", environ, SANDBOX_PASSWORD if own else None)
    return Provider(name, url, SecretStr(user), SecretStr(password), kind.sandbox)


def _value(variable: str, environ: Mapping[str, str], default: str | None) -> str:
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
