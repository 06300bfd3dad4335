"""What every contract test may ask for."""

from tests.support.localcloud import local_cloud

__all__ = ["local_cloud"]
