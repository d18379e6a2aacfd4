-- The tables of a small shop. Old values are logged where a rule reads them (REPLICA IDENTITY FULL).
CREATE TABLE users (
  id bigint PRIMARY KEY, email text NOT NULL, plan text NOT NULL, password_hash text, deleted_at timestamptz,
  ssn text);
CREATE TABLE stocks (id bigint PRIMARY KEY, symbol text NOT NULL, price numeric(12,2) NOT NULL);
CREATE TABLE payments (
  id bigint PRIMARY KEY, order_id bigint NOT NULL, status text NOT NULL, method text NOT NULL,
  amount numeric(12,2) NOT NULL);
CREATE TABLE orders (
  id bigint PRIMARY KEY, customer_id bigint NOT NULL, status text NOT NULL DEFAULT 'PENDING',
  total numeric(12,2) NOT NULL);
CREATE TABLE order_lines (
  order_id bigint NOT NULL, sku text NOT NULL, qty int NOT NULL, PRIMARY KEY (order_id, sku));
CREATE TABLE metrics (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, host text NOT NULL, cpu double precision NOT NULL);
CREATE TABLE outbox (
  id uuid PRIMARY KEY, type text NOT NULL, aggregatetype text NOT NULL, aggregateid text NOT NULL,
  payload jsonb NOT NULL);

ALTER TABLE users REPLICA IDENTITY FULL;
ALTER TABLE stocks REPLICA IDENTITY FULL;
ALTER TABLE payments REPLICA IDENTITY FULL;
