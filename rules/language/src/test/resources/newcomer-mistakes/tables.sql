CREATE TABLE users (id bigint PRIMARY KEY, email text, "displayName" text, paid boolean NOT NULL);
CREATE TABLE stocks (id bigint PRIMARY KEY, symbol text NOT NULL, price numeric(12,2) NOT NULL);
CREATE TABLE payments (id bigint PRIMARY KEY, order_id bigint, status text, amount numeric(12,2));
CREATE TABLE "Readings" (id bigint PRIMARY KEY, celsius numeric(5,2) NOT NULL);
