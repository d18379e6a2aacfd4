-- The role of the sidecar: it may follow the log, look into the catalog, and nothing else.
-- Reading tables is granted only for those whose present rows are to be told as well (a backfill).
\set password `cat /run/secrets/rowbell/password`
SET log_statement = 'none';
CREATE ROLE rowbell WITH LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS
  CONNECTION LIMIT 10 PASSWORD :'password';
\unset password
REVOKE ALL ON DATABASE shop FROM PUBLIC;
GRANT CONNECT ON DATABASE shop TO rowbell;
GRANT USAGE ON SCHEMA public TO rowbell;
