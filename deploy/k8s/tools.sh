#!/bin/bash
# Brings what the checks of deploy/k8s run and the virtual environment does not hold: checkov in one of its own (its pins are
# not ours), and kustomize where there is no kubectl. What cannot be had is said; the checks then skip it, aloud.
# PYTHON: the interpreter to start from.
set -euo pipefail
cd "$(dirname "$0")/../.."
CHECKOV=3.3.30 KUSTOMIZE=v5.6.0
tools=$PWD/var/tools

say() { printf '  %s\n' "$*" >&2; }

has_checkov() { compgen -G "$tools/checkov/lib/*/site-packages/checkov-$CHECKOV.dist-info" >/dev/null; }

if ! has_checkov; then
    say "installing checkov into var/tools"
    rm -rf "$tools/checkov"
    "$PYTHON" -m venv "$tools/checkov"
    "$tools/checkov/bin/pip" --disable-pip-version-check --quiet install "checkov==$CHECKOV" || { say "checkov cannot be had here"; rm -rf "$tools/checkov"; }
fi

if ! command -v kubectl >/dev/null && [ ! -x "${LAB_DIR:-}/bin/kubectl" ] && [ ! -x "$tools/bin/kustomize" ]; then
    if command -v go >/dev/null; then
        say "building kustomize"
        GOBIN="$tools/bin" go install "sigs.k8s.io/kustomize/kustomize/v5@$KUSTOMIZE" || say "kustomize cannot be built here"
    else
        say "neither kubectl nor Go is here: nothing renders the overlays"
    fi
fi
