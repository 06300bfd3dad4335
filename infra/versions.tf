# The provider's lock file is made once, online, by whoever deploys: terraform init.
terraform {
  required_version = ">= 1.9"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 7.46, < 9.0"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region
}
