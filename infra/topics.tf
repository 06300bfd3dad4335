resource "google_pubsub_topic" "landing_notifications" {
  name = local.topics.landing_notifications
  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

resource "google_pubsub_topic" "segment_requests" {
  name = local.topics.segment_requests
  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

resource "google_pubsub_schema" "event" {
  name       = "sluice-event"
  type       = "AVRO"
  definition = file("${path.module}/../docs/schemas/event.avsc")
}

resource "google_pubsub_topic" "completions" {
  name = local.topics.completions
  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
  schema_settings {
    schema   = google_pubsub_schema.event.id
    encoding = "JSON"
  }
}

resource "google_pubsub_topic" "dead_letters" {
  name = local.topics.dead_letters
  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}
