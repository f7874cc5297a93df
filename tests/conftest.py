"""What all tests share: laws are drawn without a deadline, for no test asserts how fast this machine is."""

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")
