"""The database's errors: which are temporary, and which faults violated constraints stand for."""

import re
from typing import Final

import asyncpg
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError, ValidationError

from rules.faults import Code, Fault, Record, Text

# The database can't be reached, or is too busy to answer in time: the same request may succeed in a moment.
UNAVAILABLE: Final[tuple[type[Exception], ...]] = (
    TimeoutError,
    OSError,
    DBConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.DeadlockDetectedError,
    asyncpg.ReadOnlySQLTransactionError,
)


class AccountMoved(Exception):
    """The account is on another node now, and what is left of it here is old."""

    CODE: Final = "IM001"  # what refuse_moved raises in PostgreSQL


class MigrationError(Exception):
    """The database can't be brought up to date; the message says why. Nothing was changed."""


_DUPLICATE: Final = Text(
    "Ya existe un cliente activo con este RUC.", "An active customer with this RUC exists already."
)
_DUPLICATE_ID: Final = Text(
    "Ya existe un cliente activo con esta identificación.",
    "An active customer with this identification exists already.",
)

# The constraints that a client's input can violate. A violation of any other is a defect of Istmo.
FAULTS: Final[dict[str, Fault]] = {
    "customer_ruc_unique": Fault(("ruc",), Code.DUPLICATE_CUSTOMER, _DUPLICATE, record=Record.CUSTOMER),
    "customer_foreign_id_unique": Fault(("foreignId",), Code.DUPLICATE_CUSTOMER, _DUPLICATE_ID, record=Record.CUSTOMER),
    "customer_external_id_unique": Fault(
        ("externalId",),
        Code.DUPLICATE_EXTERNAL_ID,
        Text("Otro cliente ya tiene este código de otro sistema.", "Another customer has this external id already."),
        record=Record.CUSTOMER,
    ),
    "document_external_id_unique": Fault(
        ("externalId",),
        Code.DUPLICATE_EXTERNAL_ID,
        Text("Otro documento ya tiene este código de otro sistema.", "Another document has this external id already."),
        record=Record.REFERENCES,
    ),
    "customer_location_fkey": Fault(
        ("locationCode",),
        Code.UNKNOWN_LOCATION,
        Text("La DGI no tiene este código de ubicación.", "The DGI has no location with this code."),
        record=Record.CUSTOMER,
    ),
    "document_customer_fkey": Fault(
        (),
        Code.NOT_FOUND,
        Text("No existe este cliente.", "There is no such customer."),
        record=Record.INVOICE_CUSTOMER,
    ),
    "document_billing_point_fkey": Fault(
        ("billingPoint",),
        Code.NOT_FOUND,
        Text("No existe este punto de facturación.", "There is no such billing point."),
        record=Record.INVOICE,
    ),
    "billing_point_code_unique": Fault(
        ("code",),
        Code.INVALID_VALUE,
        Text("Ya existe un punto de facturación con este código.", "A billing point with this code exists already."),
    ),
    "billing_point_branch_fkey": Fault(
        ("branch",),
        Code.NOT_FOUND,
        Text("No existe esta sucursal.", "There is no such branch."),
    ),
    "branch_code_unique": Fault(
        ("code",),
        Code.INVALID_VALUE,
        Text("Ya existe una sucursal con este código.", "A branch with this code exists already."),
        record=Record.BRANCH,
    ),
    "branch_location_fkey": Fault(
        ("locationCode",),
        Code.UNKNOWN_LOCATION,
        Text("La DGI no tiene este código de ubicación.", "The DGI has no location with this code."),
        record=Record.BRANCH,
    ),
    "sequence_last_number_check": Fault(
        ("billingPoint",),
        Code.OUT_OF_RANGE,
        Text("Este punto de facturación agotó sus números.", "This billing point has used up its numbers."),
        record=Record.INVOICE,
    ),
}


_CONSTRAINT: Final = re.compile(r'constraint "(\w+?)(?:_[0-9]+)?"')


def is_beyond_columns(error: Exception) -> bool:
    """Whether a query compares with text that no column can hold: it is too long, or has the character NUL."""
    nul = asyncpg.CharacterNotInRepertoireError
    return isinstance(error, ValidationError) or (
        isinstance(error, OperationalError) and isinstance(error.__cause__, nul)
    )


def fault_of(error: IntegrityError) -> Fault | None:
    """The fault that the violated constraint stands for; None if it is a defect of Istmo."""
    cause = error.args[0] if error.args else None
    name = getattr(cause, "constraint_name", None)
    if not name and (found := _CONSTRAINT.search(str(cause))):
        # A distributed PostgreSQL names it in the message alone, with the number of a part of the table behind it.
        name = found[1]
    return FAULTS.get(name or "")
