#!/usr/bin/env bash
# Makes .venv from the hash-pinned lock file; does nothing when it is up to date.
set -eu
stamp=.venv/.locked
wanted=$(cat requirements.lock setup.cfg pyproject.toml | sha256sum | cut -d' ' -f1)
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && exit 0
python=""
# The distribution's Python first: it is the one of the container, gets its security updates, and is built with profiles and
# link-time optimisation. One compiled by hand often is not, and then everything here takes half as long again.
for candidate in /usr/bin/python3 python3.11 python3.12 python3.13 python3; do
  if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "Motcua needs Python 3.11 or newer; none was found. On Debian 12: apt-get install python3 python3-venv" >&2
  exit 1
fi
[ -x .venv/bin/python ] || "$python" -m venv .venv
echo "Installing Python packages from requirements.lock" >&2
if ! .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock; then
  echo "The Python packages of requirements.lock could not be installed (see above)." >&2
  echo "Check the network and pip's index setting, then run make again." >&2
  exit 1
fi
.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
echo "$wanted" > "$stamp"
