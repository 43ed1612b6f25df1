"""The sentences of a customer's faults, in both languages."""

from typing import Final

from rules.customer import Field, Need
from rules.faults import Text
from rules.vocabulary import ReceiverType

_RECEIVERS: Final = {
    ReceiverType.TAXPAYER: Text("un contribuyente", "a taxpayer"),
    ReceiverType.FINAL_CONSUMER: Text("un consumidor final", "a final consumer"),
    ReceiverType.GOVERNMENT: Text("una entidad de gobierno", "a government body"),
    ReceiverType.FOREIGN: Text("un extranjero", "a foreigner"),
}
EXCLUDED: Final = {
    ReceiverType.FINAL_CONSUMER: Text(
        "Una persona jurídica no puede ser consumidor final; regístrala como contribuyente.",
        "A company can't be a final consumer; register it as a taxpayer.",
    ),
    ReceiverType.GOVERNMENT: Text(
        "Una persona natural no puede ser gobierno; regístrala como contribuyente o consumidor final.",
        "A person can't be a government body; register them as a taxpayer or a final consumer.",
    ),
}
LIKE: Final = Text("Escríbelo como en este ejemplo: {example}.", "Write it like this: {example}.")
TOO_MANY_PERSONS: Final = Text(
    "Un cliente tiene como máximo {most} personas asociadas; hay {count}.",
    "A customer has at most {most} associated persons; there are {count}.",
)
NOTIFY_WHERE: Final = Text(
    "Escribe el correo para enviarle los avisos.", "Write the e-mail address for the notifications."
)
FROM_0_TO: Final = Text("Escribe un número de 0 a {most}.", "Write a number from 0 to {most}.")
ID_TYPE: Final = Text("Indica el tipo de documento.", "Say what kind of document it is.")
ID_COUNTRY: Final = Text(
    "Escribe el código de dos letras del país que emitió el documento, distinto de Panamá; por ejemplo,"
    " CO para Colombia.",
    (
        "Write the two-letter code of the country that issued the document, other than Panama; for example,"
        " CO for Colombia."
    ),
)


def required(field: Field, receiver_type: ReceiverType) -> Text:
    receiver = _RECEIVERS[receiver_type]
    if field.needs[receiver_type] is Need.REQUIRED_IF_ELECTRONIC:
        return Text(
            f"Falta «{field.label.es}»: la factura electrónica lo pide para {receiver.es}.",
            f"{field.label.en} is missing: an electronic invoice requires it of {receiver.en}.",
        )
    return Text(f"Falta «{field.label.es}».", f"{field.label.en} is missing.")


def forbidden(field: Field, receiver_type: ReceiverType) -> Text:
    receiver = _RECEIVERS[receiver_type]
    if field.needs[receiver_type] is Need.FORBIDDEN_IF_NATURAL:
        receiver = Text("una persona natural", "a natural person")
    return Text(
        f"Deja vacío «{field.label.es}»: no corresponde a {receiver.es}.",
        f"Leave {field.label.en} empty: it doesn't apply to {receiver.en}.",
    )
