#!/usr/bin/env bash
# Installs the Debian packages that Motcua needs, by name; says which one cannot be had, why, and what to do.
set -u
packages=(
  python3-venv tesseract-ocr tesseract-ocr-vie fonts-croscore fonts-noto-core poppler-utils libmagic1
  libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 shared-mime-info
)
if [ "${1:-}" = "tests" ]; then
  packages+=(chromium postgresql qpdf iproute2)
fi
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  packages+=(nodejs npm)
fi
missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "Motcua needs these packages, and apt-get is not here to install them: ${missing[*]}" >&2
  echo "Use Debian 12, or install their counterparts by hand and run make again." >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "These Debian packages are missing: ${missing[*]}" >&2
    echo "Run as root: apt-get install ${missing[*]}   (or install sudo), then make again." >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing Debian packages: ${missing[*]}" >&2
log=$(mktemp)
"${as_root[@]}" apt-get update >"$log" 2>&1 || tail -3 "$log" >&2
if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
  for package in "${missing[@]}"; do
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package" >"$log" 2>&1; then
      echo "Debian package $package could not be installed: $(grep -m1 '^E:' "$log" || tail -1 "$log")" >&2
      echo "Check the network and /etc/apt/sources.list, then run: apt-get install $package" >&2
      rm -f "$log"
      exit 1
    fi
  done
fi
rm -f "$log"
