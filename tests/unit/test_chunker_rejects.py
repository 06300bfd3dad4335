"""The report: places and reasons, bounded in length, never bounded in counts."""

from services.chunker.codes import FieldCode, RowCode
from services.chunker.person import Fault
from services.chunker.rejects import Report


def test_a_report_names_line_column_reason_level_and_file() -> None:
    report = Report()
    report.drop(1, 7, [Fault("email", FieldCode.EMAIL_INVALID)])
    report.reject(2, 3, RowCode.ROW_TOO_LONG)
    assert report.text() == (
        b"line,column,reason_code,level,source\n7,email,email_invalid,field,1\n3,,row_too_long,record,2\n"
    )
    assert (report.rejected, report.fields_dropped, report.unlisted) == (1, 1, 0)
    assert report.reasons == {"email_invalid": 1, "row_too_long": 1}


def test_without_faults_there_is_no_report() -> None:
    assert Report().text() == b""


def test_a_full_report_goes_on_counting() -> None:
    report = Report(entries_max=2)
    for line in range(2, 7):
        report.reject(1, line, RowCode.NO_IDENTIFIER)
    assert report.text().count(b"\n") == 3
    assert (report.rejected, report.unlisted, report.reasons["no_identifier"]) == (5, 3, 5)
