from __future__ import annotations

from small import small_home, small_home_folder

__all__ = ["small_home", "small_home_folder"]
