# What the services say in their logs, as numbers. A line may be said twice, as an event may come twice: they are for alarm, not for billing.
locals {
  sluice_logs = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^sluice-(ingest|chunker|uploader)$\""

  counted = {
    dead_letters = {
      says        = ["dead_letter_kept"]
      labels      = { reason_code = "why nobody will retry it" }
      description = "What no machine will retry: sluice dead-letters list."
    }
    stuck = {
      says        = ["job_stuck", "sweep_failed", "sweep_unfinished", "task_stuck"]
      labels      = { account = "the account", message = "what is stuck" }
      description = "A task that does not get through, a job that Google does not end, a run that no sweep can look at."
    }
    accounts_paused = {
      says        = ["account_paused"]
      labels      = { account = "the account", reason_code = "why it rests" }
      description = "An account rests: nothing is sent on it until its cause is mended."
    }
    runs_overdue = {
      says        = ["run_overdue"]
      labels      = { account = "the account" }
      description = "Runs that are open for too long (topology.yaml: sweep.overdue_seconds)."
    }
    segments_ended = {
      says        = ["segment_ended"]
      labels      = { account = "the account", type = "the outcome" }
      description = "Runs that have their outcome."
    }
    sweeps_ended = {
      says        = ["sweep_ended"]
      labels      = {}
      description = "Regular looks at everything open."
    }
  }
}

resource "google_logging_metric" "counted" {
  for_each    = local.counted
  name        = "sluice/${each.key}"
  description = each.value.description
  filter      = "${local.sluice_logs} AND jsonPayload.message=(${join(" OR ", [for word in each.value.says : "\"${word}\""])})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key         = labels.key
        value_type  = "STRING"
        description = labels.value
      }
    }
  }
  label_extractors = { for key, _ in each.value.labels : key => "EXTRACT(jsonPayload.${key})" }
  depends_on       = [google_project_service.each]
}

resource "google_logging_metric" "rejected_percent" {
  name            = "sluice/rejected_percent"
  description     = "Of a segment's records, how many of a hundred were rejected."
  filter          = "${local.sluice_logs} AND jsonPayload.message=\"segment_ended\" AND jsonPayload.received>0"
  value_extractor = "EXTRACT(jsonPayload.rejected_percent)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "%"

    labels {
      key         = "account"
      value_type  = "STRING"
      description = "the account"
    }
  }
  label_extractors = { account = "EXTRACT(jsonPayload.account)" }
  # A hundredth of a percent to a hundred percent, each bucket a fifth wider than the one below.
  bucket_options {
    exponential_buckets {
      num_finite_buckets = 51
      growth_factor      = 1.2
      scale              = 0.01
    }
  }
  depends_on = [google_project_service.each]
}
