"""Where procedures ready to run stood before they moved to ``engine.procedures``."""

from engine.procedures import Library as Library
from engine.procedures import Procedure as Procedure
from engine.procedures import compile_package as compile_package
