# What a project must have switched on. Never switched off again here: something else may use it.
resource "google_project_service" "each" {
  for_each = toset(concat([
    "artifactregistry.googleapis.com",
    "bigquery.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudscheduler.googleapis.com",
    "cloudtasks.googleapis.com",
    "googleads.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "storage.googleapis.com",
    ],
    var.kms_key == "" ? [] : ["cloudkms.googleapis.com"],
    var.billing_account == "" ? [] : ["billingbudgets.googleapis.com"],
    var.traces == "" ? [] : ["cloudtrace.googleapis.com"],
  ))
  service            = each.key
  disable_on_destroy = false
}
