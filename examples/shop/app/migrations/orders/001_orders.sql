CREATE TABLE IF NOT EXISTS orders (
    id serial PRIMARY KEY,
    product text NOT NULL,
    pieces integer NOT NULL CHECK (pieces > 0),
    state text NOT NULL DEFAULT 'new',
    ordered timestamptz NOT NULL DEFAULT now()
);
