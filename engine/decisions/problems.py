"""Findings about DMN files, with codes that stay, and how each is said to an analyst."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import Problem, Text

#: code → (message vi, message en, remedy vi, remedy en); ``{…}`` are facts.
_CATALOGUE: dict[str, tuple[str, str, str, str]] = {
    "dmn-too-large": (
        "Tệp DMN lớn hơn {limit} byte.",
        "The DMN file is larger than {limit} bytes.",
        "Chia mô hình thành nhiều tệp và nhập (import) lẫn nhau.",
        "Split the model into several files that import one another.",
    ),
    "dmn-xml": (
        "Không đọc được XML: {why}",
        "The XML cannot be read: {why}",
        "Mở tệp bằng trình soạn DMN và lưu lại.",
        "Open the file in a DMN editor and save it again.",
    ),
    "dmn-doctype": (
        "Tệp có khai báo DOCTYPE hoặc thực thể; không được phép.",
        "The file declares a DOCTYPE or entities, which is not allowed.",
        "Xóa khai báo DOCTYPE.",
        "Remove the DOCTYPE declaration.",
    ),
    "dmn-too-deep": (
        "Phần tử lồng nhau quá {limit} tầng.",
        "Elements are nested more than {limit} levels deep.",
        "Tách biểu thức lồng nhau thành các quyết định riêng.",
        "Split the nested expression into decisions of their own.",
    ),
    "dmn-namespace": (
        "Phần tử gốc không phải <definitions> của DMN 1.1–1.5 (gặp {found}).",
        "The root element is not <definitions> of DMN 1.1 to 1.5 (found {found}).",
        "Xuất tệp theo DMN 1.2 đến 1.5.",
        "Export the file as DMN 1.2 to 1.5.",
    ),
    "dmn-name-missing": (
        "<{element_name}> thiếu tên.",
        "<{element_name}> has no name.",
        "Đặt tên cho phần tử.",
        "Give the element a name.",
    ),
    "dmn-id-duplicate": (
        "Mã “{id}” được dùng nhiều lần.",
        'The id "{id}" is used more than once.',
        "Đặt mã khác nhau cho từng phần tử.",
        "Give every element an id of its own.",
    ),
    "dmn-name-duplicate": (
        "Tên “{name}” được dùng cho nhiều phần tử.",
        'The name "{name}" is used by several elements.',
        "Đặt tên khác nhau.",
        "Choose different names.",
    ),
    "dmn-reference": (
        "“{name}” tham chiếu tới “{href}”, không tồn tại hoặc sai loại.",
        '"{name}" refers to "{href}", which does not exist or is of the wrong kind.',
        "Nối lại yêu cầu (requirement) tới một phần tử có thật.",
        "Connect the requirement to an existing element.",
    ),
    "dmn-cycle": (
        "Các yêu cầu tạo thành vòng: {path}.",
        "The requirements form a cycle: {path}.",
        "Bỏ một mũi tên trong vòng.",
        "Remove one of the arrows of the cycle.",
    ),
    "dmn-import-missing": (
        "Không tìm thấy mô hình được nhập “{name}” ({namespace}).",
        'The imported model "{name}" ({namespace}) was not found.',
        "Thêm tệp DMN đó vào bộ thủ tục.",
        "Add that DMN file to the bundle.",
    ),
    "dmn-import-kind": (
        "Không hỗ trợ nhập loại {kind}.",
        "Imports of type {kind} are not supported.",
        "Chỉ nhập mô hình DMN.",
        "Import DMN models only.",
    ),
    "dmn-import-cycle": (
        "Các mô hình nhập lẫn nhau thành vòng: {path}.",
        "The models import one another in a cycle: {path}.",
        "Bỏ một lệnh nhập.",
        "Remove one of the imports.",
    ),
    "dmn-type-unknown": (
        "Không có kiểu “{type}”.",
        'There is no type "{type}".',
        "Dùng kiểu có sẵn hoặc khai báo itemDefinition.",
        "Use a built-in type or declare an item definition.",
    ),
    "dmn-type-cycle": (
        "Kiểu “{type}” định nghĩa vòng qua chính nó.",
        'The type "{type}" is defined through itself.',
        "Sửa kiểu gốc (typeRef).",
        "Correct its typeRef.",
    ),
    "dmn-feel-syntax": (
        "Biểu thức FEEL “{source}” sai: {why}",
        'The FEEL expression "{source}" is wrong: {why_en}',
        "Sửa biểu thức tại chỗ đã nêu.",
        "Correct the expression at the given place.",
    ),
    "dmn-feel-name": (
        "Biểu thức dùng tên chưa biết: {names}.",
        "The expression uses unknown names: {names}.",
        "Thêm yêu cầu (requirement) tới phần tử đó hoặc sửa tên.",
        "Add a requirement to that element, or correct the name.",
    ),
    "dmn-language": (
        "Không hỗ trợ ngôn ngữ biểu thức {language}.",
        "The expression language {language} is not supported.",
        "Viết biểu thức bằng FEEL.",
        "Write the expression in FEEL.",
    ),
    "dmn-external-function": (
        "Hàm ngoài loại {kind} không được phép.",
        "External functions of kind {kind} are not allowed.",
        "Viết hàm bằng FEEL hoặc dùng hàm có sẵn của sản phẩm.",
        "Write the function in FEEL or use a function of the product.",
    ),
    "dmn-no-logic": (
        "“{name}” không có biểu thức nào nên luôn cho null.",
        '"{name}" has no expression, so it is always null.',
        "Thêm bảng hoặc biểu thức.",
        "Add a table or an expression.",
    ),
    "dmn-expression-missing": (
        "Thiếu một biểu thức bên trong <{element_name}>.",
        "An expression is missing inside <{element_name}>.",
        "Bổ sung biểu thức.",
        "Add the expression.",
    ),
    "dmn-unknown-expression": (
        "Không biết loại biểu thức <{element_name}>.",
        "The kind of expression <{element_name}> is unknown.",
        "Dùng loại biểu thức của DMN 1.2–1.5.",
        "Use a kind of expression of DMN 1.2 to 1.5.",
    ),
    "dmn-hit-policy": (
        "Không có chính sách trúng “{policy}”.",
        'There is no hit policy "{policy}".',
        "Chọn UNIQUE, ANY, PRIORITY, FIRST, COLLECT, RULE ORDER hoặc OUTPUT ORDER.",
        "Choose UNIQUE, ANY, PRIORITY, FIRST, COLLECT, RULE ORDER or OUTPUT ORDER.",
    ),
    "dmn-aggregation": (
        "Phép gộp “{aggregation}” không hợp lệ với chính sách {policy}.",
        'The aggregation "{aggregation}" does not go with hit policy {policy}.',
        "Phép gộp SUM, COUNT, MIN, MAX chỉ dùng với COLLECT.",
        "SUM, COUNT, MIN and MAX are for COLLECT only.",
    ),
    "dmn-aggregation-compound": (
        "Bảng nhiều cột kết quả không được dùng phép gộp.",
        "A table with several outputs must not aggregate.",
        "Tách thành các bảng một cột kết quả.",
        "Split it into tables with one output each.",
    ),
    "dmn-priority-values": (
        "Chính sách {policy} cần danh sách giá trị kết quả theo thứ tự ưu tiên.",
        "Hit policy {policy} needs the output values in order of priority.",
        "Khai báo outputValues hoặc allowedValues của kiểu kết quả.",
        "Declare outputValues, or allowedValues of the output type.",
    ),
    "dmn-rule-width": (
        "Dòng {index} có {tests} ô điều kiện và {results} ô kết quả; bảng cần {inputs} và {outputs}.",
        "Row {index} has {tests} conditions and {results} results; the table needs {inputs} and {outputs}.",
        "Bổ sung hoặc bớt ô cho đủ số cột.",
        "Add or remove cells to match the columns.",
    ),
    "dmn-no-output": (
        "Bảng không có cột kết quả.",
        "The table has no output column.",
        "Thêm cột kết quả.",
        "Add an output column.",
    ),
    "dmn-output-names": (
        "Các cột kết quả phải có tên khác nhau.",
        "The output columns need different names.",
        "Đặt tên cho từng cột kết quả.",
        "Name every output column.",
    ),
    "dmn-output-value": (
        "Kết quả {value} ở dòng {index} không nằm trong các giá trị cho phép.",
        "The result {value} in row {index} is not among the allowed values.",
        "Sửa ô kết quả hoặc danh sách giá trị.",
        "Correct the cell or the list of values.",
    ),
    "dmn-cell-impossible": (
        "Ô điều kiện “{cell}” ở dòng {index} không bao giờ đúng: {why}",
        'The condition "{cell}" in row {index} can never hold: {why_en}',
        "Sửa ô điều kiện.",
        "Correct the condition.",
    ),
    "dmn-overlap": (
        "Các dòng {rows} cùng đúng, ví dụ khi {example}.",
        "Rows {rows} hold together, for example for {example}.",
        "Sửa điều kiện để mỗi trường hợp chỉ một dòng đúng, hoặc đổi chính sách trúng.",
        "Change the conditions so that one row holds in each case, or change the hit policy.",
    ),
    "dmn-gap": (
        "Không dòng nào đúng, ví dụ khi {example}.",
        "No row holds, for example for {example}.",
        "Thêm dòng cho trường hợp này hoặc kết quả mặc định.",
        "Add a row for this case, or a default result.",
    ),
    "dmn-row-dead": (
        "Dòng {index} không bao giờ được dùng: các dòng trước đã bao hết.",
        "Row {index} is never used: the rows above it cover all its cases.",
        "Xóa dòng hoặc đổi thứ tự.",
        "Delete the row or change the order.",
    ),
    "dmn-analysis-partial": (
        "Chưa phân tích hết bảng: {why}",
        "The table was not analysed in full: {why_en}",
        "Dùng hằng số trong ô điều kiện, hoặc chia bảng, để được kiểm tra chồng lấn và khoảng trống.",
        "Use constants in conditions, or split the table, to have overlaps and gaps checked.",
    ),
}


def problem(code: str, *, file: str = "", element: str = "", severity: str = "error", **facts: object) -> Problem:
    """The finding ``code`` about ``element``; ``facts`` fill its sentences."""
    return finding(code, facts, file=file, element=element, severity=severity)


def finding(
    code: str, facts: Mapping[str, object], *, file: str = "", element: str = "", severity: str = "error"
) -> Problem:
    """As ``problem``, with the facts in a mapping."""
    vi, en, remedy_vi, remedy_en = _CATALOGUE[code]
    shown = {key: _short(value) for key, value in facts.items()}
    return Problem(
        code=code,
        file=file,
        element=element,
        severity=severity,
        message=Text(vi=vi.format_map(shown), en=en.format_map(shown)),
        remedy=Text(vi=remedy_vi.format_map(shown), en=remedy_en.format_map(shown)),
    )


def codes() -> tuple[str, ...]:
    """Every code this package can report, sorted."""
    return tuple(sorted(_CATALOGUE))


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 300 else text[:297] + "…"
