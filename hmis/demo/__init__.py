"""A believable hospital to try things on: nobody in it exists."""

from hmis.demo.hospital import Furnished, furnish

__all__ = ["Furnished", "furnish"]
