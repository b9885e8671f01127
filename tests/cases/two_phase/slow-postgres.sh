# Sourced by the entrypoint while the temporary server runs: an init that takes its time.
psql -v ON_ERROR_STOP=1 -U postgres -d items -c "CREATE TABLE items (name text); INSERT INTO items VALUES ('anchor')"
sleep 2
