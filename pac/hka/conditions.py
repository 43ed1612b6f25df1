"""When a conditional member must be there, may be, or can't: see ``member.Condition``."""

from pac.hka.member import Content, value


def _receiver(document: Content) -> str:
    return value(document, "datosTransaccion", "cliente", "tipoClienteFE")


def in_contingency(document: Content, _group: Content) -> bool:
    return value(document, "datosTransaccion", "tipoEmision") in ("02", "04")


def unless_note(document: Content, _group: Content) -> bool | None:
    return False if value(document, "datosTransaccion", "tipoDocumento") in ("04", "05", "06", "07") else None


def to_abroad(document: Content, _group: Content) -> bool:
    return value(document, "datosTransaccion", "destinoOperacion") == "2"


def with_ruc(document: Content, group: Content) -> bool:
    """Taxpayers and the State have a RUC, foreigners don't; a final consumer's stands alone where it is."""
    return _receiver(document) in ("01", "03") or (_receiver(document) == "02" and "numeroRUC" in group)


def for_taxpayers(document: Content, _group: Content) -> bool | None:
    return {"01": True, "03": True, "04": False}.get(_receiver(document))


def name(document: Content, _group: Content) -> bool | None:
    return True if _receiver(document) in ("01", "03", "04") else None


def address(document: Content, _group: Content) -> bool | None:
    return True if _receiver(document) in ("01", "03") else None


def for_foreigners(document: Content, _group: Content) -> bool:
    return _receiver(document) == "04"


def with_passport(document: Content, group: Content) -> bool | None:
    return None if _receiver(document) == "04" and group.get("tipoIdentificacion") == "01" else False


def in_other_country(_document: Content, group: Content) -> bool:
    return group.get("pais") == "ZZ"


def in_other_currency(_document: Content, group: Content) -> bool:
    return group.get("monedaOperExportacion") == "ZZZ"


def in_foreign_currency(_document: Content, group: Content) -> bool:
    return group.get("monedaOperExportacion") not in ("USD", "PAB")


def with_isc(document: Content, _group: Content) -> bool:
    lines = document.get("listaItems")
    return not isinstance(lines, str) and any("valorISC" in each for each in lines or () if not isinstance(each, str))


def with_other_form(_document: Content, group: Content) -> bool:
    return group.get("formaPagoFact") == "99"
