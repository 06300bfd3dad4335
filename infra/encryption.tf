# Optional: your own key for what is at rest. Queues are left out (their tasks name objects and ids only, and Cloud Tasks refuses a key
# beside a queue's own identity), and so are secrets and the functions' images, which have agents of their own to be granted by hand.
locals {
  keys = toset(var.kms_key == "" ? [] : [var.kms_key])
  key_agents = var.kms_key == "" ? {} : {
    storage  = "serviceAccount:${data.google_storage_project_service_account.storage.email_address}"
    pubsub   = local.pubsub_agent
    bigquery = "serviceAccount:bq-${data.google_project.here.number}@bigquery-encryption.iam.gserviceaccount.com"
  }
}

resource "google_kms_crypto_key_iam_member" "agents" {
  for_each      = local.key_agents
  crypto_key_id = var.kms_key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = each.value
}
