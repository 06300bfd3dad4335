locals {
  pubsub_agent = "serviceAccount:service-${data.google_project.here.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
  invokers = {
    ingest   = google_service_account.push_invoker
    chunker  = google_service_account.push_invoker
    uploader = google_service_account.task_invoker
  }
  members = { for service, account in google_service_account.service : service => "serviceAccount:${account.email}" }
}

resource "google_service_account" "service" {
  for_each     = toset(["ingest", "chunker", "uploader"])
  account_id   = "sluice-${each.key}"
  display_name = "Sluice: ${each.key}"
  depends_on   = [google_project_service.each]
}

resource "google_service_account" "push_invoker" {
  account_id   = "sluice-push-invoker"
  display_name = "Sluice: calls ingest and chunker for Pub/Sub"
  depends_on   = [google_project_service.each]
}

resource "google_service_account" "task_invoker" {
  account_id   = "sluice-task-invoker"
  display_name = "Sluice: calls the uploader for Cloud Tasks and for the schedule"
  depends_on   = [google_project_service.each]
}

resource "google_service_account" "builder" {
  account_id   = "sluice-builder"
  display_name = "Sluice: builds the functions"
  depends_on   = [google_project_service.each]
}

# On the Cloud Run service: a grant on the function itself opens nothing.
resource "google_cloud_run_service_iam_member" "invokes" {
  for_each = local.invokers
  service  = google_cloudfunctions2_function.service[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "serviceAccount:${each.value.email}"
}
