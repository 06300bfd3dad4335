resource "google_cloud_tasks_queue" "account" {
  for_each = local.accounts
  name     = "account-${each.key}"
  location = var.region

  rate_limits {
    max_concurrent_dispatches = local.topology.queue.max_concurrent_dispatches
    max_dispatches_per_second = local.topology.queue.max_dispatches_per_second
  }
  # max_retry_duration: without an end. Cloud Tasks would delete the task without a word; Sluice counts.
  retry_config {
    max_attempts       = local.topology.queue.max_attempts
    max_retry_duration = "0s"
    min_backoff        = "${local.topology.queue.min_backoff_seconds}s"
    max_backoff        = "${local.topology.queue.max_backoff_seconds}s"
    max_doublings      = local.topology.queue.max_doublings
  }
  # Who creates a task chooses neither its address nor its identity.
  http_target {
    http_method = "POST"
    uri_override {
      scheme                    = "HTTPS"
      host                      = trimprefix(local.urls.uploader, "https://")
      uri_override_enforce_mode = "ALWAYS"
      path_override {
        path = "/"
      }
    }
    oidc_token {
      service_account_email = google_service_account.task_invoker.email
      audience              = local.urls.uploader
    }
  }
  stackdriver_logging_config {
    sampling_ratio = 1
  }
  depends_on = [google_project_service.each]
  lifecycle {
    # An account that rests must rest through an apply.
    ignore_changes = [desired_state]
  }
}
