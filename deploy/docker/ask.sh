#!/bin/sh
# Ask the server in this container for /healthz (is it alive) or /readyz (may requests be sent to it); else exit code 1.
exec python3 -c "import sys, urllib.request as ask; ask.urlopen(sys.argv[1], timeout=4)" "http://127.0.0.1:${HMIS_PORT:-5000}$1"
