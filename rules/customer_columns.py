"""A row of a table of customers, as other programs and people write it: which column is what, and what a row says.

>>> header, columns = guess_columns([["Mis clientes"], ["Razón Social", "R.U.C.", "D.V.", "Saldo"]])
>>> header, [column and column.value for column in columns]
(1, ['NAME', 'RUC', 'DV', None])
>>> read_row(columns, ["Hoteles, S.A.", "155596713-2-2015", "59", "1,00"], lambda *_: None).draft.dv
'59'
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from rules import tax_id
from rules.countries import COUNTRIES, ENGLISH_NAMES, NAMES
from rules.customer import CustomerDraft, ForeignId
from rules.faults import Code, Fault, Record, Text, faults_of
from rules.keys import fold
from rules.ruc import Ruc, RucKind
from rules.vocabulary import CustomerColumn, ForeignIdType, Language, ReceiverType, TaxpayerType

W = TypeVar("W", bound=StrEnum)

C = CustomerColumn
Columns = Sequence[CustomerColumn | None]

# The names under which each column is known, folded; those of Alegra's form and template are among them.
_HEADERS: Final[dict[CustomerColumn, str]] = {
    C.NAME: "nombre, nombres, nombre razon social, nombre o razon social, razon social, nombre completo, cliente,"
    " nombre del cliente, nombre cliente, nombre comercial, nombre o razon social del cliente, name, full name,"
    " customer, customer name, company, company name, empresa, contribuyente, primer nombre, segundo nombre,"
    " first name",
    C.LAST_NAME: "apellido, apellidos, primer apellido, segundo apellido, last name, surname",
    C.RUC: "ruc, numero de ruc, no ruc, ruc y dv, ruc con dv, ruc dv, cedula, cedula ruc, ruc cedula,"
    " cedula o ruc, ruc o cedula, ruc del cliente, tax id",
    C.IDENTIFICATION: "identificacion, numero de identificacion, no de identificacion, n de identificacion, documento,"
    " numero de documento, identificacion fiscal, identification",
    C.ID_TYPE: "tipo de identificacion, tipo identificacion, tipo de documento, tipo documento, identification type",
    C.DV: "dv, digito verificador, digito de verificacion, check digit",
    C.FOREIGN_ID: "pasaporte, identificacion extranjera, id extranjero, passport, foreign id",
    C.COUNTRY: "pais, pais de origen, codigo de pais, country",
    C.RECEIVER_TYPE: "tipo de receptor, tipo receptor, tipo de cliente, tipo cliente, receiver type",
    C.TAXPAYER_TYPE: "tipo de contribuyente, tipo contribuyente, tipo de persona, tipo persona, taxpayer type",
    C.CONTACT_TYPE: "tipo de contacto, tipo contacto, tipo de tercero, contact type",
    C.LOCATION_CODE: "codigo de ubicacion, codigo ubicacion, ubicacion, location code",
    C.PROVINCE: "provincia, provincia o comarca, comarca, province",
    C.DISTRICT: "distrito, district",
    C.CORREGIMIENTO: "corregimiento",
    C.ADDRESS: "direccion, direccion fiscal, direccion completa, calle, domicilio, address",
    C.EMAIL: "correo, correo electronico, e mail, email, mail, correo e, correos",
    C.PHONE: "telefono, telefono 1, telefono principal, telefono fijo, tel, telefonos, telefono 2,"
    " telefono secundario, phone",
    C.MOBILE: "celular, movil, telefono celular, telefono movil, whatsapp, mobile, cell phone",
    C.PAYMENT_TERM_DAYS: "plazo de pago, plazo, plazo en dias, plazo de pago en dias, termino de pago,"
    " terminos de pago, dias de credito, condicion de pago, condiciones de pago, credito,"
    " payment term, payment terms, payment term days",
    C.LANGUAGE: "idioma, language",
    C.EXTERNAL_ID: "id, codigo, codigo de cliente, codigo cliente, codigo del cliente, cod cliente, id externo,"
    " codigo en otro sistema, numero de cliente, external id, customer id, customer number, code",
    C.TAGS: "etiquetas, etiqueta, grupo, categoria, segmento, tags, group, category",
}
_BY_HEADER: Final = {name.strip(): column for column, names in _HEADERS.items() for name in names.split(",")}

# Columns that may be there several times: their cells are joined by this.
_JOINED: Final = {C.NAME: " ", C.LAST_NAME: " ", C.ADDRESS: ", "}
_REPEATED: Final = (*_JOINED, C.TAGS, C.PHONE, C.MOBILE)

_HEADER_WITHIN: Final = 20  # rows

# What Excel writes, in Spanish or English, where a formula has failed.
_ERROR: Final = re.compile(r"#(?:N/[AD]|[¡¿]?[A-ZÑ]+(?:/0)?[!?])", re.IGNORECASE)

# The field of a customer that a column is about, where it has another name.
_PATHS: Final[dict[CustomerColumn, tuple[str, ...]]] = {
    C.LAST_NAME: ("name",),
    C.IDENTIFICATION: ("ruc",),
    C.ID_TYPE: ("foreignId", "type"),
    C.FOREIGN_ID: ("foreignId", "number"),
    C.COUNTRY: ("foreignId", "country"),
    C.CONTACT_TYPE: (),
    C.PROVINCE: ("locationCode",),
    C.DISTRICT: ("locationCode",),
    C.CORREGIMIENTO: ("locationCode",),
}

# From what a cell says to what it means; a word that the cell contains is enough.
_RECEIVERS: Final = {
    "extranjero": ReceiverType.FOREIGN,
    "foreign": ReceiverType.FOREIGN,
    "gobierno": ReceiverType.GOVERNMENT,
    "government": ReceiverType.GOVERNMENT,
    "consumidor": ReceiverType.FINAL_CONSUMER,
    "final consumer": ReceiverType.FINAL_CONSUMER,
    "contribuyente": ReceiverType.TAXPAYER,
    "taxpayer": ReceiverType.TAXPAYER,
    "01": ReceiverType.TAXPAYER,
    "02": ReceiverType.FINAL_CONSUMER,
    "03": ReceiverType.GOVERNMENT,
    "04": ReceiverType.FOREIGN,
}
_TAXPAYERS: Final = {
    "natural": TaxpayerType.NATURAL,
    "fisica": TaxpayerType.NATURAL,
    "juridic": TaxpayerType.JURIDICAL,
    "legal": TaxpayerType.JURIDICAL,
    "empresa": TaxpayerType.JURIDICAL,
    "company": TaxpayerType.JURIDICAL,
}
_FOREIGN_IDS: Final = {
    "pasaporte": ForeignIdType.PASSPORT,
    "passport": ForeignIdType.PASSPORT,
    "fiscal": ForeignIdType.TAX_ID,
    "tax id": ForeignIdType.TAX_ID,
    "nit": ForeignIdType.TAX_ID,
    "extranjer": ForeignIdType.OTHER,
    "foreign": ForeignIdType.OTHER,
    "otro": ForeignIdType.OTHER,
}
_LANGUAGES: Final = {"espanol": Language.ES, "spanish": Language.ES, "ingles": Language.EN, "english": Language.EN}
_COUNTRIES: Final = {
    **{fold(name): code for names in (NAMES, ENGLISH_NAMES) for code, name in names.items()},
    **{code.lower(): code for code in COUNTRIES},
    "usa": "US",
    "estados unidos de america": "US",
}

FindLocation = Callable[[str, str, str], str | None]  # by corregimiento, district and province, each perhaps blank


def header_key(header: str) -> str:
    """
    >>> header_key(" Nombre / Razón Social (*)")
    'nombre razon social'
    """
    return " ".join(re.findall("[a-z0-9]+", fold(header).replace(".", "")))


def guess_columns(rows: Sequence[Sequence[str]]) -> tuple[int, list[CustomerColumn | None]]:
    """Which of the first rows has the names of the columns, and what each column is as far as its name tells."""
    guesses = [_guess(row) for row in rows[:_HEADER_WITHIN]] or [[]]
    best = max(range(len(guesses)), key=lambda index: sum(each is not None for each in guesses[index]))
    return best, guesses[best]


def _guess(row: Sequence[str]) -> list[CustomerColumn | None]:
    found: list[CustomerColumn | None] = []
    for cell in row:
        column = _BY_HEADER.get(header_key(cell))
        found.append(None if column in found and column not in _REPEATED else column)
    return found


def column_faults(columns: Columns) -> tuple[Fault, ...]:
    """What is wrong with a choice of columns."""
    faults = []
    if C.NAME not in columns:
        faults.append(Fault(("columns",), Code.REQUIRED, _NO_NAME))
    for column in sorted({each for each in columns if each and each not in _REPEATED and columns.count(each) > 1}):
        faults.append(Fault(("columns",), Code.INVALID_VALUE, _TWICE.format(column=column)))
    return tuple(faults)


@dataclass(frozen=True)
class ReadRow:
    """What a row says. ``is_supplier`` is True for somebody who only sells to the account."""

    draft: CustomerDraft
    faults: tuple[Fault, ...]
    is_supplier: bool = False


def read_row(columns: Columns, cells: Sequence[str], find_location: FindLocation) -> ReadRow:
    return _RowReader(columns, cells, find_location).read()


class _RowReader:
    def __init__(self, columns: Columns, cells: Sequence[str], find_location: FindLocation) -> None:
        self._found: dict[CustomerColumn, list[str]] = {}
        self._faults: list[Fault] = []
        self._find_location = find_location
        for column, cell in zip(columns, cells, strict=False):
            if column and (text := cell.strip()):
                self._found.setdefault(column, []).append(text)
                if text.startswith("="):
                    self._add(column, _FORMULA)
                elif _ERROR.fullmatch(text):
                    self._add(column, _FAILED.format(text=text))

    def read(self) -> ReadRow:
        phones = [*self._found.get(C.PHONE, []), *self._found.get(C.MOBILE, [])]
        mobiles = self._found.get(C.MOBILE, []) or phones[1:2]
        ruc, foreign_id, receiver_type = self._identity()
        draft = CustomerDraft(
            receiver_type=receiver_type,
            taxpayer_type=self._word(C.TAXPAYER_TYPE, _TAXPAYERS),
            ruc=ruc,
            dv=self._text(C.DV),
            foreign_id=foreign_id,
            name=" ".join(filter(None, (self._text(C.NAME), self._text(C.LAST_NAME)))) or None,
            location_code=self._location(),
            address=self._text(C.ADDRESS),
            email=self._text(C.EMAIL),
            phone=next(iter(self._found.get(C.PHONE, [])), None),
            mobile=next(iter(mobiles), None),
            payment_term_days=self._term(),
            language=self._word(C.LANGUAGE, _LANGUAGES) or Language.ES,
            external_id=self._text(C.EXTERNAL_ID),
            tags=tuple(tag for cell in self._found.get(C.TAGS, ()) for tag in _split_tags(cell)),
        )
        return ReadRow(draft, faults_of(Record.CUSTOMER, self._faults), self._is_supplier())

    def _text(self, column: CustomerColumn) -> str | None:
        found = self._found.get(column)
        return _JOINED.get(column, " ").join(found) if found else None

    def _add(self, column: CustomerColumn, message: Text, code: Code = Code.INVALID_VALUE) -> None:
        self._faults.append(Fault(path_of(column), code, message))

    def _word(self, column: CustomerColumn, words: Mapping[str, W]) -> W | None:
        """What the cell means by its words, by the name of the value itself, or by its first letter."""
        text = self._text(column)
        if text is None:
            return None
        key = header_key(text)
        for word, value in words.items():
            if word in key or key == value.lower().replace("_", " ") or (len(key) == 1 and word.startswith(key)):
                return value
        self._add(column, _UNKNOWN_WORD.format(text=text))
        return None

    def _is_supplier(self) -> bool:
        contact = header_key(self._text(C.CONTACT_TYPE) or "")
        return "proveedor" in contact and "cliente" not in contact

    def _identity(self) -> tuple[str | None, ForeignId | None, ReceiverType]:
        """RUC or foreign document, and what the customer is to the tax office, as far as the row says or implies it."""
        ruc, number, kind = self._text(C.RUC), self._text(C.FOREIGN_ID), header_key(self._text(C.ID_TYPE) or "")
        country = self._country()
        said = self._word(C.RECEIVER_TYPE, _RECEIVERS)
        other = self._text(C.IDENTIFICATION)
        foreign_type = next((value for word, value in _FOREIGN_IDS.items() if word in kind), None)
        if other:
            is_abroad = said is ReceiverType.FOREIGN or foreign_type or (country not in (None, "PA") and not said)
            if is_abroad and not number and not isinstance(tax_id.read_ruc(other), Ruc):
                number, foreign_type = other, foreign_type or ForeignIdType.OTHER
            else:
                ruc = ruc or other
        if said:
            receiver_type = said
        elif number and not ruc:
            receiver_type = ReceiverType.FOREIGN
        elif ruc and not self._is_bare_cedula(ruc):
            receiver_type = ReceiverType.TAXPAYER
        else:
            receiver_type = ReceiverType.FINAL_CONSUMER
        if receiver_type is not ReceiverType.FOREIGN or not number:
            return ruc, None, receiver_type
        document = ForeignId(type=foreign_type or ForeignIdType.PASSPORT, number=number, country=country)
        return None, document, receiver_type

    def _is_bare_cedula(self, ruc: str) -> bool:
        """Whether this is a person's number without a DV, as final consumers have it; a taxpayer's has a DV.

        An NT is given to taxpayers alone.
        """
        number = tax_id.read_ruc(ruc)
        is_persons = isinstance(number, Ruc) and not number.written_dv and TaxpayerType.NATURAL in number.readings
        is_nt = isinstance(number, Ruc) and number.kind is RucKind.NT
        return is_persons and not is_nt and not self._text(C.DV) and not self._text(C.TAXPAYER_TYPE)

    def _country(self) -> str | None:
        text = self._text(C.COUNTRY)
        code = _COUNTRIES.get(header_key(text)) if text else None
        if text and code is None:
            self._add(C.COUNTRY, _UNKNOWN_WORD.format(text=text))
        return code

    def _location(self) -> str | None:
        code = self._text(C.LOCATION_CODE)
        corregimiento = self._text(C.CORREGIMIENTO)
        if code or not corregimiento:
            return code
        if re.fullmatch("[0-9]{1,2}(-[0-9]{1,2}){2}", corregimiento):
            return corregimiento
        found = self._find_location(corregimiento, self._text(C.DISTRICT) or "", self._text(C.PROVINCE) or "")
        if found is None:
            self._add(C.CORREGIMIENTO, _UNKNOWN_PLACE.format(text=corregimiento), Code.UNKNOWN_LOCATION)
        return found

    def _term(self) -> int | None:
        text = self._text(C.PAYMENT_TERM_DAYS)
        if text is None:
            return None
        key = fold(text)
        if match := re.search(r"(?<![0-9.,-])([0-9]{1,4})(?:[.,]0+)?(?![0-9.,])", key):
            return int(match[1])
        if "contado" in key or "cash" in key or "inmediat" in key:
            return 0
        self._add(C.PAYMENT_TERM_DAYS, _NO_DAYS.format(text=text))
        return None


def _split_tags(cell: str) -> list[str]:
    """The tags of a cell. One with a semicolon is split there alone, so that tags may have commas.

    >>> _split_tags("vip, Colón"), _split_tags("Colón, Zona Libre; vip"), _split_tags("Colón, Zona Libre;")
    (['vip', 'Colón'], ['Colón, Zona Libre', 'vip'], ['Colón, Zona Libre'])
    """
    return list(filter(None, (tag.strip() for tag in re.split(";" if ";" in cell else "[,|]", cell))))


def path_of(column: CustomerColumn) -> tuple[str, ...]:
    """The path of the customer's field that the column is about.

    >>> path_of(CustomerColumn.PAYMENT_TERM_DAYS), path_of(CustomerColumn.CORREGIMIENTO)
    (('paymentTermDays',), ('locationCode',))
    """
    first, *rest = column.lower().split("_")
    return _PATHS.get(column, (first + "".join(map(str.capitalize, rest)),))


_NO_NAME: Final = Text("Indica qué columna tiene el nombre del cliente.", "Say which column has the customer's name.")
_TWICE: Final = Text("Hay dos columnas elegidas como {column}.", "Two columns are chosen as {column}.")
_FORMULA: Final = Text(
    "La celda tiene una fórmula como texto. Escribe el valor.", "The cell has a formula as text. Write the value."
)
_FAILED: Final = Text(
    "La celda tiene un error de Excel, «{text}». Escribe el valor.",
    "The cell has an error of Excel, “{text}”. Write the value.",
)
_UNKNOWN_WORD: Final = Text("No se entiende «{text}».", "“{text}” isn't understood.")
_UNKNOWN_PLACE: Final = Text(
    "No hay un único corregimiento «{text}» en ese distrito y provincia. Escribe también el distrito, o el código.",
    "There is no single corregimiento “{text}” in that district and province. Write the district, too, or the code.",
)
_NO_DAYS: Final = Text("Escribe el plazo en días, como 30; dice «{text}».", "Write days, such as 30; it says “{text}”.")

# A file to be filled in, and how its rows look. Its names are among those that are known above.
TEMPLATE: Final = (
    *("Nombre o razón social", "RUC", "DV", "Tipo de receptor", "Tipo de contribuyente"),
    *("Pasaporte", "País", "Provincia", "Distrito", "Corregimiento", "Dirección", "Correo electrónico"),
    *("Teléfono", "Celular", "Plazo de pago en días", "Idioma", "Código de cliente", "Etiquetas"),
)
TEMPLATE_EXAMPLES: Final = (
    (
        *("Hoteles del Istmo, S.A.", "155596713-2-2015", "59", "Contribuyente", "Jurídica", "", ""),
        *("Panamá", "Panamá", "Bella Vista", "Calle 50, edificio 3", "compras@example.com"),
        *("264-1234", "6677-8899", "30", "Español", "C-001", "Hoteles; Mayorista"),
    ),
    ("María Castillo", "8-769-1080", "", "Consumidor final", *[""] * 14),
    ("John Smith", "", "", "Extranjero", "", "AB123456", "Canadá", *[""] * 11),
)
