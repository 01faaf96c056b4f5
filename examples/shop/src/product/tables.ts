export const createProductTables = `
  CREATE TABLE IF NOT EXISTS throughline_shop.products (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text NOT NULL UNIQUE,
    name text NOT NULL,
    price_cents integer NOT NULL CHECK (price_cents >= 0),
    registered_at timestamptz NOT NULL DEFAULT now()
  );
  INSERT INTO throughline_shop.products (sku, name, price_cents) VALUES
    ('MUG-01', 'Enamel mug', 1250),
    ('LMP-07', 'Desk lamp', 4900),
    ('NTB-03', 'Notebook, ruled', 690)
  ON CONFLICT (sku) DO NOTHING;
`;
