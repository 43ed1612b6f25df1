"""The sandbox's page for people: the documents that it has, and the knobs. It needs no script.

Only people on the same machine get it. What it changes is taken from its own form alone: the address that a browser
names as a request's origin must be the sandbox's.
"""

import base64
import hashlib
from collections.abc import Mapping
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import ValidationError

from pac.sandbox.control import describe_document, refuse_others
from pac.sandbox.knobs import Knobs
from pac.sandbox.page_texts import GROUPS, STATES, TYPES
from pac.sandbox.state import Sandbox
from pac.sandbox.storage import Document
from rules.fiscal.cufe import consultation_url
from rules.vocabulary import Environment

_MOST_DOCUMENTS: Final = 200
_STYLE: Final = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_PATH: Final = "/sandbox"

Errors = Mapping[str, str]


class Page:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get(_PATH, self.show)
        router.add_post(_PATH, self.turn)

    async def show(self, request: web.Request) -> web.Response:
        refuse_others(request)
        values = self._sandbox.knobs.model_dump()
        said = "Cambios aplicados." if "cambios" in request.query else ""
        return self._write(values, said=said)

    async def turn(self, request: web.Request) -> web.Response:
        """Turn the knobs as the form says; what is wrong with it is shown beside the field."""
        refuse_others(request)
        if urlsplit(request.headers.get("Origin", "")).netloc != request.host:
            raise web.HTTPForbidden
        form = await request.post()
        given = {} if "todo-bien" in form else _read_form(form)
        try:
            self._sandbox.knobs = Knobs.model_validate(given)
        except ValidationError as error:
            wrong = {str(fault["loc"][0]): _WRONG for fault in error.errors()}
            return self._write({**Knobs().model_dump(), **given}, errors=wrong)
        raise web.HTTPSeeOther(f"{_PATH}?cambios")

    def _write(self, values: Mapping[str, Any], *, said: str = "", errors: Errors | None = None) -> web.Response:
        errors = errors or {}
        store = self._sandbox.store
        shown = [self._row(document, sends) for document, sends in store.list_latest(_MOST_DOCUMENTS)]
        turned = _name_turned(self._sandbox.knobs)
        body = _PAGE.format(
            style=_STYLE,
            said=f'<p role="status"><strong>{said}</strong></p>' if said else "",
            alert=f'<p role="alert" class="error">{_NOT_TURNED}</p>' if errors else "",
            turned=f"Fallas puestas: <strong>{escape(turned)}</strong>" if turned else "Ninguna falla puesta.",
            documents=_TABLE.format(rows="\n".join(shown), count=len(shown)) if shown else _NO_DOCUMENTS,
            groups="\n".join(_write_group(name, knobs, values, errors) for name, knobs in GROUPS.items()),
        )
        return web.Response(text=body, status=400 if errors else 200, content_type="text/html", headers=_HEADERS)

    def _row(self, document: Document, sends: int) -> str:
        told, key = describe_document(document, self._sandbox.clock()), document.key
        link = consultation_url(document.cufe, Environment.TEST)
        number = f"{key.branch}-{key.point}-{key.number}"
        cells = [
            f'<th scope="row" class="number">{escape(number)}<br>{escape(TYPES.get(key.type, key.type))}</th>',
            f"<td>{escape(document.receiver) or 'Consumidor final'}</td>",
            f'<td class="amount">B/. {Decimal(document.total):,.2f}</td>',
            f"<td>{STATES[told['status']]}</td>",
            f'<td class="amount">{sends}</td>',
            f'<td class="cufe">{escape(document.cufe)}<br><a href="{escape(link)}" rel="noreferrer" '
            f'aria-label="Página de la DGI de {escape(number)}">Página de la DGI (pruebas)</a></td>',
        ]
        return f"<tr>{''.join(cells)}</tr>"


def _name_turned(knobs: Knobs) -> str:
    """
    >>> _name_turned(Knobs(lost=True, slow=2.5, strict_order=False))
    'Demora: 2.5, Respuesta perdida: sí, Orden estricto: no'
    """
    labels = {name: label for group in GROUPS.values() for name, (label, _) in group.items()}
    turned = knobs.model_dump(exclude_defaults=True)
    return ", ".join(f"{label}: {_write_value(turned[name])}" for name, label in labels.items() if name in turned)


