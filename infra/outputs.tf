output "profile" {
  description = "What `sluice --profile FILE` reads: terraform output -raw profile > sluice.env"
  value       = <<-ENV
    export GOOGLE_CLOUD_PROJECT=${var.project}
    export SLUICE_REGION=${var.region}
    export SLUICE_LANDING_BUCKET=${local.landing}
    export SLUICE_PARTS_BUCKET=${local.parts}
    export SLUICE_WORK_BUCKET=${local.work}
  ENV
}

output "landing_bucket" {
  description = "Where segments land."
  value       = local.landing
}

output "services" {
  description = "The services' addresses, which only their invokers can call."
  value       = local.urls
}
