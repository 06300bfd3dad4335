locals {
  topic_ids         = { for purpose, name in local.topics : name => google_pubsub_topic.each[purpose].id }
  with_dead_letters = { for name, each in local.topology.subscriptions : name => each if can(each.dead_letter) }
}

resource "google_pubsub_subscription" "each" {
  for_each                   = local.topology.subscriptions
  name                       = each.key
  topic                      = local.topic_ids[each.value.topic]
  ack_deadline_seconds       = each.value.ack_deadline_seconds
  message_retention_duration = "${each.value.retention_seconds}s"
  retain_acked_messages      = try(each.value.retain_acked, false)

  # Never: a quiet month must not remove it.
  expiration_policy {
    ttl = ""
  }

  dynamic "push_config" {
    for_each = try([each.value.push], [])
    content {
      push_endpoint = "${local.urls[push_config.value]}/${try(each.value.path, "")}"
      oidc_token {
        service_account_email = google_service_account.push_invoker.email
        audience              = local.urls[push_config.value]
      }
    }
  }
  dynamic "retry_policy" {
    for_each = try([each.value.retry], [])
    content {
      minimum_backoff = "${retry_policy.value.minimum_backoff_seconds}s"
      maximum_backoff = "${retry_policy.value.maximum_backoff_seconds}s"
    }
  }
  dynamic "dead_letter_policy" {
    for_each = try([each.value.dead_letter], [])
    content {
      dead_letter_topic     = local.topic_ids[dead_letter_policy.value.topic]
      max_delivery_attempts = dead_letter_policy.value.max_delivery_attempts
    }
  }
}

# Pub/Sub itself passes on what it gives up: it publishes to the dead letters and acknowledges at their source.
resource "google_pubsub_topic_iam_member" "pubsub_buries" {
  topic  = google_pubsub_topic.each["dead_letters"].id
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "pubsub_buries" {
  for_each     = local.with_dead_letters
  subscription = google_pubsub_subscription.each[each.key].id
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}
