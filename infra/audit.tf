# Every event as a row. A repeat is a row more, with the same event_id: the view shows each event once.
resource "google_bigquery_dataset" "audit" {
  dataset_id = "sluice"
  location   = var.region

  dynamic "default_encryption_configuration" {
    for_each = local.keys
    content {
      kms_key_name = default_encryption_configuration.value
    }
  }
  depends_on = [google_kms_crypto_key_iam_member.agents, google_project_service.each]
}

resource "google_bigquery_table" "deliveries" {
  dataset_id = google_bigquery_dataset.audit.dataset_id
  table_id   = "deliveries"
  schema     = file("${path.module}/audit/events.schema.json")

  deletion_protection = var.keep_on_destroy

  time_partitioning {
    type  = "DAY"
    field = "occurred_at"
  }
  clustering = ["account", "type"]
}

resource "google_bigquery_table" "events" {
  dataset_id = google_bigquery_dataset.audit.dataset_id
  table_id   = "events"

  deletion_protection = false # a view holds nothing
  view {
    use_legacy_sql = false
    query          = <<-SQL
      SELECT * FROM `${var.project}.${google_bigquery_dataset.audit.dataset_id}.${google_bigquery_table.deliveries.table_id}`
      QUALIFY ROW_NUMBER() OVER (PARTITION BY event_id) = 1
    SQL
  }
}

resource "google_bigquery_dataset_iam_member" "pubsub_writes" {
  dataset_id = google_bigquery_dataset.audit.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = local.pubsub_agent
}

resource "google_pubsub_subscription" "warehouse" {
  name  = "warehouse"
  topic = google_pubsub_topic.each["completions"].id
  expiration_policy {
    ttl = ""
  }
  bigquery_config {
    table            = "${var.project}.${google_bigquery_dataset.audit.dataset_id}.${google_bigquery_table.deliveries.table_id}"
    use_topic_schema = true
  }
  depends_on = [google_bigquery_dataset_iam_member.pubsub_writes]
}
