"""Lists and documents that plugins declare: their lines, files, approvals and calendars."""
