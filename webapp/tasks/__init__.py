"""The page where one task is done."""
