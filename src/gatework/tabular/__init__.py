"""The one reader of tables: bytes, rows, typed columns, a time line."""
