# architectures: amd64 arm64
#
# A runner on Ubuntu 24.04: the GitHub runner, Muster's agent, and nothing that tells one machine
# from another. Its name is what a runner spec's image pattern finds: muster-runner-linux-ARCH-*.

variable "arch" {
  type        = string
  default     = "amd64"
  description = "Architecture: amd64 or arm64. Each is made on a machine of its own kind."

  validation {
    condition     = contains(["amd64", "arm64"], var.arch)
    error_message = "The arch must be amd64 or arm64."
  }
}

variable "region" {
  type        = string
  description = "Where the image is made."
}

variable "copy_to" {
  type        = list(string)
  default     = []
  description = "Further regions that get a copy."
}

variable "subnet_id" {
  type        = string
  default     = ""
  description = "Where the machine runs that the image is made on; default: the region's default VPC."
}

variable "kms_key_id" {
  type        = string
  default     = ""
  description = "Key of the image's disk; default: the account's own for EBS."
}

variable "git_revision" {
  type        = string
  description = "What the image is made from: git rev-parse HEAD."

  validation {
    condition     = var.git_revision != "" && regex_replace(var.git_revision, "^[0-9a-f]{7,40}$", "") == ""
    error_message = "The git_revision must be a commit's hash."
  }
}

variable "runner_version" {
  type        = string
  description = "Version of the GitHub runner, without the v. GitHub refuses ones older than 30 days."

  validation {
    condition     = var.runner_version != "" && regex_replace(var.runner_version, "^[0-9]+[.][0-9]+[.][0-9]+$", "") == ""
    error_message = "The runner_version must be like 2.330.0."
  }
}

variable "runner_sha256" {
  type        = string
  description = "SHA-256 of its archive for this system and architecture, as the release's notes have it."

  validation {
    condition     = var.runner_sha256 != "" && regex_replace(var.runner_sha256, "^[0-9a-f]{64}$", "") == ""
    error_message = "The runner_sha256 must be 64 hexadecimal digits."
  }
}

variable "agent_jars" {
  type        = string
  description = "Folder with the runner agent's jars (docs/aws.md says how to fill it)."
}

variable "disk_gib" {
  type        = number
  default     = 30
  description = "Smallest disk of a machine of this image."
}

variable "packages" {
  type        = list(string)
  default     = []
  description = "Debian packages that jobs need beside git, curl, jq, zip and unzip."
}

locals {
  built = formatdate("YYYY-MM-DD'T'hh:mm:ss'Z'", timestamp())
  name  = "muster-runner-linux-${var.arch}-${formatdate("YYYYMMDDhhmmss", timestamp())}"
  tags = {
    Name                    = local.name
    "muster:image"          = "runner-linux"
    "muster:arch"           = var.arch
    "muster:runner-version" = var.runner_version
    "muster:built"          = local.built
    "muster:revision"       = var.git_revision
  }
}

source "amazon-ebs" "runner" {
  region        = var.region
  ami_regions   = var.copy_to
  subnet_id     = var.subnet_id
  instance_type = var.arch == "arm64" ? "m7g.large" : "m7i.large"
  ssh_username  = "ubuntu"

  source_ami_filter {
    most_recent = true
    owners      = ["099720109477"] # Canonical
    filters = {
      name                = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${var.arch}-server-*"
      root-device-type    = "ebs"
      virtualization-type = "hvm"
    }
  }

  ami_name        = local.name
  ami_description = "Muster runner, Ubuntu 24.04 ${var.arch}, GitHub runner ${var.runner_version}"
  ena_support     = true
  encrypt_boot    = true
  kms_key_id      = var.kms_key_id
  tags            = local.tags
  snapshot_tags   = local.tags
  run_tags        = { Name = "making ${local.name}" }
  run_volume_tags = { Name = "making ${local.name}" }

  launch_block_device_mappings {
    device_name           = "/dev/sda1"
    volume_size           = var.disk_gib
    volume_type           = "gp3"
    iops                  = 3000
    throughput            = 125
    delete_on_termination = true
  }
}

build {
  sources = ["source.amazon-ebs.runner"]

  provisioner "shell" {
    inline = ["mkdir -p /tmp/muster/jars"]
  }

  provisioner "file" {
    source      = "${path.root}/../ami/linux/"
    destination = "/tmp/muster"
  }

  provisioner "file" {
    source      = "${var.agent_jars}/"
    destination = "/tmp/muster/jars"
  }

  provisioner "shell" {
    execute_command = "chmod +x {{ .Path }}; sudo env {{ .Vars }} {{ .Path }}"
    environment_vars = [
      "RUNNER_VERSION=${var.runner_version}",
      "RUNNER_SHA256=${var.runner_sha256}",
      "AGENT_JARS=/tmp/muster/jars",
      "PACKAGES=${join(" ", var.packages)}",
      "BUILD_DATE=${local.built}",
      "GIT_REVISION=${var.git_revision}",
    ]
    inline = ["/tmp/muster/install-runner"]
  }

  # The agent in the image, and what keeps jobs from it: an image that fails here is not kept.
  provisioner "shell" {
    execute_command = "chmod +x {{ .Path }}; sudo {{ .Path }}"
    inline          = ["/tmp/muster/validate-runner"]
  }

  provisioner "shell" {
    execute_command = "chmod +x {{ .Path }}; sudo {{ .Path }}"
    inline          = ["/tmp/muster/clean"]
  }

  post-processor "manifest" {
    output = "muster-images.json"
    custom_data = {
      image    = local.name
      runner   = var.runner_version
      revision = var.git_revision
    }
  }
}
