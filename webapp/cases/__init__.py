"""Case list, case page, photos and maps."""
