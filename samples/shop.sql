-- The till: what was sold, where and to whom. A DuckDB database, attached as `shop`.
CREATE TABLE shop.drinks (drink_id SMALLINT PRIMARY KEY, drink VARCHAR, iced BOOLEAN, price DECIMAL(6, 2));
INSERT INTO shop.drinks VALUES
  (1, 'Espresso', false, 2.20), (2, 'Flat white', false, 3.60), (3, 'Cappuccino', false, 3.40),
  (4, 'Latte', false, 3.80), (5, 'Filter coffee', false, 2.60), (6, 'Hot chocolate', false, 3.90),
  (7, 'Chai', false, 3.70), (8, 'Iced latte', true, 4.20), (9, 'Cold brew', true, 4.40),
  (10, 'Espresso tonic', true, 4.60), (11, 'Iced tea', true, 3.50), (12, 'Affogato', true, 4.90);

CREATE TABLE shop.branches (branch_id SMALLINT PRIMARY KEY, branch VARCHAR, city VARCHAR, country VARCHAR, opened DATE);
INSERT INTO shop.branches
SELECT
  city_id * 4 + n + 1,
  city || ' ' || ['Station', 'Old Town', 'Harbour', 'University'][n + 1],
  city,
  country,
  DATE '2014-03-01' + (chance('opened', city || n) * 3600)::INTEGER
FROM cities, range(4) AS r (n)
ORDER BY 1;

CREATE TABLE shop.orders (
  order_id BIGINT PRIMARY KEY,
  branch_id SMALLINT,
  drink_id SMALLINT,
  customer_id INTEGER, -- in town.customers; null for guests
  ordered_at TIMESTAMP,
  cups TINYINT,
  amount DECIMAL(8, 2)
);

-- People come before work, at noon and in the afternoon, less on weekends; the weather decides what they drink.
INSERT INTO shop.orders
WITH visits AS (
  SELECT
    id,
    pick([0, 0, 1, 2, 2, 3, 4, 4, 4, 5, 5, 6, 7, 7, 8, 8, 9, 10, 11], chance('city', id)) AS city_id,
    pick([0, 0, 0, 0, 1, 1, 2, 3, 3], chance('branch', id)) AS place,
    floor(364.999 * chance('day', id))::INTEGER AS day,
    pick([7, 7, 7, 8, 8, 8, 8, 8, 9, 9, 9, 10, 11, 12, 12, 13, 13, 14, 15, 15, 16, 16, 17, 18], chance('hour', id)) AS hour
  FROM range(400000) AS r (id)
), placed AS (
  SELECT *, TIMESTAMP '2025-01-01' + to_days(day) + to_hours(hour) AS at_hour FROM visits
), kept AS (
  SELECT * FROM placed WHERE isodow(at_hour) < 6 OR chance('weekend', id) < 0.6
), served AS (
  SELECT
    k.*,
    CASE
      WHEN chance('iced', id) < least(0.85, greatest(0.03, (h.celsius - 4) / 34)) - CASE WHEN rain_mm > 0 THEN 0.08 ELSE 0 END
        THEN pick([8, 8, 8, 9, 9, 10, 11, 11, 12], chance('drink', id))
      WHEN rain_mm > 0 THEN pick([2, 3, 4, 5, 6, 6, 6, 7, 7], chance('drink', id))
      ELSE pick([1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 7], chance('drink', id))
    END AS drink_id,
    pick([1, 1, 1, 1, 1, 1, 2, 2, 3], chance('cups', id)) AS cups
  FROM kept k
  JOIN hours h ON h.city_id = k.city_id AND h.hour = k.at_hour
)
SELECT
  row_number() OVER (ORDER BY at_hour, id) AS order_id,
  city_id * 4 + place + 1,
  drink_id,
  -- Few regulars come often, many come once; they live where they drink.
  CASE WHEN chance('guest', id) < 0.75 THEN 1 + city_id + 12 * floor(12500 * chance('who', id) ^ 2.4)::INTEGER END,
  at_hour + to_seconds(floor(3600 * chance('second', id))::INTEGER),
  cups,
  cups * price
FROM served
JOIN shop.drinks USING (drink_id)
ORDER BY order_id;
