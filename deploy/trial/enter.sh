#!/bin/sh
# Becomes a program of the image, in mounts of its own: enter.sh ROOT HOSTS UID:GID DIRECTORY [SOURCE:TARGET:ro|rw …] -- COMMAND
# The root file system is read-only, /tmp is empty memory, what is mounted is what the container would see.
set -eu
root=$1 hosts=$2 user=$3 directory=$4
shift 4
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777,size=64m tmp "$root/tmp"
mount --bind "$hosts" "$root/etc/hosts"
while [ "$1" != -- ]; do
    source=${1%%:*} rest=${1#*:}
    mount --bind "$source" "$root${rest%:*}"
    if [ "${rest##*:}" = ro ]; then mount -o remount,bind,ro "$root${rest%:*}"; fi
    shift
done
shift
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs unshare --root "$root" --wd "$directory" --setgid "${user#*:}" --setuid "${user%:*}" -- "$@"
