"""Files brought in by people: staged, mapped, previewed, mended, imported whole; resumed whenever they come back.

A file's rows wait sealed in a table of their own. `reading` puts them there, `checking` says of each what it would
become, `writing` makes it so in one transaction; `working` does these in slices, and `wizard` is what doors call.
"""
