"""What a resolver raises when a request, rather than the data in it, is at fault."""


class BadUserInput(Exception):
    """An argument is malformed; the message is for the developer of the client."""


class Forbidden(Exception):
    """The key's scope doesn't allow this."""
