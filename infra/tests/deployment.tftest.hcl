# What the files of infra/ refuse and promise, by Terraform's own words: terraform test plans and makes nothing.
# The pytest tests look at far more (tests/infra).

variables {
  project = "made-up-project"
  region  = "europe-west1"
}

run "every_account_has_a_queue_that_sends_one_request_at_a_time" {
  command = plan

  assert {
    condition     = keys(google_cloud_tasks_queue.account) == keys(local.accounts)
    error_message = "An account without a queue, or a queue without an account."
  }
  assert {
    condition     = alltrue([for queue in google_cloud_tasks_queue.account : queue.rate_limits[0].max_concurrent_dispatches == 1])
    error_message = "Two requests at a time on one account both fail."
  }
  assert {
    condition     = alltrue([for queue in google_cloud_tasks_queue.account : queue.retry_config[0].max_attempts == -1])
    error_message = "Cloud Tasks deletes what it gives up."
  }
}

run "accounts_without_credentials_have_no_secrets" {
  command = plan

  assert {
    condition     = length(google_secret_manager_secret.credential) == length(local.credentials)
    error_message = "A secret that no account names."
  }
}

run "an_existing_landing_bucket_is_not_made" {
  command = plan
  variables {
    landing_bucket = "their-exports"
  }

  assert {
    condition     = keys(google_storage_bucket.each) == ["parts", "work"]
    error_message = "The landing bucket is there already."
  }
  assert {
    condition     = google_storage_notification.landing.bucket == "their-exports"
    error_message = "Its landings are not told of."
  }
}

run "a_key_of_ones_own_is_used_for_what_is_at_rest" {
  command = plan
  variables {
    kms_key = "projects/keys/locations/europe-west1/keyRings/ring/cryptoKeys/key"
  }

  assert {
    condition     = alltrue([for bucket in google_storage_bucket.each : bucket.encryption[0].default_kms_key_name == var.kms_key])
    error_message = "A bucket under another key."
  }
  assert {
    condition     = alltrue([for topic in google_pubsub_topic.each : topic.kms_key_name == var.kms_key])
    error_message = "A topic under another key."
  }
}

run "without_a_billing_account_there_is_no_budget" {
  command = plan

  assert {
    condition     = length(google_billing_budget.project) == 0
    error_message = "A budget that nobody asked for."
  }
}

run "a_multi_region_is_refused" {
  command = plan
  variables {
    region = "eu"
  }
  expect_failures = [var.region]
}

run "a_project_number_is_refused" {
  command = plan
  variables {
    project = "123456789012"
  }
  expect_failures = [var.project]
}

run "everybody_is_no_operator" {
  command = plan
  variables {
    operators = ["allUsers"]
  }
  expect_failures = [var.operators]
}

run "a_channel_by_its_address_is_refused" {
  command = plan
  variables {
    notification_channels = ["data@example.com"]
  }
  expect_failures = [var.notification_channels]
}

run "a_key_of_another_region_is_refused" {
  command = plan
  variables {
    kms_key = "projects/keys/locations/us-east1/keyRings/ring/cryptoKeys/key"
  }
  expect_failures = [var.kms_key]
}
