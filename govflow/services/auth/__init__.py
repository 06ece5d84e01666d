"""Signing in: links by email, sessions, passkeys, a second factor, tokens of the API."""