def _write_value(value: object) -> str:
    return {True: "sí", False: "no"}[value] if isinstance(value, bool) else str(value)


def _read_form(form: Mapping[str, Any]) -> dict[str, object]:
    """The knobs that the form has; an empty field is its default, and a box that isn't ticked is off."""
    given: dict[str, object] = {}
    for name, field in Knobs.model_fields.items():
        value = str(form.get(name, "")).strip()
        if field.annotation is bool:
            given[name] = name in form
        elif value:
            given[name] = value
    return given


def _write_group(title: str, knobs: Mapping[str, tuple[str, str]], values: Mapping[str, Any], errors: Errors) -> str:
    fields = "\n".join(_write_knob(name, *texts, values[name], errors.get(name)) for name, texts in knobs.items())
    return f'<fieldset><legend>{escape(title)}</legend><div class="knobs">\n{fields}\n</div></fieldset>'


def _write_knob(name: str, label: str, hint: str, value: Any, error: str | None) -> str:
    described = f"{name}-hint {name}-error" if error else f"{name}-hint"
    attributes = f'id="{name}" name="{name}" aria-describedby="{described}"'
    if error:
        attributes += ' aria-invalid="true"'
    written = f'<label for="{name}">{escape(label)}</label>'
    field = Knobs.model_fields[name]
    if field.annotation is bool:
        written = f'<input type="checkbox" {attributes}{" checked" if value is True else ""}> {written}'
    elif get_origin(field.annotation) is Literal:
        options = "".join(
            f'<option value="{each}"{" selected" if each == value else ""}>{each or "No"}</option>'
            for each in get_args(field.annotation)
        )
        written += f"<select {attributes}>{options}</select>"
    else:
        kind = "numeric" if field.annotation in (float, int) else "text"
        shown = "" if value in (0, "") else f"{value:g}" if isinstance(value, float) else str(value)
        written += f'<input inputmode="{kind}" autocomplete="off" value="{escape(shown)}" {attributes}>'
    written += f'<span class="hint" id="{name}-hint">{escape(hint)}</span>'
    if error:
        written += f'<span class="error" id="{name}-error">{escape(error)}</span>'
    return f'<div class="knob">{written}</div>'


_WRONG: Final = "Este valor no se entiende o se sale de lo permitido."
_NOT_TURNED: Final = "No se aplicó nada. Revisa los campos marcados."
_NO_DOCUMENTS: Final = "<p>Todavía no hay documentos autorizados.</p>"
_TABLE: Final = f"""<div class="wide" role="region" aria-labelledby="documents" tabindex="0"><table>
<caption>{{count}}, el más reciente primero; se muestran hasta {_MOST_DOCUMENTS}.</caption>
<thead><tr><th scope="col">Número y tipo</th><th scope="col">Receptor</th><th scope="col" class="amount">Total</th>
<th scope="col">Estado</th><th scope="col" class="amount">Envíos</th><th scope="col">CUFE</th></tr></thead>
<tbody>
{{rows}}
</tbody></table></div>"""
_PAGE: Final = """<!doctype html>
<html lang="es">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sandbox de Istmo · pruebas</title>
<style>{style}</style>
</head>
<body>
<header>Esto es una prueba: nada de lo que ves aquí tiene valor fiscal.</header>
<main>
<h1>Sandbox de Istmo</h1>
<p>Este programa hace de PAC y de DGI para probar. No llama a nadie: la DGI no conoce estos documentos, y su página de
pruebas no los mostrará.</p>
{said}{alert}
<h2 id="documents">Documentos</h2>
<p><a href="/sandbox">Actualizar</a></p>
{documents}
<h2>Fallas</h2>
<p>{turned}</p>
<p class="muted">Valen para todos los documentos desde que las aplicas, y se olvidan al reiniciar. Un campo vacío es que
no pasa.</p>
<form method="post" action="/sandbox">
{groups}
<p><button type="submit">Aplicar</button>
<button type="submit" name="todo-bien" value="1">Quitar todas las fallas</button></p>
</form>
</main>
</body>
</html>
"""
