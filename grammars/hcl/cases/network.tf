# The network and what runs in it.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = var.region
}

# Where it runs.
variable "region" {
  type        = string
  default     = "eu-central-1"
  description = "Region of all resources"
}

variable "zones" {
  type = list(string)
}

locals {
  name = "store-${var.region}"
  tags = {
    project = "store"
  }
}

data "aws_ami" "linux" {
  most_recent = true
  owners      = ["amazon"]
}

/* The network. */
module "vpc" {
  source = "./modules/vpc"
  zones  = var.zones
}

resource "aws_instance" "web" {
  count         = length(var.zones)
  ami           = data.aws_ami.linux.id
  instance_type = "t3.micro"

  dynamic "ebs_block_device" {
    for_each = var.zones
    content {
      device_name = ebs_block_device.value
    }
  }

  lifecycle {
    ignore_changes = [ami]
  }
}

output "address" {
  value = aws_instance.web[0].public_ip
}
