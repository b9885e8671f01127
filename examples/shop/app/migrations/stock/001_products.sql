CREATE TABLE IF NOT EXISTS products (name varchar(40) PRIMARY KEY, pieces int NOT NULL);
INSERT IGNORE INTO products VALUES ('anchor', 3), ('compass', 10), ('lantern', 0);
