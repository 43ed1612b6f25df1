"""Making a document an authorised one: its CUFE, protocol, QR and XML."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from decimal import Decimal
from typing import Final

from pac.sandbox.container import write_container
from pac.sandbox.dgi.submission import Submission
from pac.sandbox.group import Group
from pac.sandbox.state import Sandbox
from pac.sandbox.storage import Document, Key
from rules import ruc
from rules.calendar import PANAMA
from rules.fiscal import cufe
from rules.vocabulary import CODES, Environment

# Anybody may know it: a signature of the sandbox proves nothing.
_PUBLIC_WORD: Final = b"sandbox"


def key_of(document: Group) -> Key:
    transaction = document.group("datosTransaccion")
    return Key(
        document["codigoSucursalEmisor"],
        transaction["puntoFacturacionFiscal"],
        transaction["numeroDocumentoFiscal"],
        transaction["tipoDocumento"],
        transaction["tipoEmision"],
    )


def authorise(sandbox: Sandbox, submission: Submission, request: bytes, found_from: datetime) -> Document:
    """Store the document as an authorised one, in the transaction that is open."""
    security = f"{sandbox.random.randrange(1, 10**9):09d}"
    number = _compose_cufe(submission, security)
    digest = base64.b64encode(hashlib.sha256(request).digest()).decode()
    qr = _compose_qr(number, digest)
    protocol = sandbox.store.next_protocol(submission.received_at.astimezone(PANAMA).year)
    document = Document(
        issuer=submission.issuer.user,
        key=key_of(submission.document),
        cufe=number,
        qr=qr,
        protocol=protocol,
        emitted_at=submission.emitted_at,
        received_at=submission.received_at,
        found_from=found_from,
        receiver=submission.receiver_number,
        total=submission.totals["totalFactura"],
        xml=write_container(submission, number, security, qr, protocol, digest),
        references=tuple(reference["cufeFEReferenciada"] for reference in submission.references),
    )
    sandbox.store.add_document(document)
    return document


def authorise_foreign(sandbox: Sandbox, submission: Submission) -> None:
    """Store a document that somebody else sent with this key: another total, another CUFE with the same beginning."""
    content = submission.document.content
    total = Decimal(submission.totals["totalFactura"]) + 1
    totals = {**submission.totals.content, "totalFactura": str(total)}
    foreign = Submission(
        submission.issuer,
        Group({**content, "totalesSubTotales": totals}),
        submission.received_at,
        submission.store,
    )
    authorise(sandbox, foreign, b"", submission.received_at)


def _compose_cufe(submission: Submission, security: str) -> str:
    """The CUFE of this document with this security code, in the environment of tests."""
    issuer, key = submission.issuer, key_of(submission.document)
    parts = [
        f"FE{key.type}{CODES[issuer.taxpayer_type]}",
        ruc.parse(issuer.ruc).dgi.rjust(20, "0"),
        f"-{issuer.dv}{key.branch}",
        f"{submission.emitted_at.astimezone(PANAMA):%Y%m%d}",
        f"{key.number}{key.point}{key.emission}{CODES[Environment.TEST]}",
    ]
    return cufe.complete("".join(parts), security)


def _compose_qr(number: str, digest: str) -> str:
    token = sign({"chFE": number, "iAmb": CODES[Environment.TEST], "digestValue": digest})
    return cufe.qr_text(number, Environment.TEST, digest, token)


def sign(claims: dict[str, str]) -> str:
    """A JSON web token with HMAC and SHA-256."""
    parts = [_encode(json.dumps(part, separators=(",", ":")).encode()) for part in (_HEADER, claims)]
    signature = hmac.digest(_PUBLIC_WORD, ".".join(parts).encode(), "sha256")
    return ".".join([*parts, _encode(signature)])


_HEADER: Final = {"alg": "HS256", "typ": "JWT"}


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
