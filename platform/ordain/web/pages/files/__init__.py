"""Files in records: uploaded while a form is filled, fetched by who may read their field."""
