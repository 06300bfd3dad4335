"""What must be true of a deployment, whichever way its Terraform is written: each check yields what is not, in words."""
