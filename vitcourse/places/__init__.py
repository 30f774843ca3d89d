"""Where the course runs besides a plain Python: JupyterLab, Colab, Binder, a JupyterHub."""
