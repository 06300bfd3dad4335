locals {
  environment = {
    for service, invoker in local.invokers : service => merge(
      {
        GOOGLE_CLOUD_PROJECT  = var.project
        SLUICE_REGION         = var.region
        SLUICE_LANDING_BUCKET = local.landing
        SLUICE_PARTS_BUCKET   = local.parts
        SLUICE_WORK_BUCKET    = local.work
        SLUICE_TOKEN_AUDIENCE = local.urls[service]
        SLUICE_TOKEN_EMAIL    = invoker.email
        # The framework's server has defaults of its own: other threads than the platform sends requests, another end than the platform's.
        THREADS                   = tostring(local.topology.services[service].concurrency)
        CLOUD_RUN_TIMEOUT_SECONDS = tostring(local.topology.services[service].timeout_seconds)
      },
      var.name_pattern == "" ? {} : { SLUICE_NAME_PATTERN = var.name_pattern },
      var.traces == "" ? {} : { SLUICE_TRACES = var.traces },
    )
  }
}

resource "google_storage_bucket" "source" {
  name                        = "${var.project}-sluice-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true # what is in it comes from `make build`

  dynamic "encryption" {
    for_each = local.keys
    content {
      default_kms_key_name = encryption.value
    }
  }
  depends_on = [google_kms_crypto_key_iam_member.agents, google_project_service.each]
}

resource "google_storage_bucket_object" "source" {
  for_each = local.invokers
  bucket   = google_storage_bucket.source.name
  name     = "${each.key}-${filesha256("${var.build}/${each.key}.zip")}.zip"
  source   = "${var.build}/${each.key}.zip"
}

resource "google_cloudfunctions2_function" "service" {
  for_each = local.invokers
  name     = "sluice-${each.key}"
  location = var.region

  build_config {
    runtime         = "python311"
    entry_point     = each.key
    service_account = google_service_account.builder.id
    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.source[each.key].name
      }
    }
  }
  service_config {
    service_account_email            = google_service_account.service[each.key].email
    timeout_seconds                  = local.topology.services[each.key].timeout_seconds
    available_memory                 = "${local.topology.services[each.key].memory_mib}Mi"
    available_cpu                    = "1"
    max_instance_count               = local.topology.services[each.key].max_instances
    max_instance_request_concurrency = local.topology.services[each.key].concurrency
    # Pub/Sub and Cloud Tasks call from outside the project's network; who may is for the invokers' tokens to say, twice.
    ingress_settings      = "ALLOW_ALL"
    environment_variables = local.environment[each.key]

    dynamic "secret_environment_variables" {
      for_each = each.key == "uploader" && var.developer_token ? [1] : []
      content {
        key        = "GOOGLE_ADS_DEVELOPER_TOKEN"
        project_id = var.project
        secret     = google_secret_manager_secret.developer_token.secret_id
        version    = "latest"
      }
    }
  }

  # A build needs the builder's rights from its first moment on.
  depends_on = [google_project_iam_member.builder, google_project_service.each, google_storage_bucket_iam_member.builder_reads]
}
