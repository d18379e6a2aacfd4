-- A shop that also sells shares.
CREATE TABLE stocks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  symbol text NOT NULL UNIQUE,
  price numeric(12, 2) NOT NULL CHECK (price > 0)
);
-- Rules compare the price with the one before, so the log must hold the old row, not only its key.
ALTER TABLE stocks REPLICA IDENTITY FULL;

CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL UNIQUE,
  plan text NOT NULL DEFAULT 'free',
  registered_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users,
  status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'PAID', 'SHIPPED', 'CANCELLED')),
  total numeric(12, 2) NOT NULL
);
ALTER TABLE orders REPLICA IDENTITY FULL;

INSERT INTO stocks (symbol, price) VALUES ('ACME', 98.50), ('BELL', 41.00), ('ROWE', 152.25);
INSERT INTO users (email, plan) VALUES ('ada@example.com', 'pro'), ('grace@example.com', 'free');
INSERT INTO orders (user_id, total) VALUES (1, 29.90), (2, 9.90);
