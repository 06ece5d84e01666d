"""Addresses as people type them."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from govflow.domain.questions import clean_text
from govflow.domain.refusals import Invalid


def clean_email(given: str) -> str:
    """An address that could be written to, in small letters, its domain as mail servers know it."""
    given = clean_text(given)
    sentence = "Give an email address such as name@example.org."
    if not given.rpartition("@")[0].isascii():
        sentence = "Give an email address such as name@example.org, with plain letters, a to z, before the @."
    try:
        found = validate_email(given, check_deliverability=False, test_environment=True, allow_smtputf8=False)
    except EmailNotValidError:
        raise Invalid(sentence, {"email": sentence}) from None
    return (found.ascii_email or found.normalized).lower()
