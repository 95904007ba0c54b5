"""The editor of every kind of definition: form and JSON on one model, always checked, published with a note."""
