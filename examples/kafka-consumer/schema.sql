CREATE TABLE stocks (symbol text PRIMARY KEY, price numeric(10,2) NOT NULL);
ALTER TABLE stocks REPLICA IDENTITY FULL;  -- the rule reads the price before the update
INSERT INTO stocks VALUES ('ACME', 100.00), ('GLOBEX', 40.00);
