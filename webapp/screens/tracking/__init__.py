"""Following a dossier by the code on its slip, without signing in."""
