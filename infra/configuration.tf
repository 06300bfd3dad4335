# topology.yaml and accounts.yaml, checked more strictly and with cures by `sluice config check`.
locals {
  topology = yamldecode(file("${path.module}/topology.yaml"))
  accounts = yamldecode(file("${path.module}/accounts.yaml")).accounts
  topics   = local.topology.topics
}
