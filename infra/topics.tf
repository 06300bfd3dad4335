resource "google_pubsub_schema" "event" {
  name       = "sluice-event"
  type       = "AVRO"
  definition = file("${path.module}/../docs/schemas/event.avsc")
  depends_on = [google_project_service.each]
}

resource "google_pubsub_topic" "each" {
  for_each     = local.topics
  name         = each.value
  kms_key_name = one(local.keys)

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
  dynamic "schema_settings" {
    for_each = each.key == "completions" ? [google_pubsub_schema.event.id] : []
    content {
      schema   = schema_settings.value
      encoding = "JSON"
    }
  }
  depends_on = [google_kms_crypto_key_iam_member.agents, google_project_service.each]
}
