"""The members of the generation stage seam."""
