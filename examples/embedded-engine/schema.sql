CREATE TABLE orders (
  id bigint PRIMARY KEY, customer text NOT NULL, total numeric(10,2) NOT NULL, status text NOT NULL DEFAULT 'PLACED');
ALTER TABLE orders REPLICA IDENTITY FULL;  -- a rule reads the status before the update
