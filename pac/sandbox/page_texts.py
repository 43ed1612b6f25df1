"""The knobs as the page names them, in groups: name, and what happens, in Spanish."""

from collections.abc import Mapping
from typing import Final

GROUPS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "Al enviar: la respuesta": {
        "slow": ("Demora", "Guarda el documento y responde después de estos segundos."),
        "lost": ("Respuesta perdida", "Guarda el documento y corta la conexión."),
        "half": ("Media respuesta", "Guarda el documento y corta la conexión a media respuesta."),
        "not_arrived": ("No llega", "Corta la conexión y no guarda nada."),
        "empty": ("Respuesta vacía", "Guarda el documento y responde 200 sin contenido."),
        "no_cufe": ("Sin CUFE", "Guarda el documento y responde 200 sin CUFE."),
        "wrong_cufe": ("CUFE ajeno", "Guarda el documento y responde con el CUFE de otro."),
    },
    "Al enviar: la DGI": {
        "dgi_down": ("DGI caída", "Responde 202 y no guarda nada."),
        "dgi_late": ("DGI tardía", "Responde 202; el documento aparece después de estos segundos."),
        "asynchronous": ("Aceptado primero", "Lo acepta; la DGI decide después de estos segundos."),
        "reject": ("Rechazo", "Regla de la DGI, y el ítem tras una coma: 2152 o 2152,1."),
        "notice": ("Observación", "Autoriza el documento con esta observación de la DGI, como 2509."),
        "registered_receivers": ("Solo receptores inscritos", "Rechaza (1602) a quien no está en su registro."),
    },
    "Al enviar: el PAC": {
        "processing_error": ("Error al procesar", "Responde 201 la primera vez y después bien."),
        "duplicate": ("Número ocupado", "Otro sistema ya usó el número; responde con este código."),
        "certificate_expired": ("Certificado vencido", "Responde 101."),
        "no_folios": ("Sin folios", "Responde 119: no queda ninguno."),
        "few_folios": ("Pocos folios", "Dice que queda el 5 %, y autoriza."),
        "licence_over": ("Licencia vencida", "Responde 119."),
        "strict_order": ("Orden estricto", "No ve los campos que llegan fuera de orden."),
    },
    "Al anular y al descargar": {
        "void_lost": ("Anulación sin respuesta", "Anula el documento y corta la conexión."),
        "void_late": ("Anulación tardía", "Responde 202; aparece anulado después de estos segundos."),
        "void_refused": ("Anulación rechazada", "Responde 203 y no lo anula."),
        "voided_elsewhere": ("Anulado en el portal", "Al consultarlo, aparece anulado."),
        "pdf_late": ("PDF tardío", "Tantas veces, el PDF todavía no está."),
    },
    "En cada llamada": {
        "http_500": ("Error 500", "Responde con una falla del servidor."),
        "http_502": ("Error 502", "Responde con una página web."),
        "bad_token": ("Credenciales inválidas", "Responde 100, y 401 por REST."),
        "drop_every": ("Pierde una de cada…", "Hace el trabajo y pierde la respuesta, una de cada tantas."),
    },
}

TYPES: Final = {
    "01": "Factura",
    "02": "Factura de importación",
    "03": "Factura de exportación",
    "04": "Nota de crédito",
    "05": "Nota de débito",
    "06": "Nota de crédito genérica",
    "07": "Nota de débito genérica",
    "08": "Factura de zona franca",
    "09": "Reembolso",
    "10": "Factura de operación extranjera",
}
STATES: Final = {"PENDING": "En espera", "AUTHORIZED": "Autorizado", "VOIDED": "Anulado"}
