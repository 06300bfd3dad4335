"""The grants of people: refresh tokens, each given to one OAuth client, as the token endpoint knows them. Pure.

RFC 6749, sections 5.2 and 6; refusals are worded as Google's token endpoint words them.
"""

from dataclasses import dataclass, field

from infra.local.identity.refusal import GrantRefused


@dataclass(slots=True)
class UserGrant:
    """What one person allowed one client. `tokens` are the access tokens that it was given for it."""

    client_id: str
    client_secret: str = field(repr=False)
    revoked: bool = False
    tokens: list[str] = field(default_factory=list, repr=False)


@dataclass(slots=True)
class UserGrants:
    _grants: dict[str, UserGrant] = field(default_factory=dict, repr=False)

    def declare(self, refresh_token: str, client_id: str, client_secret: str) -> None:
        self._grants[refresh_token] = UserGrant(client_id, client_secret)

    def known(self, refresh_token: str) -> UserGrant:
        """KeyError for one that was never declared."""
        return self._grants[refresh_token]

    def asked_for(self, refresh_token: str, client_id: str, client_secret: str) -> UserGrant:
        """The grant that a client comes with; GrantRefused where it is not good for a token."""
        clients = {(each.client_id, each.client_secret) for each in self._grants.values()}
        if (client_id, client_secret) not in clients:
            raise GrantRefused("invalid_client", "The OAuth client was not found.", status=401)
        grant = self._grants.get(refresh_token)
        if grant is None or (grant.client_id, grant.client_secret) != (client_id, client_secret):
            raise GrantRefused("invalid_grant", "Bad Request")
        if grant.revoked:
            raise GrantRefused("invalid_grant", "Token has been expired or revoked.")
        return grant
