"""Files of rows: bytes in, rows of text out; and from rows to the documents a channel's mapping reads.

`written` says how a text file is written and `text_rows` reads it; `book_rows` reads workbooks, which only ever
happens in a process of its own with limits (flows/importing/apart.py). `header_of` finds the line of names.
"""

from ordain.engines.tabular.book import Asked, book_rows, is_book
from ordain.engines.tabular.documents import Document, Layout, Sheet, documents, read
from ordain.engines.tabular.header import Header, header_of
from ordain.engines.tabular.text import ENCODINGS, Written, text_rows, written

__all__ = [
    "ENCODINGS", "Asked", "Document", "Header", "Layout", "Sheet", "Written", "book_rows", "documents", "header_of",
    "is_book", "read", "text_rows", "written",
]  # fmt: skip
