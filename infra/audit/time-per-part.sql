-- Seconds from a part's first task to its receipt, by account: the median, the slowest twentieth, and how many needed another attempt.
SELECT
  account,
  COUNT(*) AS parts,
  APPROX_QUANTILES(duration_seconds, 100)[OFFSET(50)] AS median_seconds,
  APPROX_QUANTILES(duration_seconds, 100)[OFFSET(95)] AS p95_seconds,
  COUNTIF(attempt > 1) AS repeated
FROM events
WHERE type IN ('part.completed', 'part.failed')
GROUP BY account
ORDER BY account
