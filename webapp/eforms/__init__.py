"""E-forms as HTML: finished layout trees in, accessible markup out. Knows no request and no session."""

from webapp.eforms.rendering import (
    page_title,
    render_changes,
    render_errors,
    render_fields,
    render_form,
    render_summary,
)

__all__ = ["page_title", "render_changes", "render_errors", "render_fields", "render_form", "render_summary"]
