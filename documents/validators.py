"""The providers that may validate electronic documents (Proveedor Autorizado Calificado), as documents name them.

What the DGI resolved is in its Resoluciones 201-9719 and 201-9721; the RUC of the second and its day aren't known here.
"""

from datetime import date
from typing import Final

from documents.document import Validator

_HKA: Final = Validator(
    name="The Factory HKA", ruc="155596713-2-2015", resolution="201-9719", resolved_on=date(2021, 10, 12)
)
_EBI: Final = Validator(name="EBI", resolution="201-9721")

# By the names of pac.providers. A sandbox is no such provider.
VALIDATORS: Final[dict[str, Validator | None]] = {
    "hka-soap": _HKA,
    "hka-soap-demo": _HKA,
    "hka-rest": _HKA,
    "hka-rest-demo": _HKA,
    "ebi-soap": _EBI,
    "ebi-soap-demo": _EBI,
    "sandbox": None,
    "sandbox-rest": None,
}
