"""Image and video files: the only place that knows codecs, colour tags, EXIF and metadata."""
