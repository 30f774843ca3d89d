"""The commands of `python -m vitcourse`: one file each, arguments, then a call, then words."""
