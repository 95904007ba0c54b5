"""My account: how I am called and reached, password, second factor, where I am signed in, tokens, language."""
