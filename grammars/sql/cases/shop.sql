-- The shop: its tables, views and functions.
CREATE SCHEMA IF NOT EXISTS shop;

CREATE TYPE shop.status AS ENUM ('open', 'paid', 'sent');

-- One who buys.
CREATE TABLE IF NOT EXISTS shop.customers (
  id BIGINT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  joined TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE orders (
  id INTEGER NOT NULL,
  customer_id BIGINT REFERENCES shop.customers (id) ON DELETE CASCADE,
  total NUMERIC(10, 2) CHECK (total >= 0),
  PRIMARY KEY (id)
);

CREATE INDEX orders_by_customer ON orders (customer_id);
CREATE UNIQUE INDEX orders_once ON orders (customer_id, id);

/* What is not paid. */
CREATE OR REPLACE VIEW unpaid AS
  SELECT o.id, c.email
  FROM orders o
  JOIN shop.customers c ON c.id = o.customer_id
  WHERE o.total > 0;

CREATE MATERIALIZED VIEW totals AS
  SELECT customer_id, sum(total) AS total FROM orders GROUP BY customer_id;

-- Sums the orders of one customer.
CREATE FUNCTION total_of(customer BIGINT) RETURNS NUMERIC AS $$
  SELECT sum(total) FROM orders WHERE customer_id = customer;
$$ LANGUAGE SQL;

CREATE TRIGGER touch BEFORE UPDATE ON orders
  FOR EACH ROW EXECUTE FUNCTION touch_row();

CREATE SEQUENCE order_numbers START 100;

ALTER TABLE orders ADD COLUMN note TEXT;
INSERT INTO shop.customers (id, email) VALUES (1, 'ann@example.org');
