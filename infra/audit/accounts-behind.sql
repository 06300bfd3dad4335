-- Accounts with runs that were received more than six hours ago and have no outcome yet, and for how long the oldest has waited.
SELECT
  received.account,
  COUNT(*) AS open_runs,
  TIMESTAMP_DIFF(@now, MIN(received.occurred_at), MINUTE) AS oldest_minutes
FROM events AS received
LEFT JOIN events AS outcome
  ON outcome.segment = received.segment
  AND outcome.run = received.run
  AND outcome.type IN (
    'segment.completed', 'segment.partial', 'segment.failed', 'segment.rejected', 'segment.superseded', 'segment.cancelled'
  )
WHERE received.type = 'segment.received'
  AND outcome.event_id IS NULL
  AND received.occurred_at < TIMESTAMP_SUB(@now, INTERVAL 6 HOUR)
GROUP BY received.account
ORDER BY oldest_minutes DESC, received.account
