"""An account's own words in its mails: a subject and a greeting for each language, with places for a document's data.

They are text, never markup, headers or a template: a place is one of the words below in braces, and nothing else is
read.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from rules import text
from rules.faults import Code, Fault, Text

SUBJECT_LONGEST: Final = 150
GREETING_LONGEST: Final = 1000
FILLED_LONGEST: Final = 250  # of a subject with the document's data in it
PLACES: Final = ("documento", "numero", "cliente", "empresa", "total")

_PLACE: Final = re.compile(r"\{([^{}\n]*)\}")
_GREETING_LINES: Final = 20

OwnTexts = Mapping[str, Any]  # as it is stored: language, subject and greeting


def check_mail_texts(typed: Iterable[OwnTexts]) -> tuple[list[dict[str, Any]], list[Fault]]:
    """The texts as they are stored, one entry for a language that has some, and what is wrong with them.

    >>> texts, faults = check_mail_texts([{"language": "ES", "subject": " Su {documento} ", "greeting": " "}])
    >>> texts, faults
    ([{'language': 'ES', 'subject': 'Su {documento}', 'greeting': None}], [])
    """
    texts: dict[str, dict[str, Any]] = {}
    faults: list[Fault] = []
    for index, each in enumerate(typed):
        path, language = ("mailTexts", str(index)), str(each["language"])
        subject = text.clean(each["subject"])
        greeting = text.clean(each["greeting"], multiline=True)
        faults += check_text((*path, "subject"), subject, SUBJECT_LONGEST)
        faults += check_text((*path, "greeting"), greeting, GREETING_LONGEST, lines=_GREETING_LINES)
        if language in texts:
            faults.append(Fault((*path, "language"), Code.INVALID_VALUE, _TWICE))
        elif subject or greeting:
            texts[language] = {"language": language, "subject": subject, "greeting": greeting}
    return [texts[language] for language in sorted(texts)], faults


def check_text(path: tuple[str, ...], cleaned: str | None, longest: int, *, lines: int = 1) -> tuple[Fault, ...]:
    """What is wrong with a text, cleaned: at most one fault."""
    if faults := text.check(path, cleaned, 0, longest, lines=lines):
        return faults
    unknown = [place for place in _PLACE.findall(cleaned or "") if place not in PLACES]
    if not unknown:
        return ()
    known = " ".join([f"{{{place}}}" for place in PLACES])
    message = Text(
        f"No existe el dato {{{unknown[0]}}}. Puedes usar {known}.",
        f"There is no {{{unknown[0]}}}. You can use {known}.",
    )
    return (Fault(path, Code.INVALID_VALUE, message, expected=PLACES),)


def fill(own: str, data: Mapping[str, str]) -> str:
    """The text with the document's data at their places. What the data contain is text, too, braces included.

    >>> fill("{documento} para {cliente} {x}", {"documento": "Factura 1", "cliente": "{total}", "total": "5"})
    'Factura 1 para {total} {x}'
    """
    return _PLACE.sub(lambda place: data.get(place[1], place[0]), own)


_TWICE: Final = Text("Este idioma ya tiene un texto.", "This language has a text already.")
