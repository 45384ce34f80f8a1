"""E-forms: a JSON Schema subset, read, judged and laid out on the server. A leaf: no clock, no I/O but ``load_shared``.

``load_form`` refuses what is outside the subset; ``initial``, ``read_post`` and ``fill_locked`` make data;
``validate`` and ``check_locked`` judge it; ``layout``, ``summary`` and ``diff`` show it; ``prefill``,
``extraction_rules`` and ``expected_values`` connect it with registers and papers.
"""

from engine.forms.difference import Change, diff
from engine.forms.extraction import PaperFile, asked_files, expected_values, extraction_rules, paper_files, rule_title
from engine.forms.form import FieldError, Form, UploadedFile, dotted, value_at
from engine.forms.layout import layout
from engine.forms.loader import load_form, load_shared, shared_files
from engine.forms.page import Page
from engine.forms.post import file_field, initial, read_post
from engine.forms.prefill import fill_locked, prefill
from engine.forms.summary import SummaryRow, summary
from engine.forms.validation import check_locked, validate

__all__ = [
    "Change",
    "FieldError",
    "Form",
    "Page",
    "PaperFile",
    "SummaryRow",
    "UploadedFile",
    "asked_files",
    "check_locked",
    "diff",
    "dotted",
    "expected_values",
    "extraction_rules",
    "file_field",
    "fill_locked",
    "initial",
    "layout",
    "load_form",
    "load_shared",
    "paper_files",
    "prefill",
    "read_post",
    "rule_title",
    "shared_files",
    "summary",
    "validate",
    "value_at",
]
