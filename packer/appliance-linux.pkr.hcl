# architectures: amd64
#
# The appliance on Debian 12: Muster's package, its unit enabled, and what looks after its data
# volume. ami/cloudformation/appliance.yaml launches it.

variable "arch" {
  type        = string
  default     = "amd64"
  description = "Architecture: that of the package, which is amd64."

  validation {
    condition     = var.arch == "amd64"
    error_message = "The arch must be amd64: the package holds a runtime for it."
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

variable "deb" {
  type        = string
  description = "Muster's package: src/target/muster_*.deb, made by mvn -Pdeb package."
}

variable "muster_version" {
  type        = string
  description = "The package's version, for the image's tags."
}

locals {
  built = formatdate("YYYY-MM-DD'T'hh:mm:ss'Z'", timestamp())
  name  = "muster-appliance-${var.arch}-${formatdate("YYYYMMDDhhmmss", timestamp())}"
  tags = {
    Name              = local.name
    "muster:image"    = "appliance"
    "muster:arch"     = var.arch
    "muster:version"  = var.muster_version
    "muster:built"    = local.built
    "muster:revision" = var.git_revision
  }
}

source "amazon-ebs" "appliance" {
  region        = var.region
  ami_regions   = var.copy_to
  subnet_id     = var.subnet_id
  instance_type = "t3.medium"
  ssh_username  = "admin"

  source_ami_filter {
    most_recent = true
    owners      = ["136693071363"] # Debian
    filters = {
      name                = "debian-12-${var.arch}-*"
      root-device-type    = "ebs"
      virtualization-type = "hvm"
    }
  }

  ami_name        = local.name
  ami_description = "Muster appliance ${var.muster_version}, Debian 12 ${var.arch}"
  ena_support     = true
  encrypt_boot    = true
  kms_key_id      = var.kms_key_id
  tags            = local.tags
  snapshot_tags   = local.tags
  run_tags        = { Name = "making ${local.name}" }
  run_volume_tags = { Name = "making ${local.name}" }

  launch_block_device_mappings {
    device_name           = "/dev/xvda"
    volume_size           = 10
    volume_type           = "gp3"
    iops                  = 3000
    throughput            = 125
    delete_on_termination = true
  }
}

build {
  sources = ["source.amazon-ebs.appliance"]

  provisioner "shell" {
    inline = ["mkdir -p /tmp/muster"]
  }

  provisioner "file" {
    source      = "${path.root}/../ami/linux/"
    destination = "/tmp/muster"
  }

  provisioner "file" {
    source      = var.deb
    destination = "/tmp/muster/muster.deb"
  }

  provisioner "shell" {
    execute_command = "chmod +x {{ .Path }}; sudo env {{ .Vars }} {{ .Path }}"
    environment_vars = [
      "DEB=/tmp/muster/muster.deb",
      "BUILD_DATE=${local.built}",
      "GIT_REVISION=${var.git_revision}",
    ]
    inline = ["/tmp/muster/install-appliance"]
  }

  # The main job, in the image: one that fails here is not kept.
  provisioner "shell" {
    execute_command = "chmod +x {{ .Path }}; sudo {{ .Path }}"
    inline          = ["/tmp/muster/validate-appliance"]
  }

  provisioner "shell" {
    execute_command = "chmod +x {{ .Path }}; sudo {{ .Path }}"
    inline          = ["/tmp/muster/clean"]
  }

  post-processor "manifest" {
    output = "muster-images.json"
    custom_data = {
      image    = local.name
      version  = var.muster_version
      revision = var.git_revision
    }
  }
}
