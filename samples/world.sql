-- The world that both sample databases tell of: a chain of coffee shops, their cities, and the weather there in 2025.
-- All chance comes from md5, so every run and every machine makes the same rows.

-- A number in [0, 1) that depends on a key and on what it is asked for.
CREATE TEMP MACRO chance(topic, key) AS (md5_number_lower(topic || ':' || key) >> 11)::DOUBLE / 9007199254740992;
-- One of a list's entries; an entry that stands there twice is twice as likely.
CREATE TEMP MACRO pick(list, luck) AS list[1 + floor(luck * len(list))::INTEGER];

CREATE TEMP TABLE cities AS
SELECT row_number() OVER () - 1 AS city_id, *
FROM (
  VALUES
    ('Oslo', 'Norway', 6.5, 10.5, 0.24), ('Edinburgh', 'Scotland', 9.0, 6.0, 0.30),
    ('Berlin', 'Germany', 10.2, 9.8, 0.20), ('Vienna', 'Austria', 11.0, 10.5, 0.18),
    ('Paris', 'France', 12.2, 8.2, 0.19), ('Milan', 'Italy', 13.8, 11.0, 0.17),
    ('Porto', 'Portugal', 15.4, 5.8, 0.22), ('Rome', 'Italy', 16.0, 9.0, 0.14),
    ('Athens', 'Greece', 18.8, 9.6, 0.09), ('Seville', 'Spain', 19.4, 9.2, 0.08),
    ('Tunis', 'Tunisia', 19.0, 8.4, 0.10), ('Nicosia', 'Cyprus', 20.2, 9.8, 0.06)
) AS c (city, country, mean_celsius, swing_celsius, wet);

-- One row a city and hour: seasons, day and night, spells of five days, and rain that cools.
CREATE TEMP TABLE hours AS
SELECT
  city_id,
  city,
  hour,
  CASE WHEN chance('wet', city || hour::DATE) < wet AND chance('rain', city || hour) < 0.55
    THEN round(0.2 + 5 * chance('drops', city || hour) ^ 3, 1) ELSE 0 END AS rain_mm,
  round(
    mean_celsius
    + swing_celsius * cos(2 * pi() * (dayofyear(hour) - 205) / 365)
    + (2 + swing_celsius / 3) * cos(2 * pi() * (date_part('hour', hour) - 15) / 24)
    + 8 * (chance('spell', city || (dayofyear(hour) // 5)) - 0.5)
    + 2 * (chance('air', city || hour) - 0.5)
    - CASE WHEN chance('wet', city || hour::DATE) < wet THEN 2.5 ELSE 0 END,
    1
  ) AS celsius
FROM cities, generate_series(TIMESTAMP '2025-01-01', TIMESTAMP '2025-12-31 23:00', INTERVAL 1 HOUR) AS g (hour);
