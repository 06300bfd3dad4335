-- Segments and people per day, account and audience, by the day of their outcome in UTC.
SELECT
  DATE(occurred_at) AS day,
  account,
  audience,
  COUNT(*) AS segments,
  COUNTIF(type = 'segment.completed') AS completed,
  SUM(records_accepted) AS accepted,
  SUM(records_rejected) AS rejected,
  SUM(records_failed) AS failed
FROM events
WHERE type IN (
  'segment.completed', 'segment.partial', 'segment.failed', 'segment.rejected', 'segment.superseded', 'segment.cancelled'
)
GROUP BY day, account, audience
ORDER BY day, account, audience
