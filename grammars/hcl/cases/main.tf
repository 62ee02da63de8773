# The vpc.
resource "aws_vpc" "main" {
  cidr = "x"
}
variable "name" {
  description = "n"
}
module "m" { source = "./m" }
locals {
  a = 1
}
output "o" { value = 1 }
terraform {}
