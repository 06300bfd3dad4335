"""RSA key pairs and their public form, a JSON Web Key Set (RFC 7517)."""

import hashlib
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ALGORITHM = "RS256"


@dataclass(frozen=True)
class KeyPair:
    """A private key and the id by which tokens name it."""

    id: str
    private: rsa.RSAPrivateKey

    @property
    def public(self) -> rsa.RSAPublicKey:
        return self.private.public_key()

    def pem(self) -> str:
        """The private key as PKCS 8, the form of Google's key files."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()


def generate() -> KeyPair:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return KeyPair(hashlib.sha256(public).hexdigest()[:40], private)


def key_set(*pairs: KeyPair) -> dict[str, Any]:
    """The public halves, as an issuer publishes them."""
    return {"keys": [_public_key(pair) for pair in pairs]}


def _public_key(pair: KeyPair) -> dict[str, Any]:
    numbers = jwt.algorithms.RSAAlgorithm.to_jwk(pair.public, as_dict=True)
    return {
        "kty": "RSA",
        "alg": ALGORITHM,
        "use": "sig",
        "kid": pair.id,
        "n": numbers["n"],
        "e": numbers["e"],
    }
