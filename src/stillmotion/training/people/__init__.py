"""Faces and bodies: labels by teachers, three small networks, their training and export."""
