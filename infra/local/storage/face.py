"""Cloud Storage over HTTP: the JSON API, its upload and download endpoints, and 501 for the rest."""

from aiohttp import web

from infra.local.control.control import Control
from infra.local.storage.answers import Desk, answering
from infra.local.storage.engine import StorageEngine
from infra.local.storage.face_buckets import BucketFace
from infra.local.storage.face_configs import ConfigFace
from infra.local.storage.face_media import MediaFace
from infra.local.storage.face_objects import ObjectFace
from infra.local.storage.face_uploads import UploadFace
from infra.local.storage.refusal import Reason, Refused

# The rest of the JSON API: access lists, folders, policies, batches.
UNSUPPORTED = ("/storage/{rest:.*}", "/upload/{rest:.*}", "/download/{rest:.*}", "/batch{rest:.*}")


def routes(store: StorageEngine, control: Control) -> list[web.AbstractRouteDef]:
    """What the store announces is delivered beside these routes, by notifications.deliver."""
    desk = Desk(store, control)
    media = MediaFace(desk)
    return [
        *BucketFace(desk).routes(),
        *ConfigFace(desk).routes(),
        *ObjectFace(desk, media).routes(),
        *UploadFace(desk).routes(),
        *media.routes(),
        *(web.route("*", path, answering(unsupported)) for path in UNSUPPORTED),
    ]


async def unsupported(request: web.Request) -> web.StreamResponse:
    raise Refused(Reason.UNSUPPORTED, f"{request.method} {request.path} is not supported here.")
