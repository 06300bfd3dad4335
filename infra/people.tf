# People: who runs the command, and who deploys. Nobody of them may read a person: neither landing nor parts is theirs.
locals {
  operator_topics = { for pair in setproduct(var.operators, ["segment_requests", "completions", "dead_letters"]) : "${pair[0]}-${pair[1]}" => pair }
  operator_queues = { for pair in setproduct(var.operators, keys(local.accounts)) : "${pair[0]}-${pair[1]}" => pair }
  acted_as = {
    for pair in setproduct(var.deployers, concat([for account in google_service_account.service : account.name], [
      google_service_account.builder.name, google_service_account.push_invoker.name, google_service_account.task_invoker.name
    ])) : "${pair[0]}-${pair[1]}" => pair
  }
}

# The ledger: segments, show, watch and dead-letters read it; replay, cancel, pause, resume and sweep write it.
resource "google_storage_bucket_iam_member" "operators_work" {
  for_each = toset(var.operators)
  bucket   = local.work
  role     = "roles/storage.objectUser"
  member   = each.key
}

# Whether a source or its parts are still there, for replay; what is in them needs the right to get, which nobody here has.
resource "google_project_iam_custom_role" "lister" {
  role_id     = "sluiceLister"
  title       = "Sluice: sees which objects there are"
  permissions = ["storage.objects.list"]
}

resource "google_storage_bucket_iam_member" "operators_list" {
  for_each = { for pair in setproduct(var.operators, ["landing", "parts"]) : "${pair[0]}-${pair[1]}" => pair }
  bucket   = each.value[1] == "parts" ? local.parts : local.landing
  role     = google_project_iam_custom_role.lister.id
  member   = each.value[0]
}

# send.
resource "google_storage_bucket_iam_member" "operators_land" {
  for_each = toset(var.operators)
  bucket   = local.landing
  role     = "roles/storage.objectCreator"
  member   = each.key
}

# replay asks for runs, cancel and sweep announce what they end.
resource "google_pubsub_topic_iam_member" "operators_publish" {
  for_each = local.operator_topics
  topic    = google_pubsub_topic.each[each.value[1]].id
  role     = "roles/pubsub.publisher"
  member   = each.value[0]
}

# watch makes a subscription of its own, which ends a day later. To make one is a right on the project, and so is to hear it.
resource "google_project_iam_custom_role" "watcher" {
  role_id     = "sluiceWatcher"
  title       = "Sluice: listens to completions"
  permissions = ["pubsub.subscriptions.consume", "pubsub.subscriptions.create", "pubsub.subscriptions.get"]
}

resource "google_project_iam_member" "operators_watch" {
  for_each = toset(var.operators)
  project  = var.project
  role     = google_project_iam_custom_role.watcher.id
  member   = each.key
}

resource "google_pubsub_topic_iam_member" "operators_attach" {
  for_each = toset(var.operators)
  topic    = google_pubsub_topic.each["completions"].id
  role     = "roles/pubsub.subscriber"
  member   = each.key
}

resource "google_cloud_tasks_queue_iam_member" "operators_keep" {
  for_each = local.operator_queues
  name     = google_cloud_tasks_queue.account[each.value[1]].name
  location = var.region
  role     = google_project_iam_custom_role.queue_keeper.id
  member   = each.value[0]
}

resource "google_cloud_tasks_queue_iam_member" "operators_enqueue" {
  for_each = local.operator_queues
  name     = google_cloud_tasks_queue.account[each.value[1]].name
  location = var.region
  role     = "roles/cloudtasks.enqueuer"
  member   = each.value[0]
}

resource "google_bigquery_dataset_iam_member" "operators_read" {
  for_each   = toset(var.operators)
  dataset_id = google_bigquery_dataset.audit.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = each.key
}

# A query is a job, and jobs are the project's.
resource "google_project_iam_member" "operators_query" {
  for_each = toset(var.operators)
  project  = var.project
  role     = "roles/bigquery.jobUser"
  member   = each.key
}

resource "google_service_account_iam_member" "acts_as" {
  for_each           = local.acted_as
  service_account_id = each.value[1]
  role               = "roles/iam.serviceAccountUser"
  member             = each.value[0]
}
