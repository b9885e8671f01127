ALTER TABLE products ADD COLUMN IF NOT EXISTS cents int NOT NULL DEFAULT 0;
UPDATE products SET cents = 129900 WHERE name = 'anchor';
UPDATE products SET cents = 2450 WHERE name = 'compass';
UPDATE products SET cents = 1800 WHERE name = 'lantern';
