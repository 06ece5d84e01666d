"""The rules. Standard library only: no clock, no SQL, no Flask. Today is always passed in."""
