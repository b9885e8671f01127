#!/bin/sh
# Starts PostgreSQL as the official image is documented to: an empty PGDATA is initialised with POSTGRES_USER, POSTGRES_PASSWORD and
# POSTGRES_DB, and what lies in /docker-entrypoint-initdb.d is run, against a temporary server that only its socket reaches.
set -eu

case "${1:-}" in -*) set -- postgres "$@" ;; esac
[ "${1:-}" = postgres ] || exec "$@"

if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA" /var/run/postgresql
    chown -R postgres "$PGDATA" /var/run/postgresql
    chmod 700 "$PGDATA"
    exec setpriv --reuid postgres --regid postgres --clear-groups -- "$0" "$@"
fi

from_file() { # VARIABLE: its value, or what the file that VARIABLE_FILE names holds
    eval "value=\${$1:-}; file=\${$1_FILE:-}"
    if [ -n "$file" ]; then cat "$file"; else printf %s "$value"; fi
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    password=$(from_file POSTGRES_PASSWORD)
    user=${POSTGRES_USER:-postgres}
    database=${POSTGRES_DB:-$user}
    if [ -z "$password" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
        echo "Error: Database is uninitialized and superuser password is not specified." >&2
        echo "       Set POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust." >&2
        exit 1
    fi
    secret=$(mktemp)
    printf '%s\n' "${password:-unused}" > "$secret"
    initdb --username="$user" --pwfile="$secret" -D "$PGDATA"
    rm -f "$secret"
    echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"

    # the temporary server: no network, its socket only
    pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
    if [ "$database" != postgres ]; then
        psql -v ON_ERROR_STOP=1 --no-psqlrc -U "$user" -d postgres -v name="$database" <<'SQL'
CREATE DATABASE :"name";
SQL
    fi
    for script in /docker-entrypoint-initdb.d/*; do
        [ -e "$script" ] || continue
        echo "running $script"
        case "$script" in
            *.sh) if [ -x "$script" ]; then "$script"; else . "$script"; fi ;;
            *.sql) psql -v ON_ERROR_STOP=1 --no-psqlrc -U "$user" -d "$database" -f "$script" ;;
            *) echo "ignoring $script" ;;
        esac
    done
    pg_ctl -D "$PGDATA" -m fast -w stop
    echo "PostgreSQL init process complete; ready for start up."
fi

exec "$@" -c listen_addresses='*'
