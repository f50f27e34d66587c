-- Does the weather decide what people drink? Sales from DuckDB, weather from SQLite, one statement.
SELECT
  CASE WHEN celsius < 5 THEN '1 cold' WHEN celsius < 15 THEN '2 cool' WHEN celsius < 25 THEN '3 warm' ELSE '4 hot' END AS weather,
  rain_mm > 0 AS rain,
  count(*) AS orders,
  round(100 * avg(iced::INTEGER), 1) AS iced_percent,
  mode(drink) AS favourite,
  sum(amount) AS takings
FROM shop.orders
JOIN shop.drinks USING (drink_id)
JOIN shop.branches USING (branch_id)
JOIN town.weather AS w ON w.city = branches.city AND w.hour::TIMESTAMP = date_trunc('hour', ordered_at)
GROUP BY ALL
ORDER BY weather, rain
