"""What an engine says when it does not do what was asked; the face hands it on in its own protocol."""


class Refused(Exception):
    """`code`: a canonical gRPC code name; the text is for the caller."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def invalid(words: str) -> Refused:
    return Refused("INVALID_ARGUMENT", words)


def not_found(name: str) -> Refused:
    return Refused("NOT_FOUND", f"{name} does not exist")


def unimplemented(what: str) -> Refused:
    return Refused("UNIMPLEMENTED", f"{what}: not supported by the local cloud")
