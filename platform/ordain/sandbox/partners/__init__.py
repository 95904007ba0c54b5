"""The partners played beside the platforms: an SMS gateway, a mail server, a directory of people."""
