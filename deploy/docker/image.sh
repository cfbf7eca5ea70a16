#!/bin/bash
# Builds the image `litopys:VERSION` from deploy/docker/Dockerfile: by docker or podman where one works, else by buildah
# without an engine, over a Debian that stands in for the Dockerfile's base image. docs/images.md tells more.
# IMAGE_FOLDER (var/image) takes litopys.tar, an archive that docker, podman and containerd load, and root/, the same
# image as plain files. ENGINE=docker, podman or buildah chooses.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=${IMAGE_FOLDER:-var/image}
release=trixie # whose Python is the one that the Dockerfile names
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
revision=$(git describe --always --dirty --abbrev=40 2>/dev/null || echo unknown)
image=localhost/litopys:$version
base=localhost/litopys-base:$release

say() { printf '  %s\n' "$*" >&2; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

engine() {
    for one in docker podman; do
        if "$one" info >/dev/null 2>&1; then echo "$one"; return; fi
    done
    echo buildah
}

# How this machine's pip reaches its index, for the lines of the Dockerfile that install: seen there, kept nowhere.
write_pip_secrets() {
    local configured ca
    configured=$("${PYTHON:-python3}" -m pip config list)
    ca=$(sed -n "s/^.*\.cert='\(.*\)'$/\1/p" <<<"$configured" | tail -n 1)
    {
        echo '[global]'
        sed -n "s/^[^.]*\.\(\(extra-\)\?index-url\|trusted-host\|proxy\|timeout\|default-timeout\)='\(.*\)'$/\1 = \3/p" <<<"$configured"
        if [ -n "$ca" ]; then echo 'cert = /run/secrets/ca.crt'; fi
    } >"$secrets/pip.conf"
    cp "${ca:-/dev/null}" "$secrets/ca.crt"
}

build() { # what builds, then what else it is told
    "$@" --file deploy/docker/Dockerfile --tag "$image" \
        --build-arg VERSION="$version" --build-arg REVISION="$revision" \
        --secret id=pip.conf,src="$secrets/pip.conf" --secret id=ca.crt,src="$secrets/ca.crt" .
}

engineless() { as_root buildah --storage-driver vfs --root "$storage" --runroot "$storage.run" "$@"; }

install_tools() {
    local missing=()
    command -v buildah >/dev/null || missing+=(buildah)
    command -v debootstrap >/dev/null || missing+=(debootstrap)
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    as_root apt-get -qq update
    DEBIAN_FRONTEND=noninteractive as_root apt-get -qq install --no-install-recommends -y "${missing[@]}" >/dev/null
}

# A Debian of the same release as python:3.13-slim, with Debian's build of the same Python.
make_base() {
    local mirror container
    if engineless inspect --type image "$base" >/dev/null 2>&1; then return; fi
    say "making a Debian $release with Python"
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' | awk '$2 !~ /-/ {print $1; exit}')
    as_root rm -rf "$folder/base"
    as_root debootstrap --variant=minbase --include=python3,python3-venv,python-is-python3,ca-certificates \
        "$release" "$folder/base" "$mirror" >"$folder/debootstrap.log"
    as_root rm -rf "$folder"/base/var/cache/apt/archives "$folder"/base/var/lib/apt/lists
    container=$(engineless from scratch)
    as_root cp -a "$folder/base/." "$(engineless mount "$container")/"
    engineless config --cmd python3 --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    engineless commit --quiet --rm "$container" "$base" >/dev/null
    as_root rm -rf "$folder/base"
}

build_without_engine() {
    local container
    storage=$(realpath "$folder")/storage
    install_tools
    make_base
    build engineless bud --isolation chroot --format docker --pull-never --layers --build-arg PYTHON_IMAGE="$base"
    engineless push --quiet "$image" "docker-archive:$folder/.litopys.tar:$image"
    container=$(engineless from --pull-never "$image")
    as_root cp -a "$(engineless mount "$container")" "$folder/.root"
    engineless rm "$container" >/dev/null
}

build_with() {
    local container
    build env DOCKER_BUILDKIT=1 "$1" build
    "$1" save --output "$folder/.litopys.tar" "$image"
    container=$("$1" create "$image" deploy.docker.health)
    as_root mkdir "$folder/.root"
    "$1" export "$container" | as_root tar -C "$folder/.root" -xp --numeric-owner
    "$1" rm "$container" >/dev/null
}

mkdir -p "$folder"
secrets=$(mktemp -d)
trap 'rm -rf "$secrets"' EXIT
write_pip_secrets
as_root rm -rf "$folder/.root" "$folder/.litopys.tar"
chosen=${ENGINE:-$(engine)}
say "building $image with $chosen"
if [ "$chosen" = buildah ]; then build_without_engine; else build_with "$chosen"; fi
as_root rm -rf "$folder/root"
as_root touch "$folder/.root/etc/hosts" # where an engine mounts its own
as_root mv "$folder/.root" "$folder/root"
mv "$folder/.litopys.tar" "$folder/litopys.tar"
say "$image: $folder/litopys.tar ($(du -m "$folder/litopys.tar" | cut -f1) MB), $folder/root"
