"""One module per platform: its payloads, its doors, its signature, its errors, what it pushes."""
