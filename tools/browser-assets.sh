#!/usr/bin/env bash
# Fetches the browser assets by npm's lock file and copies them to webapp/static/vendor; does nothing when up to date.
set -eu
stamp=node_modules/.locked
wanted=$(cat package-lock.json tools/assets.py webapp/static/vendor.sha256 | sha256sum | cut -d' ' -f1)
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -d webapp/static/vendor ] && exit 0
echo "Fetching browser assets by npm ci" >&2
if ! npm ci --silent --no-progress; then
  echo "npm ci failed (see above): the diagrams of the history page need it. Check the network, then run make again." >&2
  exit 1
fi
.venv/bin/python tools/assets.py
echo "$wanted" > "$stamp"
