# Containers only: a version in Terraform would be in its state.
locals {
  credentials = toset([for id, account in local.accounts : account.credential if try(account.credential, "") != ""])
}

resource "google_secret_manager_secret" "developer_token" {
  secret_id = "sluice-developer-token"
  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }
  depends_on = [google_project_service.each]
}

resource "google_secret_manager_secret" "credential" {
  for_each  = local.credentials
  secret_id = "sluice-credential-${each.key}"
  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }
  depends_on = [google_project_service.each]
}

resource "google_secret_manager_secret_iam_member" "uploader_reads" {
  for_each  = merge({ developer_token = google_secret_manager_secret.developer_token }, google_secret_manager_secret.credential)
  secret_id = each.value.id
  role      = "roles/secretmanager.secretAccessor"
  member    = local.members["uploader"]
}
