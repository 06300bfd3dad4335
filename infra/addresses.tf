data "google_project" "here" {
  project_id = var.project
}

locals {
  # Known before the functions are, so that a service can be told the audience of its callers' tokens: Cloud Run's deterministic URL.
  urls = { for service in ["ingest", "chunker", "uploader"] :
    service => "https://sluice-${service}-${data.google_project.here.number}.${var.region}.run.app"
  }
}
