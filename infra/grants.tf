# Who may do what, on what it is done to: no role on the project but for what has no smaller place, and none that is wider than its use.
locals {
  # Ingest asks for runs and tells of refusals; the others re-announce for whoever was lost, and ask for the next run.
  publications = { for pair in setproduct(keys(local.invokers), ["segment_requests", "completions", "dead_letters"]) :
    "${pair[0]}-${pair[1]}" => { service = pair[0], topic = google_pubsub_topic.each[pair[1]].id }
  }
  work_objects = "projects/_/buckets/${local.work}/objects"
}

resource "google_pubsub_topic_iam_member" "publishes" {
  for_each = local.publications
  topic    = each.value.topic
  role     = "roles/pubsub.publisher"
  member   = local.members[each.value.service]
}

resource "google_storage_bucket_iam_member" "landing_read" {
  for_each = toset(["ingest", "chunker"])
  bucket   = local.landing
  role     = "roles/storage.objectViewer"
  member   = local.members[each.key]
}

resource "google_storage_bucket_iam_member" "work_read" {
  bucket = local.work
  role   = "roles/storage.objectViewer"
  member = local.members["ingest"]
}

# Facts are created once: who may only create can overwrite nothing.
resource "google_storage_bucket_iam_member" "ingest_creates" {
  for_each = toset(["segments", "ended", "dead-letters"])
  bucket   = local.work
  role     = "roles/storage.objectCreator"
  member   = local.members["ingest"]
  condition {
    title      = "${each.key} only"
    expression = "resource.name.startsWith(\"${local.work_objects}/${each.key}/\")"
  }
}

# Markers are created, and taken away again when the run has ended meanwhile.
resource "google_storage_bucket_iam_member" "ingest_marks" {
  bucket = local.work
  role   = "roles/storage.objectUser"
  member = local.members["ingest"]
  condition {
    title      = "open only"
    expression = "resource.name.startsWith(\"${local.work_objects}/open/\")"
  }
}

resource "google_storage_bucket_iam_member" "work_written" {
  for_each = toset(["chunker", "uploader"])
  bucket   = local.work
  role     = "roles/storage.objectUser"
  member   = local.members[each.key]
}

resource "google_storage_bucket_iam_member" "parts_written" {
  bucket = local.parts
  role   = "roles/storage.objectUser"
  member = local.members["chunker"]
}

resource "google_storage_bucket_iam_member" "parts_read" {
  bucket = local.parts
  role   = "roles/storage.objectViewer"
  member = local.members["uploader"]
}

resource "google_cloud_tasks_queue_iam_member" "enqueues" {
  for_each = { for pair in setproduct(keys(local.accounts), ["chunker", "uploader"]) : "${pair[0]}-${pair[1]}" => pair }
  name     = google_cloud_tasks_queue.account[each.value[0]].name
  location = var.region
  role     = "roles/cloudtasks.enqueuer"
  member   = local.members[each.value[1]]
}

# What the sweep looks at, and what holds an account: less than any role of Google's that has it.
resource "google_project_iam_custom_role" "queue_keeper" {
  role_id     = "sluiceQueueKeeper"
  title       = "Sluice: holds and lets go an account's queue"
  permissions = ["cloudtasks.queues.get", "cloudtasks.queues.pause", "cloudtasks.queues.resume", "cloudtasks.tasks.get", "cloudtasks.tasks.list"]
}

resource "google_cloud_tasks_queue_iam_member" "keeps" {
  for_each = google_cloud_tasks_queue.account
  name     = each.value.name
  location = var.region
  role     = google_project_iam_custom_role.queue_keeper.id
  member   = local.members["uploader"]
}

# Spans have no smaller place than the project.
resource "google_project_iam_member" "traces" {
  for_each = var.traces == "cloud" ? local.members : {}
  project  = var.project
  role     = "roles/cloudtrace.agent"
  member   = each.value
}

resource "google_storage_bucket_iam_member" "builder_reads" {
  bucket = google_storage_bucket.source.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${google_service_account.builder.email}"
}

resource "google_project_iam_member" "builder" {
  for_each = toset(["roles/logging.logWriter", "roles/artifactregistry.writer"])
  project  = var.project
  role     = each.key
  member   = "serviceAccount:${google_service_account.builder.email}"
}
