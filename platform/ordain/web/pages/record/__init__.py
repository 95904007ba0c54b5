"""One record of a type that a form describes: its page, its form, what can be done with it, its sheet of paper."""
