locals {
  charts = [
    { title = "Outcomes", metric = google_logging_metric.counted["segments_ended"].name, by = "type", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM" },
    { title = "Rejected, percent of a segment", metric = google_logging_metric.rejected_percent.name, by = "account", aligner = "ALIGN_PERCENTILE_99", reducer = "REDUCE_MAX" },
    { title = "Dead letters", metric = google_logging_metric.counted["dead_letters"].name, by = "reason_code", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM" },
    { title = "Stuck", metric = google_logging_metric.counted["stuck"].name, by = "message", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM" },
    { title = "Accounts paused", metric = google_logging_metric.counted["accounts_paused"].name, by = "account", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM" },
    { title = "Runs without outcome, said by each sweep", metric = google_logging_metric.counted["runs_overdue"].name, by = "account", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM" },
  ]
  charted = concat(
    [for chart in local.charts : {
      title    = chart.title
      filter   = "metric.type=\"logging.googleapis.com/user/${chart.metric}\" AND resource.type=\"cloud_run_revision\""
      by       = "metric.label.${chart.by}"
      aligner  = chart.aligner
      reducer  = chart.reducer
      interval = "3600s"
    }],
    [
      {
        title    = "Tasks waiting, by account"
        filter   = "metric.type=\"cloudtasks.googleapis.com/queue/depth\" AND resource.type=\"cloud_tasks_queue\""
        by       = "resource.label.queue_id"
        aligner  = "ALIGN_MAX"
        reducer  = "REDUCE_SUM"
        interval = "60s"
      },
      {
        title    = "Oldest message not yet acknowledged, seconds"
        filter   = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND resource.type=\"pubsub_subscription\""
        by       = "resource.label.subscription_id"
        aligner  = "ALIGN_MAX"
        reducer  = "REDUCE_MAX"
        interval = "60s"
      },
    ],
  )
}

resource "google_monitoring_dashboard" "sluice" {
  dashboard_json = jsonencode({
    displayName = "Sluice"
    mosaicLayout = {
      columns = 12
      tiles = [for number, chart in local.charted : {
        xPos   = 6 * (number % 2)
        yPos   = 4 * floor(number / 2)
        width  = 6
        height = 4
        widget = {
          title = chart.title
          xyChart = {
            dataSets = [{
              plotType = "STACKED_BAR"
              timeSeriesQuery = {
                timeSeriesFilter = {
                  filter = chart.filter
                  aggregation = {
                    alignmentPeriod    = chart.interval
                    perSeriesAligner   = chart.aligner
                    crossSeriesReducer = chart.reducer
                    groupByFields      = [chart.by]
                  }
                }
              }
            }]
          }
        }
      }]
    }
  })
  depends_on = [google_project_service.each]
}
