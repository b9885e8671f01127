#!/bin/sh
# As the official image does: options alone mean redis-server, which runs as its own user and may be reached from other containers.
set -e
case "${1:-}" in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "$1" = redis-server ]; then
    set -- "$@" --protected-mode no
    if [ "$(id -u)" = 0 ]; then
        chown redis .
        exec setpriv --reuid redis --regid redis --clear-groups "$@"
    fi
fi
exec "$@"
