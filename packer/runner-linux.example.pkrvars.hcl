# Copy to runner-linux.pkrvars.hcl and fill in; docs/aws.md says from where.
region         = "eu-west-1"
copy_to        = []
git_revision   = "0000000"
runner_version = "2.330.0"
runner_sha256  = "0000000000000000000000000000000000000000000000000000000000000000" # of actions-runner-linux-ARCH-VERSION.tar.gz
agent_jars     = "agent/linux/target"                                               # a folder that holds its jars alone
packages       = ["build-essential"]
