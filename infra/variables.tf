variable "project" {
  description = "The id of the project that everything is made in."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens. Take it from: gcloud projects list."
  }
}

variable "region" {
  description = "Where everything is: functions, queues, buckets, the dataset."
  type        = string
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region reads like europe-west1. A multi-region has no queues and no functions."
  }
}

variable "landing_bucket" {
  description = "An existing bucket in the same region, where segments land; \"\" makes one. Its lifetimes stay as they are; ingest and chunker become readers."
  type        = string
  default     = ""
}

variable "build" {
  description = "The folder with the zips that `make build` made."
  type        = string
  default     = "../build"
}

variable "name_pattern" {
  description = "How landing objects are named; \"\" for folders, then flat names (docs/settings.md)."
  type        = string
  default     = ""
}

variable "developer_token" {
  description = "Whether the secret sluice-developer-token has a version, which the uploader then sends."
  type        = bool
  default     = false
}

variable "traces" {
  description = "\"cloud\" sends spans to Cloud Trace."
  type        = string
  default     = ""
  validation {
    condition     = contains(["", "cloud"], var.traces)
    error_message = "Write \"cloud\", or leave it out."
  }
}

variable "uploader_instances" {
  description = "The most instances of the uploader; each takes 16 accounts at a time."
  type        = number
  default     = 20
  validation {
    condition     = var.uploader_instances >= 1 && var.uploader_instances <= 1000
    error_message = "Between 1 and 1000."
  }
}
