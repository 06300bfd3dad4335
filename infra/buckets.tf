locals {
  # Hashed people are gone when they are deleted, at once, and no version of them stays.
  buckets = {
    landing = { lifetime = local.topology.buckets.landing.lifetime_days, prefixes = [], soft_delete = 0 }
    parts   = { lifetime = local.topology.buckets.parts.lifetime_days, prefixes = [], soft_delete = 0 }
    work = {
      lifetime = local.topology.buckets.work.lifetime_days
      prefixes = local.topology.buckets.work.lifetime_prefixes
      # The ledger holds no person, and a week to take back a mistake.
      soft_delete = 604800
    }
  }
  made = { for name, bucket in local.buckets : name => bucket if name != "landing" || var.landing_bucket == "" }

  landing = var.landing_bucket != "" ? var.landing_bucket : google_storage_bucket.each["landing"].name
  parts   = google_storage_bucket.each["parts"].name
  work    = google_storage_bucket.each["work"].name
}

resource "google_storage_bucket" "each" {
  for_each                    = local.made
  name                        = "${var.project}-sluice-${each.key}"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.keep_on_destroy

  soft_delete_policy {
    retention_duration_seconds = each.value.soft_delete
  }
  versioning {
    enabled = false
  }
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = each.value.lifetime
      matches_prefix = each.value.prefixes
    }
  }
  dynamic "encryption" {
    for_each = local.keys
    content {
      default_kms_key_name = encryption.value
    }
  }
  depends_on = [google_kms_crypto_key_iam_member.agents, google_project_service.each]
}

data "google_storage_project_service_account" "storage" {
  project = var.project
}

# An existing landing bucket must be where everything is: reading across regions costs, and the promise is one region.
data "google_storage_bucket" "landing" {
  for_each = toset(var.landing_bucket == "" ? [] : [var.landing_bucket])
  name     = each.key
  lifecycle {
    postcondition {
      condition     = lower(self.location) == var.region
      error_message = "The landing bucket ${self.name} is in ${lower(self.location)}, not in ${var.region}. Name one of that region, or leave it out."
    }
  }
}

resource "google_pubsub_topic_iam_member" "storage_publishes" {
  topic  = google_pubsub_topic.each["landing_notifications"].id
  role   = "roles/pubsub.publisher"
  member = "serviceAccount:${data.google_storage_project_service_account.storage.email_address}"
}

resource "google_storage_notification" "landing" {
  bucket         = local.landing
  topic          = google_pubsub_topic.each["landing_notifications"].id
  payload_format = "JSON_API_V1"
  event_types    = ["OBJECT_FINALIZE"]

  # Refused before Cloud Storage may publish.
  depends_on = [google_pubsub_topic_iam_member.storage_publishes]
}
