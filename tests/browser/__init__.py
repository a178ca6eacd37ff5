"""What people do at the screens: a real server, a real Chromium, roles and labels only."""
