-- Why segments did not come through as a whole: outcomes by reason, the commonest first.
SELECT
  reason_code,
  type,
  COUNT(*) AS segments,
  SUM(records_rejected) AS rejected,
  SUM(records_failed) AS failed
FROM events
WHERE reason_code != '' AND type IN ('segment.partial', 'segment.failed', 'segment.rejected', 'segment.cancelled')
GROUP BY reason_code, type
ORDER BY segments DESC, reason_code, type
