"""How fast it is beside a bare Flask view, and where the time goes: `make bench`; a large hospital: `bench.million`."""
