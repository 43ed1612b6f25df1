"""What HKA's and EBI's answers to emission's methods mean.

======  ======================================================  ==============================================
code    meaning                                                 outcome of sending
======  ======================================================  ==============================================
200     with a CUFE of ours: authorised; else not understood    Authorized, Unknown
100     the tokens aren't valid (over REST the status 401)       Blocked: CREDENTIALS
101     error of the certificate or of the transmission         Blocked: CERTIFICATE
102     the number is there already                             Unknown
109     the provider's own check of a member                    Rejected
119     no folios left                                          Blocked: FOLIOS
201     error while processing                                  Unknown, generic
202     the DGI's answer didn't arrive                          Unknown
203     rules of the DGI, by their codes                        Rejected, Blocked: ISSUER or TECHNICAL, Unknown
300     send again                                              Unknown
word    ``ACCEPTED``, which only the sandbox says               Accepted
fault   the service can't read our request                      Blocked: TECHNICAL
other   not known, no answer, or none that can be read          Unknown
======  ======================================================  ==============================================

Of EstadoDocumento only 200 and 102 (not found, by one client) are known, and of its states "Autorizada" and "Anulada";
"Rechazada", which counts with a rule that rejects, is the sandbox's. All else is ``Unavailable``: the answer is kept,
and somebody looks again.

Of AnulacionDocumento 200 and the DGI's codes 0600 and 0622 confirm the void. 112 (the time is over) and 203 with a rule
that rejects refuse it. After all else it may be registered.

Sources: felwiki.thefactoryhka.com.pa; the codes are put together from clients in use, HKA's own list wasn't seen.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from pac.emission import (
    Accepted,
    Authorized,
    Blocked,
    File,
    FiscalFault,
    Folios,
    Found,
    LookOutcome,
    NotFound,
    NotSent,
    Rejected,
    SendOutcome,
    Unavailable,
    Unknown,
    Voided,
    VoidOutcome,
    VoidRefusedOrUnknown,
)
from pac.hka.answer import BLANKS, CUFE_FORM, UNAUTHORIZED, Answer
from pac.hka.faults import read_field_faults, read_rules
from rules.calendar import read_instant
from rules.fiscal import cufe
from rules.fiscal.codes import RULES, Act, Rule
from rules.vocabulary import BlockedReason

_BLOCKED: Final = {
    "100": BlockedReason.CREDENTIALS,
    UNAUTHORIZED: BlockedReason.CREDENTIALS,
    "101": BlockedReason.CERTIFICATE,
    "119": BlockedReason.FOLIOS,
}
_VOID_REGISTERED: Final = frozenset(code for code, rule in RULES.items() if rule.act is Act.VOIDED)  # at the DGI
_DUPLICATE: Final = "102"
_VOID_TOO_LATE: Final = "112"
# HKA waits for the DGI before it answers. Other providers don't, and so does the sandbox, with a code that isn't HKA's.
ACCEPTED: Final = "ACEPTADO"
_LONGEST_QR: Final = 2000


def read_send(answer: Answer, prefix: str) -> SendOutcome:
    """The outcome of Enviar, of a document whose CUFE will begin with ``prefix``."""
    if not answer.may_have_arrived:
        return NotSent(evidence=answer.evidence)
    match answer.code:
        case "200" if cufe.is_ours(answer.field("cufe"), prefix):
            return _authorized(answer)
        case code if code in _BLOCKED:
            return Blocked(reason=_BLOCKED[code], evidence=answer.evidence)
        case "109":
            return Rejected(faults=read_field_faults(answer.message), evidence=answer.evidence)
        case "203":
            return _judge_rules(answer)
        case code if code == ACCEPTED:
            return Accepted(evidence=answer.evidence)
        case None if answer.is_request_fault:
            # Our mistake: sending the same again doesn't help. Whether it arrived all the same, a look shows.
            return Blocked(reason=BlockedReason.TECHNICAL, evidence=answer.evidence)
        case code:
            return Unknown(evidence=answer.evidence, is_generic_error=code == "201", is_duplicate=code == _DUPLICATE)


def _authorized(answer: Answer) -> Authorized:
    """Whatever rule stands beside an authorisation didn't reject the document, so it is a notice."""
    return Authorized(
        cufe=answer.field("cufe") or "",
        evidence=answer.evidence,
        qr=_qr(answer.field("qr")),
        protocol=answer.field("nroProtocoloAutorizacion"),
        received_at=read_instant(answer.field("fechaRecepcionDGI")),
        notices=tuple(replace(fault, is_notice=True) for fault in read_rules(answer.message) if fault.code in RULES),
    )


