"""The certificate of the local authority, for phones on the same network to trust."""

from litestar import Response, get

from penchant.core.errors import NotFound
from penchant.operations.certificates import AUTHORITY
from penchant.web.dependencies import Cell
from penchant.web.threads import in_thread


@get("/ca.crt", include_in_schema=False)
@in_thread
def show_authority(penchant: Cell) -> Response[bytes]:
    """200 with the certificate, 404 where this installation is not on a local network."""
    path = penchant.settings.data / "secrets" / AUTHORITY
    if not path.exists():
        raise NotFound("this installation has no certificate authority of its own")
    headers = {"Content-Disposition": 'attachment; filename="penchant-ca.crt"', "Cache-Control": "no-cache"}
    return Response(path.read_bytes(), media_type="application/x-x509-ca-cert", headers=headers)


ROUTES = [show_authority]
