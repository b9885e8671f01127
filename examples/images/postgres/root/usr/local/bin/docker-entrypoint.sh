#!/bin/bash
# Starts PostgreSQL as the official image is documented to: an empty PGDATA is initialised with POSTGRES_USER, POSTGRES_PASSWORD and
# POSTGRES_DB (or the files that they name with _FILE), and what lies in /docker-entrypoint-initdb.d is run, against a temporary
# server that only its socket reaches.
set -e

case "${1:-}" in -*) set -- postgres "$@" ;; esac
[ "${1:-}" = postgres ] || exec "$@"

if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA" /var/run/postgresql
    find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres {} +
    chmod 700 "$PGDATA"
    exec setpriv --reuid postgres --regid postgres --clear-groups -- "$0" "$@"
fi

setting() { # NAME [DEFAULT]: exports POSTGRES_NAME, with the content of the file that POSTGRES_NAME_FILE names where there is one
    local name=POSTGRES_$1 file=POSTGRES_$1_FILE
    if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then
        echo "error: both $name and $file are set" >&2
        exit 1
    fi
    if [ -n "${!file:-}" ]; then export "$name=$(cat "${!file}")"; else export "$name=${!name:-${2:-}}"; fi
}

init_database() {
    local options
    setting PASSWORD
    setting USER postgres
    setting DB "$POSTGRES_USER"
    setting INITDB_ARGS
    setting HOST_AUTH_METHOD
    if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
        echo "Error: Database is uninitialized and superuser password is not specified." >&2
        echo "       Set POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust." >&2
        exit 1
    fi
    eval "options=($POSTGRES_INITDB_ARGS)"
    initdb --username="$POSTGRES_USER" --pwfile=<(echo "${POSTGRES_PASSWORD:-unused}") "${options[@]}" -D "$PGDATA"
    echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
}

query() { PGPASSWORD=$POSTGRES_PASSWORD psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password -U "$POSTGRES_USER" "$@"; }

run_scripts() {
    local script
    for script in /docker-entrypoint-initdb.d/*; do
        [ -e "$script" ] || continue
        echo "running $script"
        case "$script" in
            *.sh) if [ -x "$script" ]; then "$script"; else . "$script"; fi ;;
            *.sql) query -d "$POSTGRES_DB" -f "$script" ;;
            *.sql.gz) gunzip -c "$script" | query -d "$POSTGRES_DB" ;;
            *) echo "ignoring $script" ;;
        esac
    done
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    init_database
    # the temporary server: its socket, no network
    pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
    if [ "$POSTGRES_DB" != postgres ]; then
        query -d postgres -v name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
    fi
    run_scripts
    pg_ctl -D "$PGDATA" -m fast -w stop
    echo "PostgreSQL init process complete; ready for start up."
fi

exec "$@"
