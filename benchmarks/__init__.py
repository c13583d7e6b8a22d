"""Speed, memory and obedience, measured side by side; never part of the tests."""
