"""Which providers are asked, and with what, from the environment or from files."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from pac.providers import KINDS, Misconfigured, Provider, read_providers

HKA = {"HKA_SOAP_USER": "the user", "HKA_SOAP_PASSWORD": "the password"}
REST = {"HKA_REST_USER": "the user", "HKA_REST_PASSWORD": "the password"}


def test_no_name_is_no_provider() -> None:
    assert read_providers("", {}) == read_providers(" , ", {}) == ()


def test_a_provider_has_its_usual_address() -> None:
    assert read_providers("hka-soap", HKA) == (
        Provider("hka-soap", KINDS["hka-soap"].url, SecretStr("the user"), SecretStr("the password"), False),
    )


def test_providers_stand_in_order() -> None:
    assert [each.name for each in read_providers("hka-rest, hka-soap", HKA | REST)] == ["hka-rest", "hka-soap"]


def test_an_address_may_be_another() -> None:
    [provider] = read_providers("hka-soap", HKA | {"HKA_SOAP_URL": "https://pac.example/svc/"})
    assert provider.url == "https://pac.example/svc"


def test_a_value_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from a file\n")
    [provider] = read_providers("hka-soap", HKA | {"HKA_SOAP_PASSWORD_FILE": str(file)})
    assert provider.password.get_secret_value() == "from a file"


def test_the_sandbox_needs_nothing() -> None:
    [provider] = read_providers("sandbox", {})
    assert (provider.sandbox, provider.user.get_secret_value()) == (True, "sandbox")


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if not kind.sandbox])
def test_real_providers_are_reached_by_tls(name: str) -> None:
    assert KINDS[name].url.startswith("https://")


@pytest.mark.parametrize(
    ("names", "environ", "message"),
    [
        ("dgi", {}, "no provider is called 'dgi'"),
        ("hka-soap", {}, "HKA_SOAP_USER or HKA_SOAP_USER_FILE must be set"),
        ("hka-soap", {"HKA_SOAP_USER": "the user", "HKA_SOAP_PASSWORD": " "}, "HKA_SOAP_PASSWORD or"),
        ("hka-soap", HKA | {"HKA_SOAP_PASSWORD_FILE": "/nowhere"}, "HKA_SOAP_PASSWORD_FILE can't be read"),
        ("hka-soap", HKA | {"HKA_SOAP_PASSWORD": "the\npassword"}, "HKA_SOAP_PASSWORD has characters"),
        ("hka-soap", HKA | {"HKA_SOAP_URL": "http://pac.example"}, "HKA_SOAP_URL must begin with https://"),
        ("sandbox", {"SANDBOX_URL": "ftp://sandbox"}, "SANDBOX_URL must begin"),
        ("hka-soap,hka-soap", HKA, "named twice"),
        ("hka-soap,sandbox", HKA, "used together"),
    ],
)
def test_messages_about_settings_have_no_values(names: str, environ: dict[str, str], message: str) -> None:
    with pytest.raises(Misconfigured, match=message) as caught:
        read_providers(names, environ)
    assert "the user" not in str(caught.value)
    assert "password" not in str(caught.value)


def test_secrets_are_not_shown() -> None:
    assert "the " not in repr(read_providers("hka-soap", HKA)[0])
