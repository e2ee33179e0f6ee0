"""Telegram: what comes in is read here, what goes out is sent here. Source: core.telegram.org/bots/api."""
