"""What a resolver may know of the request."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from strawberry.types.info import Info as StrawberryInfo

from lookup.service import Consultar
from resolvers.auth import Identity
from rules.faults import Text


@dataclass
class Context:
    """``identity`` is who asks; ``language`` is "es" or "en", from the Accept-Language header.

    ``consultar`` looks RUCs up.
    """

    identity: Identity
    consultar: Consultar
    language: str = "es"
    reference: str = ""

    def say(self, text: Text) -> str:
        return text.en if self.language == "en" else text.es


Info: TypeAlias = StrawberryInfo[Context, Any]
