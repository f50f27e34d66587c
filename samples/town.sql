-- The town: who lives there and how the weather was. A SQLite database, attached as `town`.
CREATE TABLE town.weather (city VARCHAR, hour TIMESTAMP, celsius DOUBLE, rain_mm DOUBLE);
INSERT INTO town.weather SELECT city, hour, celsius, rain_mm FROM hours ORDER BY city_id, hour;

CREATE TABLE town.customers (customer_id INTEGER PRIMARY KEY, name VARCHAR, city VARCHAR, born INTEGER, card VARCHAR);
INSERT INTO town.customers
SELECT
  id + 1,
  pick(['Ada', 'Ben', 'Chiara', 'Dmitri', 'Elif', 'Fatima', 'Goran', 'Hanna', 'Ivo', 'Jules', 'Karin', 'Luca', 'Maren',
    'Nour', 'Olav', 'Pilar', 'Quentin', 'Rosa', 'Sami', 'Tove', 'Uma', 'Viktor', 'Wanda', 'Yara', 'Zeno'], chance('first', id))
  || ' ' ||
  pick(['Almeida', 'Berg', 'Costa', 'Dubois', 'Eriksen', 'Ferrari', 'Georgiou', 'Haddad', 'Iversen', 'Jansen', 'Keller',
    'Laurent', 'Moreau', 'Novak', 'Oliveira', 'Papadakis', 'Quist', 'Rossi', 'Schmidt', 'Trabelsi', 'Urban', 'Vidal', 'Weber',
    'Young', 'Zimmer'], chance('last', id)),
  city,
  2007 - floor(60 * chance('born', id) ^ 1.3)::INTEGER,
  CASE WHEN id < 6000 THEN 'gold' WHEN id < 30000 THEN 'silver' ELSE 'green' END
FROM range(150000) AS r (id)
JOIN cities ON city_id = id % 12
ORDER BY 1;
