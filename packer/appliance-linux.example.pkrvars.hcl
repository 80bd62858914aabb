# Copy to appliance-linux.pkrvars.hcl and fill in; docs/aws.md says from where.
region         = "eu-west-1"
copy_to        = []
git_revision   = "0000000"
muster_version = "0.1.0"
deb            = "src/pom.xml" # the package: src/target/muster_VERSION_amd64.deb
