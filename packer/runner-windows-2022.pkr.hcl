# architectures: amd64
#
# A runner on Windows Server 2022. Not built yet, as no AWS account was at hand.

variable "arch" {
  type        = string
  default     = "amd64"
  description = "Architecture: Windows Server has amd64 alone."

  validation {
    condition     = var.arch == "amd64"
    error_message = "The arch must be amd64: there is no Windows Server for another one."
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
  default     = 60
  description = "Smallest disk of a machine of this image."
}

variable "jre_url" {
  type        = string
  description = "A Java 25 runtime for Windows as zip, https."

  validation {
    condition     = var.jre_url != "" && regex_replace(var.jre_url, "^https://.+[.]zip$", "") == ""
    error_message = "The jre_url must be https and end in .zip."
  }
}

variable "jre_sha256" {
  type        = string
  description = "SHA-256 of that archive."

  validation {
    condition     = var.jre_sha256 != "" && regex_replace(var.jre_sha256, "^[0-9a-f]{64}$", "") == ""
    error_message = "The jre_sha256 must be 64 hexadecimal digits."
  }
}

locals {
  built = formatdate("YYYY-MM-DD'T'hh:mm:ss'Z'", timestamp())
  name  = "muster-runner-windows-2022-${var.arch}-${formatdate("YYYYMMDDhhmmss", timestamp())}"
  tags = {
    Name                    = local.name
    "muster:image"          = "runner-windows-2022"
    "muster:arch"           = var.arch
    "muster:runner-version" = var.runner_version
    "muster:built"          = local.built
    "muster:revision"       = var.git_revision
  }
}

source "amazon-ebs" "runner" {
  region         = var.region
  ami_regions    = var.copy_to
  subnet_id      = var.subnet_id
  instance_type  = "m7i.xlarge"
  communicator   = "winrm"
  winrm_username = "Administrator"
  winrm_use_ssl  = true
  winrm_insecure = true # the certificate is the machine's own, minutes old
  winrm_timeout  = "20m"
  user_data_file = "${path.root}/../ami/windows/open-packer.userdata"
  # The last script shuts the machine down when sysprep is through.
  disable_stop_instance = true

  source_ami_filter {
    most_recent = true
    owners      = ["801119661308"] # Amazon
    filters = {
      name                = "Windows_Server-2022-English-Full-Base-*"
      root-device-type    = "ebs"
      virtualization-type = "hvm"
    }
  }

  ami_name        = local.name
  ami_description = "Muster runner, Windows Server 2022, GitHub runner ${var.runner_version}"
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

  provisioner "powershell" {
    inline = ["New-Item -ItemType Directory -Force -Path C:\\Muster-Upload\\agent | Out-Null"]
  }

  provisioner "file" {
    source      = "${path.root}/../ami/windows/Start-Muster.ps1"
    destination = "C:\\Muster-Upload\\Start-Muster.ps1"
  }

  provisioner "file" {
    source      = "${var.agent_jars}/"
    destination = "C:\\Muster-Upload\\agent"
  }

  provisioner "powershell" {
    environment_vars = [
      "RUNNER_VERSION=${var.runner_version}",
      "RUNNER_SHA256=${var.runner_sha256}",
      "JRE_URL=${var.jre_url}",
      "JRE_SHA256=${var.jre_sha256}",
      "BUILD_DATE=${local.built}",
      "GIT_REVISION=${var.git_revision}",
    ]
    script = "${path.root}/../ami/windows/Install-Runner.ps1"
  }

  provisioner "powershell" {
    script = "${path.root}/../ami/windows/Test-Runner.ps1"
  }

  provisioner "powershell" {
    script           = "${path.root}/../ami/windows/Complete-Image.ps1"
    valid_exit_codes = [0, 2300218] # the connection ends with the machine
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
