"""The error of a malformed argument. What is wrong with the data itself is a ``rules.faults.Refusal``."""


class BadUserInput(Exception):
    """An argument is malformed; the message is for the developer of the client."""
