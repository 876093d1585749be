from tests.web.stage import case_process

__all__ = ["case_process"]
