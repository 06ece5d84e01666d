"""What is held about somebody: access needs, complaints, erasing, how long things are kept."""
