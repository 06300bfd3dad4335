resource "google_storage_bucket" "landing" {
  count                       = var.landing_bucket == "" ? 1 : 0
  name                        = "${var.project}-sluice-landing"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = local.topology.buckets.landing.lifetime_days
    }
  }
}

# Hashed people: what is deleted is gone, at once.
resource "google_storage_bucket" "parts" {
  name                        = "${var.project}-sluice-parts"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  soft_delete_policy {
    retention_duration_seconds = 0
  }
  versioning {
    enabled = false
  }
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = local.topology.buckets.parts.lifetime_days
    }
  }
}

resource "google_storage_bucket" "work" {
  name                        = "${var.project}-sluice-work"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = local.topology.buckets.work.lifetime_days
      matches_prefix = local.topology.buckets.work.lifetime_prefixes
    }
  }
}

data "google_storage_project_service_account" "storage" {
  project = var.project
}

resource "google_pubsub_topic_iam_member" "storage_publishes" {
  topic  = google_pubsub_topic.landing_notifications.id
  role   = "roles/pubsub.publisher"
  member = "serviceAccount:${data.google_storage_project_service_account.storage.email_address}"
}

resource "google_storage_notification" "landing" {
  bucket         = local.landing
  topic          = google_pubsub_topic.landing_notifications.id
  payload_format = "JSON_API_V1"
  event_types    = ["OBJECT_FINALIZE"]

  # Refused before Cloud Storage may publish.
  depends_on = [google_pubsub_topic_iam_member.storage_publishes]
}
