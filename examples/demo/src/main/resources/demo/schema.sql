CREATE TABLE stocks (
  id     int PRIMARY KEY,
  symbol text NOT NULL,
  price  numeric(10,2) NOT NULL,
  halted boolean NOT NULL DEFAULT false
);
-- The rules compare a price with the one before it, so PostgreSQL must log the old row too.
ALTER TABLE stocks REPLICA IDENTITY FULL;
INSERT INTO stocks (id, symbol, price) VALUES
  (1, 'ACME', 98.00), (2, 'GLOBEX', 41.50), (3, 'HOOLI', 250.00), (4, 'INITECH', 12.34), (5, 'UMBRELLA', 99.10);
