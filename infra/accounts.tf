# One object for each account, so that adding one touches nothing else and deploys no service.
resource "google_storage_bucket_object" "account" {
  for_each     = local.documents
  bucket       = local.work
  name         = "config/accounts/${each.key}.json"
  content      = jsonencode(each.value)
  content_type = "application/json"

  lifecycle {
    precondition {
      condition     = can(regex("^[0-9]{10}$", each.key))
      error_message = "accounts.yaml: ${each.key} is not a Google Ads account. Write its ten digits in quotes."
    }
    precondition {
      condition     = can(regex("^[A-Z]{2}$", each.value.default_region))
      error_message = "accounts.yaml: the default_region of ${each.key} is read as ${each.value.default_region}. Write it in quotes: \"NO\"."
    }
  }
}
