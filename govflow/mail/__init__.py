"""Posting emails: the only folder that speaks SMTP."""
