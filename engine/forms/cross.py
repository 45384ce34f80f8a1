"""Checks that look at the whole tree: conditions point backwards, locks and papers fit together."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from engine.forms.compile import Compiler
from engine.forms.condition import controls, target_path
from engine.forms.form import Field, Kind, Lock
from engine.forms.grammar import pointer_of


def schema_pointer(path: tuple[str, ...]) -> str:
    """The JSON pointer in the resolved schema of the field at ``path``."""
    return "".join("/items" if part == "[]" else f"/properties{pointer_of(part)}" for part in path) or "/"


def cross_check(root: Field, compiler: Compiler) -> None:
    """Report every fault between fields to ``compiler``."""
    order: dict[tuple[str, ...], tuple[int, Field]] = {}
    fields = _all(root)
    for n, field in enumerate(fields):
        order[field.path] = (n, field)
    papers = {field.paper for field in fields if field.paper}
    for n, field in enumerate(fields):
        if field.show_if is not None:
            _condition(field, n, order, compiler)
        if (
            field.kind is Kind.LIST
            and field.lock is Lock.NO
            and any(child.lock is not Lock.NO for child in _all(field))
        ):
            compiler.report(
                "form-locked-in-repeat",
                schema_pointer(field.path),
                "Trường khoá nằm trong nhóm lặp mà nhóm không khoá: xoá một mục sẽ làm lệch giá trị.",
                "A locked field inside an unlocked repeated group: removing an item would shift the values.",
                "Khoá cả nhóm lặp rồi mở từng trường bằng x-locked: false.",
                "Lock the whole group and open single fields with x-locked: false.",
            )
        if field.lock is not Lock.NO and not field.source and field.is_leaf:
            compiler.report(
                "form-source-missing",
                schema_pointer(field.path),
                "Trường khoá chưa nêu x-source.",
                "A locked field names no x-source.",
                "Thêm x-source ở trường hoặc ở nhóm.",
                "Add x-source to the field or its group.",
            )
        for rule in field.extract:
            if rule.paper not in papers:
                compiler.report(
                    "form-extract",
                    schema_pointer(field.path) + "/x-extract",
                    f"Không có tệp nào mang x-paper {rule.paper}.",
                    f"No file field carries x-paper {rule.paper}.",
                    "Đặt x-paper cho trường tệp tương ứng.",
                    "Give the file field that x-paper.",
                )


def _condition(field: Field, n: int, order: dict[tuple[str, ...], tuple[int, Field]], compiler: Compiler) -> None:
    assert field.show_if is not None
    pointer = schema_pointer(field.path) + "/x-show-if"
    path = target_path(field.path, field.show_if)
    found = order.get(path) if path is not None else None
    if found is None or not controls(found[1].kind):
        compiler.report(
            "form-show-if-unknown",
            pointer,
            f"x-show-if trỏ tới {'/'.join(field.show_if.path)}, không phải một trường lựa chọn có thật.",
            f"x-show-if points to {'/'.join(field.show_if.path)}, which is no field that can be compared.",
            'Dùng đường dẫn tương đối như "loai" hoặc "../loai", hay tuyệt đối "/nyc/loai".',
            'Use a relative path such as "loai" or "../loai", or an absolute one such as "/nyc/loai".',
        )
        return
    if found[0] >= n:
        compiler.report(
            "form-show-if-order",
            pointer,
            "x-show-if phải trỏ tới một trường đứng trước.",
            "x-show-if must point to an earlier field.",
            "Đổi thứ tự: trường điều khiển đứng trước.",
            "Reorder: the controlling field comes first.",
        )
    controller = found[1]
    values = {option.value for option in controller.options}
    if values and not set(field.show_if.values) <= values:
        compiler.report(
            "form-show-if-value",
            pointer,
            "x-show-if nêu một giá trị mà trường kia không có.",
            "x-show-if names a value that the other field does not offer.",
            "Dùng đúng const của lựa chọn.",
            "Use the const of an option.",
        )


def mark_ambiguous(root: Field) -> Field:
    """The same tree, where fields that share a title with another, or repeat, know it."""
    titles = Counter(field.title.vi for field in _all(root) if field.is_leaf)
    return _mark(root, titles, repeated=False)


def _mark(field: Field, titles: Counter[str], *, repeated: bool) -> Field:
    children = tuple(_mark(child, titles, repeated=repeated or field.kind is Kind.LIST) for child in field.children)
    return replace(field, children=children, ambiguous=repeated or titles[field.title.vi] > 1)


def _all(field: Field) -> list[Field]:
    found: list[Field] = []
    for child in field.children:
        found.append(child)
        found.extend(_all(child))
    return found
