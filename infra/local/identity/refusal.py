"""How the token endpoint says no."""


class GrantRefused(Exception):
    """An OAuth 2.0 error and its description (RFC 6749, section 5.2), with the HTTP status of the answer."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status
