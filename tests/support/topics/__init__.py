"""What tests of one topic share."""
