CREATE TABLE supplier (
  id bigint PRIMARY KEY,
  name text NOT NULL
);

CREATE TABLE product (
  id bigint PRIMARY KEY,
  title text NOT NULL,
  price numeric(10, 2) NOT NULL,
  currency char(3) NOT NULL,
  supplier_id bigint NOT NULL REFERENCES supplier,
  -- grows with every change, so that the newer of two states of a row wins
  revision bigint NOT NULL DEFAULT 1
);

INSERT INTO supplier VALUES (1, 'north'), (2, 'south');

INSERT INTO product (id, title, price, currency, supplier_id)
  SELECT n, 'product ' || n, 1 + n * 0.25, 'EUR', 1 + n % 2 FROM generate_series(1, 3000) AS n;
