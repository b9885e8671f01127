#!/bin/sh
# Starts MariaDB as the official image is documented to: an empty data folder is initialised with MARIADB_* (or MYSQL_*), and what lies in
# /docker-entrypoint-initdb.d is run, against a temporary server that only its socket reaches.
set -eu

case "${1:-}" in -*) set -- mariadbd "$@" ;; esac
case "${1:-}" in mariadbd | mysqld) ;; *) exec "$@" ;; esac

data=/var/lib/mysql
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$data" /run/mysqld
    chown -R mysql "$data" /run/mysqld
    exec setpriv --reuid mysql --regid mysql --clear-groups -- "$0" "$@"
fi

setting() { # NAME: MARIADB_NAME, MARIADB_NAME_FILE, MYSQL_NAME or MYSQL_NAME_FILE
    for prefix in MARIADB MYSQL; do
        eval "value=\${${prefix}_$1:-}; file=\${${prefix}_$1_FILE:-}"
        if [ -n "$file" ]; then cat "$file"; return; fi
        if [ -n "$value" ]; then printf %s "$value"; return; fi
    done
}
quoted() { printf %s "$1" | sed "s/[\\\\']/\\\\&/g"; }

if [ ! -d "$data/mysql" ]; then
    root=$(setting ROOT_PASSWORD) user=$(setting USER) password=$(setting PASSWORD) database=$(setting DATABASE)
    if [ -z "$root" ] && [ -z "${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD:-${MYSQL_ALLOW_EMPTY_PASSWORD:-}}" ]; then
        echo "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified (MARIADB_ROOT_PASSWORD)" >&2
        exit 1
    fi
    mariadb-install-db --datadir="$data" --skip-test-db --auth-root-authentication-method=normal >/dev/null

    # the temporary server: no network, its socket only
    "$@" --skip-networking &
    server=$!
    until mariadb-admin ping --silent 2>/dev/null; do
        kill -0 "$server" || exit 1
        sleep 0.1
    done
    {
        [ -z "$database" ] || echo "CREATE DATABASE IF NOT EXISTS \`$database\`;"
        if [ -n "$user" ]; then
            echo "CREATE USER '$(quoted "$user")'@'%' IDENTIFIED BY '$(quoted "$password")';"
            [ -z "$database" ] || echo "GRANT ALL ON \`$database\`.* TO '$(quoted "$user")'@'%';"
        fi
        echo "CREATE USER 'root'@'%' IDENTIFIED BY '$(quoted "$root")';"
        echo "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
    } | mariadb -uroot
    for script in /docker-entrypoint-initdb.d/*; do
        [ -e "$script" ] || continue
        echo "running $script"
        case "$script" in
            *.sh) . "$script" ;;
            *.sql) mariadb -uroot ${database:+"$database"} < "$script" ;;
            *) echo "ignoring $script" ;;
        esac
    done
    mariadb-admin -uroot shutdown
    wait "$server" || true
    echo "MariaDB init process done. Ready for start up."
fi

exec "$@"
