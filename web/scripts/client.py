"""The browser's types of the API, from the server's own OpenAPI document.

python web/scripts/client.py          writes src/lib/api/schema.d.ts
python web/scripts/client.py --check  fails where it is stale
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from hmis.app import CONVERTERS, DOMAINS
from hmis.core.openapi import document

WEB = Path(__file__).parent.parent
TYPES = WEB / "src/lib/api/schema.d.ts"


def main() -> int:
    """Exit code: 1 when `--check` finds the types stale."""
    described = document([route for domain in DOMAINS for route in domain.routes], CONVERTERS)
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "openapi.json"), Path(folder, "schema.d.ts")
        given.write_text(json.dumps(described))
        command = ["node_modules/.bin/openapi-typescript", given, "-o", made]
        command += ["--root-types", "--root-types-no-schema-prefix"]
        subprocess.run(command, cwd=WEB, check=True, stdout=subprocess.DEVNULL)
        types = made.read_text()
    if "--check" in sys.argv[1:]:
        stale = types != TYPES.read_text()
        if stale:
            print("web/src/lib/api/schema.d.ts is stale: run `make web`")
        return int(stale)
    TYPES.write_text(types)
    return 0


if __name__ == "__main__":
    sys.exit(main())
