# What services read of an account: shared/model/account.py, with every key, as infra/render.py writes it for the local cloud.
locals {
  documents = { for id, account in local.accounts : id => {
    audiences = { for key, audience in account.audiences : key => {
      create          = try({ membership_days = tonumber(audience.create.membership_days) }, null)
      list_id         = try(tostring(audience.list_id), "")
      name            = try(tostring(audience.name), "")
      upload_key_type = audience.upload_key_type
    } }
    consent = {
      ad_personalization = account.consent.ad_personalization
      ad_user_data       = account.consent.ad_user_data
    }
    credential         = try(tostring(account.credential), "")
    deduplicate        = try(tobool(account.deduplicate), false)
    default_region     = tostring(account.default_region)
    delimiter          = try(tostring(account.delimiter), "")
    destinations       = try(account.destinations, ["google_ads"])
    hashed             = try(tobool(account.hashed), false)
    id                 = id
    login_customer_id  = try(tostring(account.login_customer_id), "")
    max_rejected_ratio = tostring(account.max_rejected_ratio)
    name               = tostring(account.name)
    schema_version     = 1
  } }
}
