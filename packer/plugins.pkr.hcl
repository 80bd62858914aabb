# For Packer 1.7 and newer, which fetches plugins (packer init packer/plugins.pkr.hcl). A file of its
# own, as Debian's 1.6 has amazon-ebs built in and refuses this block: templates are built one file
# at a time.
packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.3.0"
    }
  }
}
