# What somebody must look at. Each says what it means and which command is next.
locals {
  sweep_period = local.topology.sweep.period_seconds
  # Any at all, told once, and closed when it has not been said for as long as the policy waits.
  any = {
    dead_letters    = { name = "dead letters", severity = "ERROR", by = ["reason_code"], quiet = 3600, cure = "Look: sluice dead-letters list. Mend the cause, then: sluice dead-letters replay ID, or discard it." }
    stuck           = { name = "stuck", severity = "ERROR", by = ["account", "message"], quiet = 3600, cure = "Look: sluice segments --account ACCOUNT, then the lines of that trace in the log. docs/operate.md says what each means." }
    accounts_paused = { name = "account paused", severity = "WARNING", by = ["account", "reason_code"], quiet = 3600, cure = "Look: sluice accounts doctor ACCOUNT. Mend the cause, then: sluice accounts resume ACCOUNT." }
    # Each sweep says it again.
    runs_overdue = { name = "no outcome", severity = "ERROR", by = ["account"], quiet = 3 * local.sweep_period, cure = "Look: sluice segments --account ACCOUNT, sluice show SEGMENT, sluice sweep --dry-run." }
  }
}

resource "google_monitoring_alert_policy" "any" {
  for_each              = local.any
  display_name          = "Sluice: ${each.value.name}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = var.notification_channels

  conditions {
    display_name = google_logging_metric.counted[each.key].description
    condition_threshold {
      filter          = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.counted[each.key].name}\" AND resource.type=\"cloud_run_revision\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = [for label in each.value.by : "metric.label.${label}"]
      }
    }
  }
  alert_strategy {
    auto_close = "${max(1800, each.value.quiet)}s"
  }
  documentation {
    mime_type = "text/markdown"
    content   = each.value.cure
  }
}

resource "google_monitoring_alert_policy" "rejected" {
  display_name          = "Sluice: many rejects"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = var.notification_channels

  conditions {
    display_name = "A segment with more than ${local.topology.alerts.rejected_percent} % rejected records"
    condition_threshold {
      filter          = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.rejected_percent.name}\" AND resource.type=\"cloud_run_revision\""
      comparison      = "COMPARISON_GT"
      threshold_value = local.topology.alerts.rejected_percent
      duration        = "0s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_PERCENTILE_99"
        cross_series_reducer = "REDUCE_MAX"
        group_by_fields      = ["metric.label.account"]
      }
    }
  }
  alert_strategy {
    auto_close = "3600s"
  }
  documentation {
    mime_type = "text/markdown"
    content   = "Look: sluice segments --account ACCOUNT, then sluice show SEGMENT for the reasons, with a file of the rejected lines. The cure is in the export."
  }
}

# Nobody looks after what is open: the schedule, the uploader or its invoker is broken.
resource "google_monitoring_alert_policy" "no_sweep" {
  display_name          = "Sluice: no sweep"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = var.notification_channels

  conditions {
    display_name = "No sweep has ended for three periods"
    condition_absent {
      filter   = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.counted["sweeps_ended"].name}\" AND resource.type=\"cloud_run_revision\""
      duration = "${3 * local.sweep_period}s"
      aggregations {
        alignment_period     = "${local.sweep_period}s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }
  documentation {
    mime_type = "text/markdown"
    content   = "Look: gcloud scheduler jobs describe sluice-sweep, and the log of sluice-uploader. Meanwhile: sluice sweep."
  }
}
