"""Emails owed, whatever they tell: written once, posted until they have gone, stopped where somebody asked."""
