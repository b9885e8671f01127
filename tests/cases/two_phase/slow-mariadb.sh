# Sourced by the entrypoint while the temporary server runs: an init that takes its time.
echo "CREATE TABLE items (name text); INSERT INTO items VALUES ('anchor')" | MYSQL_PWD=two-phases mariadb -uroot items
sleep 2
