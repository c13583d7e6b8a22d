"""Plan events -> audio track."""