def _judge_rules(answer: Answer) -> SendOutcome:
    """Any code that rejects beats one that says "duplicate"; without one that rejects, nothing is decided."""
    faults = read_rules(answer.message)
    rejecting = _find_rejecting(faults)
    if not rejecting:
        rules = [RULES.get(fault.code) for fault in faults]
        return Unknown(evidence=answer.evidence, is_duplicate=any(rule and rule.act is Act.CHECK for rule in rules))
    reasons = [rule.blocked_reason for rule in rejecting]
    if None in reasons:
        return Rejected(faults=faults, evidence=answer.evidence)
    reason = BlockedReason.ISSUER if BlockedReason.ISSUER in reasons else BlockedReason.TECHNICAL
    return Blocked(reason=reason, evidence=answer.evidence)


def _find_rejecting(faults: Iterable[FiscalFault]) -> list[Rule]:
    return [rule for fault in faults if (rule := RULES.get(fault.code)) and rule.rejects]


def read_look(answer: Answer) -> LookOutcome:
    """The outcome of EstadoDocumento."""
    state = (answer.field("estatusDocumento") or "").lower()
    match answer.code:
        case "200" if state.startswith(("autorizad", "anulad")) and _may_be_cufe(answer.field("cufe")):
            return Found(cufe=answer.field("cufe"), is_voided=state.startswith("anulad"), evidence=answer.evidence)
        case "200" if state.startswith("rechazad"):
            faults = read_rules(answer.field("mensajeDocumento") or "")
            if _find_rejecting(faults):
                return Rejected(faults=faults, evidence=answer.evidence)
        case "102":
            return NotFound(evidence=answer.evidence)
    return _unavailable(answer)


def _may_be_cufe(text: str | None) -> bool:
    """Whether this is none, or has a CUFE's form: a text of another form says nothing about whose document it is."""
    return text is None or CUFE_FORM.fullmatch(text) is not None


def read_void(answer: Answer) -> VoidOutcome:
    """The outcome of AnulacionDocumento: that there is an event of voiding already is as good as a new one."""
    if not answer.may_have_arrived:
        return NotSent(evidence=answer.evidence)
    faults = read_rules(answer.message)
    codes = {answer.code, *(fault.code for fault in faults)}
    if answer.code == "200" or (answer.code and codes & _VOID_REGISTERED):
        return Voided(evidence=answer.evidence)
    is_refusal = answer.code == _VOID_TOO_LATE or (answer.code == "203" and bool(_find_rejecting(faults)))
    return VoidRefusedOrUnknown(evidence=answer.evidence, is_refusal=is_refusal)


def read_xml_file(answer: Answer) -> File | Unavailable:
    return _read_file(answer, lambda content: content.lstrip(BLANKS).startswith(b"<"))


def read_pdf_file(answer: Answer) -> File | Unavailable:
    return _read_file(answer, lambda content: content.startswith(b"%PDF"))


def _read_file(answer: Answer, is_right: Callable[[bytes], bool]) -> File | Unavailable:
    if answer.file is not None and answer.code in (None, "200") and is_right(answer.file):
        return File(content=answer.file, evidence=answer.evidence)
    return _unavailable(answer)


def read_folios(answer: Answer) -> Folios | Unavailable:
    """The outcome of FoliosRestantes."""
    if answer.code != "200":
        return _unavailable(answer)
    licence = (answer.field("fechaLicencia") or "").rpartition("/")[2].strip()
    return Folios(
        available=_count(answer.field("foliosDisponibleCiclo") or answer.field("foliosDisponiblesCiclo")),
        used=_count(answer.field("foliosUtilizadosCiclo")),
        total=_count(answer.field("foliosTotalesCiclo")),
        licence_until=licence or None,
        evidence=answer.evidence,
        cycle=answer.field("fechaCiclo"),
    )


def _unavailable(answer: Answer) -> Unavailable:
    reason = _BLOCKED.get(answer.code or "")
    return Unavailable(evidence=answer.evidence, reason=None if reason is BlockedReason.FOLIOS else reason)


def _qr(text: str | None) -> str | None:
    """The QR's text if it is a link that may be shown."""
    return text if text and len(text) <= _LONGEST_QR and re.fullmatch(r"https://[!-~]+", text) else None


def _count(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch("[0-9]{1,9}", text) else None
