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

variable "notification_channels" {
  description = "Who hears of alerts: ids of Cloud Monitoring's channels, projects/P/notificationChannels/N. Without any, alerts are only shown."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for each in var.notification_channels : can(regex("^projects/[^/]+/notificationChannels/[0-9]+$", each))])
    error_message = "A channel reads like projects/P/notificationChannels/123. Take them from: gcloud beta monitoring channels list."
  }
}

variable "operators" {
  description = "Who runs `sluice` against this deployment: principals such as group:data@example.com."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for each in var.operators : can(regex("^(user|group|serviceAccount):.+@.+$", each))])
    error_message = "Write user:, group: or serviceAccount: before an address. Nobody else, and never everybody."
  }
}

variable "deployers" {
  description = "Who may apply this, when that is not an owner of the project: principals that then may let the functions run as their service accounts."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for each in var.deployers : can(regex("^(user|group|serviceAccount):.+@.+$", each))])
    error_message = "Write user:, group: or serviceAccount: before an address."
  }
}

variable "kms_key" {
  description = "A key in the same region that buckets, topics and the dataset are encrypted with; \"\" leaves that to Google's keys. Queues hold references only."
  type        = string
  default     = ""
  validation {
    condition     = var.kms_key == "" || can(regex("^projects/[^/]+/locations/${var.region}/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key))
    error_message = "Write projects/P/locations/REGION/keyRings/R/cryptoKeys/K, with the region that everything is in."
  }
}

variable "billing_account" {
  description = "The billing account of the budget; \"\" for no budget."
  type        = string
  default     = ""
  validation {
    condition     = var.billing_account == "" || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "It reads like 012345-6789AB-CDEF01. Take it from: gcloud billing accounts list."
  }
}

variable "monthly_budget" {
  description = "Of this project, in whole units of the billing account's currency; told at half, at nine tenths and at all of it."
  type        = number
  default     = 100
  validation {
    condition     = var.monthly_budget >= 1 && floor(var.monthly_budget) == var.monthly_budget
    error_message = "Write a whole number from 1 on."
  }
}

variable "keep_on_destroy" {
  description = "Whether `terraform destroy` stops before the record: buckets that hold objects, and the audit's tables."
  type        = bool
  default     = true
}
