"""Legal citations in English: kinds of documents and parts of them are translated, numbers and proper names stay."""

from __future__ import annotations

import re

#: (Vietnamese, English); of terms that hold one another the longest counts.
_TERMS = (
    ("chưa đối chiếu bản hợp nhất", "not compared with the consolidated text"),
    ("chưa đối chiếu bản gốc", "not compared with the original"),
    ("mức chưa đối chiếu", "amount not compared with the original"),
    ("số hiệu chưa đối chiếu bản gốc", "number not compared with the original"),
    ("văn bản gốc chưa đối chiếu", "original not compared"),
    ("nguồn thứ cấp", "second-hand source"),
    (
        "lịch nghỉ chính thức của năm chưa ban hành hoặc chưa đối chiếu",
        "the year's own decision is not issued or not compared",
    ),
    (
        "về nghỉ Tết Âm lịch, Quốc khánh và hoán đổi dịp 30/4",
        "on the Lunar New Year, National Day and the 30 April swap",
    ),
    ("về nghỉ Tết Âm lịch và Quốc khánh", "on the Lunar New Year and National Day"),
    ("của Bộ Nội vụ", "of the Ministry of Home Affairs"),
    ("Ngày nghỉ hưởng lương từ năm", "Paid holiday from"),
    ("Ngay trong ngày làm việc", "The same working day"),
    ("nhận sau 15 giờ thì ngày làm việc tiếp theo", "received after 15:00, the next working day"),
    ("nộp sau 15 giờ thì ngày làm việc tiếp theo", "filed after 15:00, the next working day"),
    ("phí chứng thực", "certification fees"),
    ("thủ tục", "procedure"),
    ("sửa đổi bởi", "amended by"),
    ("và", "and"),
    ("chưa đối chiếu", "not compared with the original"),
    ("Bộ luật Dân sự", "Civil Code"),
    ("Bộ luật Lao động", "Labour Code"),
    ("Luật Xây dựng", "Construction Law"),
    ("Luật Hộ tịch", "Civil Status Law"),
    ("Luật Cư trú", "Residence Law"),
    ("Luật Đất đai", "Land Law"),
    ("Nghị quyết của HĐND tỉnh", "Resolution of the provincial People's Council"),
    ("Nghị quyết HĐND tỉnh", "Resolution of the provincial People's Council"),
    ("Nghị quyết", "Resolution"),
    ("Nghị định", "Decree"),
    ("Thông tư liên tịch", "Joint Circular"),
    ("Thông tư", "Circular"),
    ("Quyết định công bố thủ tục", "Decision publishing the procedure"),
    ("Quyết định", "Decision"),
    ("Công văn", "Letter"),
    ("Thông báo", "Notice"),
    ("Văn bản", "Letter"),
    ("Quy tắc 15 giờ của thủ tục", "The procedure's 15:00 rule"),
    ("Quy ước", "Convention"),
    ("Giờ làm việc của đơn vị", "Working hours of the unit"),
    ("Giờ làm việc", "Working hours"),
    ("Giờ hành chính", "office hours"),
    ("ngày làm việc đối với nhà ở riêng lẻ", "working days for a separate house"),
    ("ngày làm việc đối với công trình khác", "working days for other works"),
    ("ngày làm việc", "working days"),
    ("sửa đổi, bổ sung năm", "amended in"),
    ("sửa đổi, bổ sung bởi", "amended by"),
    ("được sửa đổi bởi", "amended by"),
    ("Phụ lục", "Annex"),
    ("Mẫu số", "form"),
    ("mẫu số", "form"),
    ("Mẫu", "form"),
    ("mẫu", "form"),
    ("Điều", "Article"),
    ("khoản", "clause"),
    ("điểm", "point"),
    ("ngày", "of"),
    ("năm", "of"),
    ("quy tắc một cửa", "one-stop rules"),
)
_ENGLISH = dict(_TERMS)
_ANY = re.compile("|".join(rf"(?<!\w){re.escape(vi)}(?!\w)" for vi in sorted(_ENGLISH, key=len, reverse=True)))


def citation(ground: str, language: str) -> str:
    """A ground as people of ``language`` cite it: ``Bộ luật Dân sự 2015, Điều 147``, ``Civil Code 2015, Article 147``.

    Words that are no citation stay as they were entered.
    """
    return ground if language == "vi" else _ANY.sub(lambda found: _ENGLISH[found[0]], ground)
