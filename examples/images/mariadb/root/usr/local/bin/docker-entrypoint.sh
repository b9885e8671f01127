#!/bin/bash
# Starts MariaDB as the official image is documented to: empty data is initialised with MARIADB_* or MYSQL_* (or the files that they
# name with _FILE), and what lies in /docker-entrypoint-initdb.d is run, against a temporary server that only its socket reaches.
set -e

case "${1:-}" in -*) set -- mariadbd "$@" ;; esac
case "${1:-}" in mariadbd | mysqld) ;; *) exec "$@" ;; esac

data=/var/lib/mysql
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$data" /run/mysqld
    find "$data" /run/mysqld \! -user mysql -exec chown mysql {} +
    exec setpriv --reuid mysql --regid mysql --clear-groups -- "$0" "$@"
fi

setting() { # NAME: exports MARIADB_NAME, from that, MARIADB_NAME_FILE, MYSQL_NAME or MYSQL_NAME_FILE
    local prefix name file value=
    for prefix in MARIADB MYSQL; do
        name=${prefix}_$1 file=${prefix}_$1_FILE
        if [ -n "${!file:-}" ]; then value=$(cat "${!file}"); break; fi
        if [ -n "${!name:-}" ]; then value=${!name}; break; fi
    done
    export "MARIADB_$1=$value"
}

text() { # VALUE as an SQL text
    local value=${1//\\/\\\\}
    printf "'%s'" "${value//\'/\\\'}"
}

check_settings() {
    local name
    for name in ROOT_PASSWORD ROOT_HOST RANDOM_ROOT_PASSWORD DATABASE USER PASSWORD; do setting "$name"; done
    if [ -n "$MARIADB_RANDOM_ROOT_PASSWORD" ]; then
        MARIADB_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64)
        echo "GENERATED ROOT PASSWORD: $MARIADB_ROOT_PASSWORD"
    fi
    if [ -z "$MARIADB_ROOT_PASSWORD" ] && [ -z "${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD:-${MYSQL_ALLOW_EMPTY_PASSWORD:-}}" ]; then
        echo "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified" >&2
        echo "    Set one of MARIADB_ROOT_PASSWORD, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD, MARIADB_RANDOM_ROOT_PASSWORD" >&2
        exit 1
    fi
}

accounts() { # the SQL that makes what the settings ask for
    local root=${MARIADB_ROOT_HOST:-%} password
    password=$(text "$MARIADB_ROOT_PASSWORD")
    if [ -n "$MARIADB_DATABASE" ]; then echo "CREATE DATABASE IF NOT EXISTS \`$MARIADB_DATABASE\`;"; fi
    if [ -n "$MARIADB_USER" ]; then
        echo "CREATE USER $(text "$MARIADB_USER")@'%' IDENTIFIED BY $(text "$MARIADB_PASSWORD");"
        if [ -n "$MARIADB_DATABASE" ]; then echo "GRANT ALL ON \`${MARIADB_DATABASE//_/\\_}\`.* TO $(text "$MARIADB_USER")@'%';"; fi
    fi
    if [ "$root" != localhost ]; then
        echo "CREATE USER 'root'@$(text "$root") IDENTIFIED BY $password;"
        echo "GRANT ALL ON *.* TO 'root'@$(text "$root") WITH GRANT OPTION;"
    fi
    echo "SET PASSWORD FOR 'root'@'localhost' = PASSWORD($password);"
}

query() { MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb -uroot "$@"; }

run_scripts() {
    local script database=()
    if [ -n "$MARIADB_DATABASE" ]; then database=("$MARIADB_DATABASE"); fi
    for script in /docker-entrypoint-initdb.d/*; do
        [ -e "$script" ] || continue
        echo "running $script"
        case "$script" in
            *.sh) if [ -x "$script" ]; then "$script"; else . "$script"; fi ;;
            *.sql) query "${database[@]}" < "$script" ;;
            *.sql.gz) gunzip -c "$script" | query "${database[@]}" ;;
            *) echo "ignoring $script" ;;
        esac
    done
}

if [ ! -d "$data/mysql" ]; then
    check_settings
    mariadb-install-db --datadir="$data" --skip-test-db --auth-root-authentication-method=normal >/dev/null
    # the temporary server: its socket, no network
    "$@" --skip-networking &
    server=$!
    until mariadb-admin ping --silent 2>/dev/null; do
        kill -0 "$server" || exit 1
        sleep 0.1
    done
    accounts | mariadb -uroot
    run_scripts
    MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb-admin -uroot shutdown
    wait "$server" || true
    echo "MariaDB init process done. Ready for start up."
fi

exec "$@"
