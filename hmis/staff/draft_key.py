"""The key under which a browser keeps somebody's unfinished writing.

Made anew from the server's secret whenever it is asked for, and stored nowhere: not by the server, and by a page in
its memory alone. So what lies in the storage of a shared computer opens after its owner has signed in, and to nobody
else. Another HMIS_SECRET_KEY makes other keys: what browsers kept under the old ones cannot be read any more.
"""

from __future__ import annotations

import base64
import hmac
import uuid

_SALT = b"hmis draft key, version 1"


def draft_key(secret: str, staff_id: uuid.UUID) -> str:
    """32 bytes in base64: always the same for one person, and another for everybody else.

    HKDF-SHA256 (RFC 5869) with one block of output; the person is its `info`.
    """
    extracted = hmac.digest(_SALT, secret.encode(), "sha256")
    expanded = hmac.digest(extracted, staff_id.bytes + b"\x01", "sha256")
    return base64.b64encode(expanded).decode()
