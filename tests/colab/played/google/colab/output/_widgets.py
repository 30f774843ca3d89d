"""As in Colab: a widget is drawn only if its message says which widget manager to load."""

VIEW = "application/vnd.jupyter.widget-view+json"
_installed_url = None  # anywidget looks at this name


def enable_custom_widget_manager() -> None:
    global _installed_url
    if _installed_url is None:
        _installed_url = "https://example.org/manager.min.js"
        get_ipython().display_pub.register_hook(_say_which_manager)  # noqa: F821


def _say_which_manager(message: dict) -> dict:
    content = message["content"]
    if VIEW in content.get("data", {}):
        told = content["metadata"].setdefault(VIEW, {})
        told["colab"] = {"custom_widget_manager": {"url": _installed_url}}
    return message
