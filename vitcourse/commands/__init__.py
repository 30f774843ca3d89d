"""The commands of `python -m vitcourse`: one file each: arguments, a call, what to print."""
