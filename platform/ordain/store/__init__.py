"""SQLAlchemy tables and queries; definitions, outbox, audit, protected columns, migrations."""
