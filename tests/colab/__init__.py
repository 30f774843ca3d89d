"""A rehearsal of Colab: its versions, the module google.colab played by a small one, all notebooks.

    python -m tests.colab [01 02 ...]

`versions.txt` says what Colab had when it was last looked at. `tests/setup/test_colab_notebooks.py`
is the short form, for every day.
"""
