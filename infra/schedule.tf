resource "google_cloud_scheduler_job" "sweep" {
  name             = "sluice-sweep"
  region           = var.region
  schedule         = "*/${local.topology.sweep.period_seconds / 60} * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "1800s"

  http_target {
    http_method = "POST"
    uri         = "${local.urls.uploader}/sweep"
    oidc_token {
      service_account_email = google_service_account.task_invoker.email
      audience              = local.urls.uploader
    }
  }
  depends_on = [google_project_service.each]
}
