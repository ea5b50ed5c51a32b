"""kefu-audit: a linter for customer-service chats of Chinese shops."""

__version__ = "0.1.0"
