"""Answers of HKA's service, written for tests."""

from xml.sax.saxutils import escape

from tests.rules.fiscal.vectors import VECTORS

OURS: str = VECTORS["cufe"][0]["cufe"]
PREFIX = OURS[:56]


def enveloped(method: str, **fields: str | None) -> bytes:
    """The answer to a method, where None is nil."""
    inner = "".join(
        f'<a:{name} i:nil="true"/>' if value is None else f"<a:{name}>{escape(value)}</a:{name}>"
        for name, value in fields.items()
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<{method}Response xmlns="http://tempuri.org/"><{method}Result'
        ' xmlns:a="http://schemas.datacontract.org/2004/07/Services.Response"'
        f' xmlns:i="http://www.w3.org/2001/XMLSchema-instance">{inner}</{method}Result></{method}Response>'
        "</s:Body></s:Envelope>"
    ).encode()
