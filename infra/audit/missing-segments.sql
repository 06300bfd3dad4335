-- Audiences that had a segment on at least five of the seven days before the last 24 hours, and none in the last 24 hours.
SELECT
  account,
  audience,
  COUNT(DISTINCT DATE(occurred_at)) AS days,
  MAX(occurred_at) AS last_received
FROM events
WHERE type = 'segment.received'
  AND run = 1
  AND occurred_at >= TIMESTAMP_SUB(@now, INTERVAL 8 DAY)
  AND occurred_at < @now
GROUP BY account, audience
HAVING days >= 5 AND MAX(occurred_at) < TIMESTAMP_SUB(@now, INTERVAL 1 DAY)
ORDER BY account, audience
